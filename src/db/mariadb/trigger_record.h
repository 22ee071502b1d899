// SPDX-License-Identifier: MIT
// What is written down of triggers before they are taken away (triggers_away.h): a table of the database itself, so
// that whoever works with the database next finds it, from whichever machine.
//
//     dbfixture_triggers      the record, whole: what it lists may be gone. Its comment is our mark.
//     dbfixture_triggers_new  one that is being written: nothing is gone yet
//
// A table becomes the one from the other by RENAME, which the server makes durable with all that was written before.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

struct RecordedTrigger {
    std::string name, table, event, timing;  // event: "INSERT"
    std::string definition;                  // as it was typed: bytes in the character set `client`
    std::string sql_mode, client, collation;
    std::string definer;  // quoted
    std::string created;  // seconds since 1970, with a fraction; "" where the server does not know
    std::string facts;    // a digest of all that information_schema.TRIGGERS says of it
};

struct TriggerRecord {
    std::string mark;                       // the word that the guards ask for (triggers_away.h)
    std::vector<RecordedTrigger> triggers;  // in the order in which they are to be created
};

// Those of these tables for these events, or of all tables and events where none is named, in the order in which they
// are to be created. `session` has no character set for results. Throws kRefused for one that could not be created
// again as it is.
struct TriggerChoice {
    std::vector<std::string> tables{};
    std::vector<std::string> events{};
};
std::vector<RecordedTrigger> read_triggers_of(Session& session, const TriggerChoice& choice);

// Whether there is one, whole or not.
bool has_record(Session& session);
// Nothing where none is there. Throws kRefused where a table of that name is not ours.
std::optional<TriggerRecord> read_record(Session& session);
// Writes it down, durably. Throws kRefused where this user could not create the triggers again, or may not write the
// record: nothing is left then.
void write_record(Session& session, const TriggerRecord& record);
// Both tables, where they are there and ours.
void drop_record(Session& session);

// Records and guards are no part of what the schema defines: conditions for information_schema.TABLES and TRIGGERS.
std::string not_a_record();
std::string not_a_guard();
// Their names begin so.
inline constexpr std::string_view kGuardStart = "dbfixture_guard_";

}  // namespace dbfixture::mariadb
