// SPDX-License-Identifier: MIT
#include "db/postgres/saved_session.h"

#include "base/cat.h"
#include "base/error.h"
#include "db/postgres/kept_session.h"

namespace dbfixture::postgres {

Session& SavedSession::get() {
    if (session_ != nullptr && session_->is_alive()) {
        try {
            if (session_->in_transaction()) session_->run("ROLLBACK");
            return *session_;
        } catch (const Error& error) {
            if (error.kind == ErrorKind::kInterrupted) throw;
        }
    }
    session_.reset();
    system_.clear();
    session_ = take_session(location_, SessionOptions{.read_only = false, .busy_timeout_ms = busy_}, true);
    return *session_;
}

void SavedSession::close() {
    session_.reset();
    end_kept_session(location_);
}

bool SavedSession::exists() {
    try {
        get();
        return true;
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kNotFound) return false;
        throw;
    }
}

void SavedSession::identify() {
    Session& session = get();
    if (!system_.empty()) return;
    constexpr auto kDatabase = "SELECT oid FROM pg_database WHERE datname = current_database()";
    try {
        const auto found = session.run_all(cat(kDatabase, "; SELECT system_identifier FROM pg_control_system()"));
        database_ = static_cast<Oid>(found[0].integer(0, 0));
        system_ = found[1].string(0, 0);
    } catch (const PgError&) {
        database_ = static_cast<Oid>(session.number(kDatabase).value_or(0));
        system_ = "unknown";  // what keeps states asks again, and says why it cannot
    }
}

const std::string& SavedSession::system() {
    identify();
    return system_;
}

Oid SavedSession::database() {
    identify();
    return database_;
}

}  // namespace dbfixture::postgres
