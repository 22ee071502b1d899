// SPDX-License-Identifier: MIT
// The connections that the functions of a States share: made when they are first needed, made again when they were
// lost. Foreign keys are not enforced in them: what is put back was so.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "db/location.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

class SavedSession {
  public:
    SavedSession(const Location& location, int busy_timeout_ms) : location_(location), busy_(busy_timeout_ms) {}

    // Alive, and in no transaction. Throws as Session does, and where it is at another node of a cluster than the
    // second.
    Session& get();
    // The same, a second one: it defines what the first one's transaction fills.
    Session& second();
    // The first one, or the second while in_locking_transaction() has that.
    Session& free();
    // Whether there is such a database.
    bool exists();

    const Location& location() const { return location_; }
    int busy_timeout_ms() const { return busy_; }
    // What tells the server from others, and the name of the database.
    const std::string& system();
    const std::string& database();

  private:
    friend class LockingTransaction;
    Session& alive(std::unique_ptr<Session>& session, const Session* other);

    Location location_;
    int busy_;
    std::unique_ptr<Session> first_{}, second_{};
    bool in_transaction_ = false;  // the first one
    bool may_be_in_one_ = false;   // the same, as it could not be rolled back
    std::string system_{};
};

// The same server's database of another name; shown as the first.
Location sibling_of(const Location& location, const std::string& database);

// Calls `work` in a transaction: what it reads by statements that lock stays so until the end, and is one view with all
// else that it reads so. It is called again, a bounded number of times, after a deadlock, and once
// after a lock that it did not get in the busy timeout. Throws kBusy with those who
// have open transactions.
void in_locking_transaction(SavedSession& saved, const std::function<void(Session&)>& work);

}  // namespace dbfixture::mariadb
