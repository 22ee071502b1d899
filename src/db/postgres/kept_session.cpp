// SPDX-License-Identifier: MIT
#include "db/postgres/kept_session.h"

#include <exception>
#include <string>
#include <utility>

#include "base/error.h"

namespace dbfixture::postgres {
namespace {

struct Kept final : KeptByEngine {
    std::unique_ptr<Session> idle;
    std::string settings;  // that the idle one began with; "" if that is not asked
    std::weak_ptr<Session> lent;
};

std::shared_ptr<Kept> kept_of(const Location& location) {
    return std::static_pointer_cast<Kept>(location.kept);
}

// Of the very database: a location that was made from another may have its `kept`.
bool is_usable(Session* session, const Location& location) {
    return session != nullptr && session->location().address == location.address && !session->in_transaction() &&
           session->is_alive();
}

// Rule 2.
std::string settings_of(Session& session) {
    return session
        .run(
            "SELECT coalesce(pg_catalog.string_agg(pg_catalog.concat_ws(' ', s.setdatabase, s.setrole, s.setconfig), "
            "' ' ORDER BY s.setdatabase, s.setrole), '-') FROM pg_catalog.pg_db_role_setting s")
        .string(0, 0);
}

struct Taken {
    std::unique_ptr<Session> session;
    std::string settings;
};

Taken take_idle(Kept& kept, const Location& location, const SessionOptions& options) {
    Taken out{std::move(kept.idle), std::move(kept.settings)};
    if (!is_usable(out.session.get(), location)) return {};
    try {
        out.session->become(options);
        if (kept.between_commands && settings_of(*out.session) != out.settings) return {};
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kInterrupted || out.session->is_alive()) throw;
        return {};
    }
    return out;
}

Taken take(const std::shared_ptr<Kept>& kept, const Location& location, const SessionOptions& options) {
    Taken out;
    if (kept != nullptr) out = take_idle(*kept, location, options);
    if (out.session != nullptr) return out;
    out.session = std::make_unique<Session>(location, options);
    if (kept != nullptr && kept->between_commands) out.settings = settings_of(*out.session);
    return out;
}

// Rule 1.
void give_back(Taken taken, Kept& kept) noexcept {
    try {
        if (kept.idle != nullptr || taken.session->in_transaction() || !taken.session->is_alive()) return;
        if (kept.between_commands) taken.session->forget();
        kept.settings = std::move(taken.settings);
        kept.idle = std::move(taken.session);
    } catch (const std::exception&) {
        // It ends.
    }
}

// Gives it back when nobody has it any more.
std::shared_ptr<Session> share(Taken taken, const std::shared_ptr<Kept>& kept) {
    Session* const session = taken.session.release();
    return {session, [settings = std::move(taken.settings), weak = std::weak_ptr(kept)](Session* ended) noexcept {
                Taken back{std::unique_ptr<Session>(ended), settings};
                if (const auto to = weak.lock()) give_back(std::move(back), *to);
            }};
}

}  // namespace

std::shared_ptr<KeptByEngine> make_kept_session() {
    return std::make_shared<Kept>();
}

std::shared_ptr<Session> borrow_session(const Location& location, const SessionOptions& options) {
    const auto kept = kept_of(location);
    if (kept == nullptr) return std::make_shared<Session>(location, options);
    if (auto lent = kept->lent.lock(); is_usable(lent.get(), location)) return lent;
    return share(take(kept, location, options), kept);
}

std::shared_ptr<Session> take_session(const Location& location, const SessionOptions& options, bool lend) {
    const auto kept = kept_of(location);
    Taken taken = take(kept, location, options);
    std::shared_ptr<Session> out = kept != nullptr && kept->between_commands
                                       ? share(std::move(taken), kept)
                                       : std::shared_ptr<Session>(std::move(taken.session));
    if (kept != nullptr && lend) kept->lent = out;
    return out;
}

void end_kept_session(const Location& location) noexcept {
    if (const auto kept = kept_of(location)) kept->idle.reset();
}

}  // namespace dbfixture::postgres
