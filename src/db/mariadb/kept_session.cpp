// SPDX-License-Identifier: MIT
#include "db/mariadb/kept_session.h"

#include <utility>

namespace dbfixture::mariadb {
namespace {

struct Kept final : KeptByEngine {
    std::unique_ptr<Session> idle;
};

Kept* kept_of(const Location& location) {
    return static_cast<Kept*>(location.kept.get());
}

// A location that was made from another may have its `kept`.
bool is_usable(const Session& session, const Location& location, const SessionOptions& options) {
    return session.location().address == location.address && session.options().read_only == options.read_only &&
           session.options().busy_timeout_ms == options.busy_timeout_ms && session.is_alive();
}

}  // namespace

std::shared_ptr<KeptByEngine> make_kept_session() {
    return std::make_shared<Kept>();
}

std::unique_ptr<Session> take_session(const Location& location, const SessionOptions& options) {
    Kept* const kept = kept_of(location);
    std::unique_ptr<Session> left = kept == nullptr ? nullptr : std::exchange(kept->idle, nullptr);
    if (left != nullptr && is_usable(*left, location, options)) return left;
    return std::make_unique<Session>(location, options);
}

void leave_session(const Location& location, std::unique_ptr<Session> session) noexcept {
    Kept* const kept = kept_of(location);
    if (kept != nullptr && !kept->between_commands) kept->idle = std::move(session);
}

}  // namespace dbfixture::mariadb
