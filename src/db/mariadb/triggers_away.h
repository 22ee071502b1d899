// SPDX-License-Identifier: MIT
// Triggers taken away for a while, and put back as they were. The server cannot silence them, and to drop one ends a
// transaction:
//
//  1. All are written down first (trigger_record.h), and what could not be created again is refused, with nothing
//  changed.
//  2. Before one is dropped its table gets a guard for the event: a trigger that refuses every session's rows but those
//     of the session at work. So nobody writes rows for which triggers should have fired: others fail, and know why.
//  3. They are dropped from the last on, and created from the first on: of those of one table, event and time the first
//     ones are always there, so the order comes back by itself. Guards go last, then the record.
//  4. Whoever is killed leaves the record. The next command that writes to the database creates what is missing and
//     removes the guards (put_back_left()); a lock by name says whether somebody is still at it.
//  5. They are created by a session of their own, with each one's own mode, character set and time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "db/mariadb/session.h"
#include "db/mariadb/trigger_record.h"

namespace dbfixture::mariadb {

class TriggersAway {
  public:
    // `work` is in no transaction, and is the one that may write to the tables from now on. Throws kRefused, kBusy,
    // with all triggers there.
    TriggersAway(Session& work, const TriggerChoice& choice);
    TriggersAway(const TriggersAway&) = delete;
    TriggersAway& operator=(const TriggersAway&) = delete;
    // Puts them back; what goes wrong is left to the next command.
    ~TriggersAway();

    // The work is done. No signal interrupts it. Throws kBusy, kFailure, which say that: the record stays then.
    void put_back();

  private:
    void take_away();
    void create_again();

    Session& work_;
    std::unique_ptr<Session> definer_;
    TriggerRecord record_;
    bool away_ = false;
};

// Puts back what a killed process had taken away; what was done, as sentences without a full stop. Throws kBusy while
// somebody is at it.
std::vector<std::string> put_back_left(Session& session);

// The same told only, for who may not write: what is away and nobody is at it; "" if nothing is.
std::string tell_what_is_away(Session& session);

}  // namespace dbfixture::mariadb
