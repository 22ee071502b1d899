// SPDX-License-Identifier: MIT
#include "db/postgres/kept_session.h"

#include "base/error.h"

namespace dbfixture::postgres {
namespace {

struct Kept final : KeptByEngine {
    std::shared_ptr<Session> idle;
    std::weak_ptr<Session> lent;
};

Kept* kept_of(const Location& location) {
    return static_cast<Kept*>(location.kept.get());
}

// Of the very database: a location that was made from another may have its `kept`.
bool is_usable(const std::shared_ptr<Session>& session, const Location& location) {
    return session != nullptr && session->location().address == location.address && !session->in_transaction() &&
           session->is_alive();
}

}  // namespace

std::shared_ptr<KeptByEngine> make_kept_session() {
    return std::make_shared<Kept>();
}

std::shared_ptr<Session> borrow_session(const Location& location, const SessionOptions& options) {
    Kept* const kept = kept_of(location);
    if (kept == nullptr) return std::make_shared<Session>(location, options);
    if (auto lent = kept->lent.lock(); is_usable(lent, location)) return lent;
    if (!is_usable(kept->idle, location)) kept->idle = std::make_shared<Session>(location, options);
    return kept->idle;
}

std::shared_ptr<Session> take_session(const Location& location, const SessionOptions& options, bool lend) {
    Kept* const kept = kept_of(location);
    std::shared_ptr<Session> out;
    if (kept != nullptr) out = std::move(kept->idle);
    if (is_usable(out, location)) {
        out->become(options);
    } else {
        out = std::make_shared<Session>(location, options);
    }
    if (kept != nullptr && lend) kept->lent = out;
    return out;
}

void end_kept_session(const Location& location) noexcept {
    if (Kept* const kept = kept_of(location); kept != nullptr) kept->idle.reset();
}

}  // namespace dbfixture::postgres
