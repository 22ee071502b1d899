// SPDX-License-Identifier: MIT
#include "db/mariadb/saved_session.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/address.h"
#include "db/mariadb/kept_session.h"

namespace dbfixture::mariadb {
namespace {

// Of a transaction that met another one crosswise, and of one that waited for a lock as long as it may: what it holds
// meanwhile may be what the other one waits for.
constexpr int kTries = 5, kWaits = 2;

// "connection 12 of app@10.0.0.7"; "" where this user may not know.
std::string who_has_transactions(Session& session) {
    try {
        const Result found = session.run(
            "SELECT p.id, p.user, p.host FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON "
            "p.id = t.trx_mysql_thread_id WHERE p.id <> CONNECTION_ID() ORDER BY t.trx_started LIMIT 5");
        std::vector<std::string> out;
        for (int row = 0; row < found.rows(); ++row)
            out.push_back(cat("connection ", found.text(row, 0), " of ", found.text(row, 1), "@", found.text(row, 2)));
        std::string list;
        for (const std::string& one : out)
            append(list, cat(list.empty() ? "" : ", ", one));
        return list;
    } catch (const Error&) {
        return "";
    }
}

}  // namespace

// Rolls back unless it is committed. READ COMMITTED would let others' rows in between.
class LockingTransaction {
  public:
    explicit LockingTransaction(SavedSession& saved) : saved_(saved), session_(saved.get()) {
        session_.run_all(std::array<std::string, 2>{"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                                                    "START TRANSACTION READ WRITE"});
        saved_.in_transaction_ = true;
    }
    LockingTransaction(const LockingTransaction&) = delete;
    LockingTransaction& operator=(const LockingTransaction&) = delete;
    ~LockingTransaction() {
        saved_.in_transaction_ = false;
        if (done_) return;
        try {
            session_.run("ROLLBACK");
        } catch (const Error&) {
            saved_.may_be_in_one_ = true;
        }
    }
    Session& session() { return session_; }
    void commit() {
        session_.run("COMMIT");
        done_ = true;
    }

  private:
    SavedSession& saved_;
    Session& session_;
    bool done_ = false;
};

Session& SavedSession::alive(std::unique_ptr<Session>& session, const Session* other) {
    const bool roll_back = may_be_in_one_ && &session == &first_;
    if (session != nullptr && session->is_alive()) {
        if (!roll_back) return *session;
        try {
            session->run("ROLLBACK");
            may_be_in_one_ = false;
            return *session;
        } catch (const Error& error) {
            if (error.kind == ErrorKind::kInterrupted) throw;
        }
    }
    if (roll_back) may_be_in_one_ = false;
    session = take_session(location_, SessionOptions{.read_only = false, .busy_timeout_ms = busy_});
    if (other != nullptr && other->server().node != session->server().node) {
        session.reset();
        throw Error(ErrorKind::kFailure,
                    cat("connections to ", quote(location_.shown, 200), " end at different nodes of its cluster"))
            .with_hint("name one node in the address: what one of them locks and sees is not so on another");
    }
    session->run("SET SESSION foreign_key_checks = 0");
    return *session;
}

Session& SavedSession::get() {
    return alive(first_, second_.get());
}

Session& SavedSession::second() {
    return alive(second_, first_.get());
}

Session& SavedSession::free() {
    return in_transaction_ ? second() : get();
}

bool SavedSession::exists() {
    try {
        // A session stays when its database is dropped.
        return free().number("SELECT 1 FROM information_schema.schemata WHERE schema_name = DATABASE()").has_value();
    } catch (const Error& error) {
        if (error.kind != ErrorKind::kNotFound) throw;
        first_.reset();
        return false;
    }
}

const std::string& SavedSession::system() {
    if (!system_.empty()) return system_;
    Session& session = free();
    if (!session.server().cluster.empty()) {
        system_ = cat("cluster ", session.server().cluster);
        return system_;
    }
    try {
        system_ = session.run("SELECT @@server_uid").string(0, 0);
    } catch (const ServerError&) {
        system_ = session.run("SELECT CONCAT(@@hostname, ' ', @@port, ' ', @@datadir)").string(0, 0);
    }
    std::ranges::replace(system_, '\n', ' ');
    return system_;
}

const std::string& SavedSession::database() {
    return (first_ != nullptr ? *first_ : get()).server().database;
}

Location sibling_of(const Location& location, const std::string& database) {
    Location out = location;
    std::vector<AddressPart> parts = parts_of(location.address);
    std::erase_if(parts, [](const AddressPart& part) { return part.name == "dbname"; });
    parts.push_back({"dbname", database});
    out.address = address_of(parts);
    return out;
}

void in_locking_transaction(SavedSession& saved, const std::function<void(Session&)>& work) {
    int waited = 0;
    for (int tried = 1;; ++tried) {
        try {
            LockingTransaction transaction(saved);
            work(transaction.session());
            transaction.commit();
            return;
        } catch (const ServerError& error) {
            if (error.number == kDeadlock && tried < kTries) continue;
            if (error.number == kLockWaitTimeout && ++waited < kWaits) continue;
            if (error.kind != ErrorKind::kBusy) throw;
            Error busy = error;
            if (const std::string who = who_has_transactions(saved.second()); !who.empty())
                busy.detail = cat("Open transactions: ", who, ".");
            throw busy;
        }
    }
}

}  // namespace dbfixture::mariadb
