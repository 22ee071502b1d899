// SPDX-License-Identifier: MIT
#include "db/postgres/saved_session.h"

#include "base/error.h"

namespace dbfixture::postgres {

Session& SavedSession::get() {
    if (session_ != nullptr) {
        try {
            session_->run(session_->in_transaction() ? "ROLLBACK" : "SELECT 1");
            return *session_;
        } catch (const Error& error) {
            if (error.kind == ErrorKind::kInterrupted) throw;
        }
    }
    session_.reset();
    system_.clear();
    session_ = std::make_unique<Session>(
        location_, SessionOptions{.read_only = false, .busy_timeout_ms = busy_, .application = "dbfixture"});
    return *session_;
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
    database_ =
        static_cast<Oid>(session.number("SELECT oid FROM pg_database WHERE datname = current_database()").value_or(0));
    try {
        system_ = session.run("SELECT system_identifier FROM pg_control_system()").string(0, 0);
    } catch (const PgError&) {
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
