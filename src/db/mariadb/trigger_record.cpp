// SPDX-License-Identifier: MIT
#include "db/mariadb/trigger_record.h"

#include <algorithm>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/introspect_parts.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::string_view kRecord = "dbfixture_triggers", kUnfinished = "dbfixture_triggers_new";
constexpr std::string_view kMark = "dbfixture: triggers that are taken away for a while; ";

// All that a client sees of a trigger. CONCAT_WS leaves NULL out.
constexpr std::string_view kFacts =
    "SHA2(CONCAT_WS(',', HEX(trigger_name), HEX(event_manipulation), HEX(event_object_table), action_order, "
    "HEX(action_statement), HEX(action_timing), HEX(created), HEX(sql_mode), HEX(definer), HEX(character_set_client), "
    "HEX(collation_connection), HEX(database_collation)), 256)";

std::string list_of(const std::vector<std::string>& values) {
    std::string out;
    for (const std::string& value : values)
        append(out, cat(out.empty() ? "" : ", ", text_literal(value)));
    return out;
}

// "app@%" as the server shows it; the host has no @.
std::string quoted_account(std::string_view shown) {
    const std::size_t at = shown.rfind('@');
    if (at == std::string_view::npos || at + 1 == shown.size()) return quote_identifier(shown.substr(0, at));
    return cat(quote_identifier(shown.substr(0, at)), "@", quote_identifier(shown.substr(at + 1)));
}

Error cannot_take_away(const std::string& name, const std::string& why) {
    return Error(ErrorKind::kRefused, cat("cannot drop trigger ", quote(name), " for the while"))
        .with_detail(cat(why, " Nothing was changed."));
}

RecordedTrigger read_definition(Session& session, RecordedTrigger out) {
    try {
        const Result found = session.run(cat("SHOW CREATE TRIGGER ", quote_identifier(out.name)));
        out.sql_mode = found.string(0, 1);
        out.definition = found.string(0, 2);
        out.client = found.string(0, 3);
        out.collation = found.string(0, 4);
        return out;
    } catch (const ServerError& error) {
        throw cannot_take_away(out.name, cat("Its definition cannot be read: ", error.words, "."))
            .with_hint("have TRIGGER granted on the database, or connect as a user that has it");
    }
}

// Whether there is such a table. Throws kRefused for one without our mark.
bool has_table(Session& session, std::string_view name) {
    const Result found =
        session.run(cat("SELECT table_comment FROM information_schema.tables WHERE table_name = ", text_literal(name),
                        " AND ", of_this_database(session, "table_schema")));
    if (found.rows() == 0) return false;
    if (found.text(0, 0).starts_with(kMark)) return true;
    throw Error(ErrorKind::kRefused, cat("cannot write down triggers: a table ", quote(name), " is there"))
        .with_detail("It is not this program's.")
        .with_hint("rename it");
}

// What the server asks for to create a trigger for somebody else is the same for every table.
void try_definers(Session& session, const TriggerRecord& record) {
    std::set<std::string> tried;
    for (const RecordedTrigger& trigger : record.triggers) {
        if (!tried.insert(trigger.definer).second) continue;
        const std::string name = quote_identifier(cat(kGuardStart, record.mark, "_0"));
        try {
            session.run(cat("CREATE DEFINER = ", trigger.definer, " TRIGGER ", name, " BEFORE INSERT ON ",
                            quote_identifier(kUnfinished), " FOR EACH ROW SET @dbfixture_at_work = NULL"));
            session.run(cat("DROP TRIGGER ", name));
        } catch (const ServerError& error) {
            if (error.kind == ErrorKind::kBusy) throw;
            throw cannot_take_away(trigger.name, cat("This user could not create it again with its definer, ",
                                                     trigger.definer, ": ", error.words, "."))
                .with_hint(
                    "connect as its definer or as a user that may create triggers for others (SET USER; with "
                    "the binary log on, SUPER or log_bin_trust_function_creators)");
        }
    }
}

void insert(Session& session, int number, const RecordedTrigger& trigger, const std::string& mark) {
    std::string values = cat(number);
    for (const std::string* const text :
         {&trigger.name, &trigger.table, &trigger.event, &trigger.timing, &trigger.definition, &trigger.sql_mode,
          &trigger.client, &trigger.collation, &trigger.definer, &trigger.created, &trigger.facts, &mark}) {
        const std::string literal = text_literal(*text);
        append(values, cat(", ", literal.starts_with("_utf8mb4 ") ? literal.substr(9) : literal));
    }
    session.run(cat("INSERT INTO ", quote_identifier(kUnfinished), " VALUES (", values, ")"));
}

void create_unfinished(Session& session) {
    std::string columns;
    for (const std::string_view column : {"name", "of_table", "event", "timing", "definition", "sql_mode", "client",
                                          "collation", "definer", "created", "facts", "mark"})
        append(columns, cat(", ", quote_identifier(column), " LONGBLOB NOT NULL"));
    try {
        session.run(cat("CREATE TABLE ", quote_identifier(kUnfinished), " (number INT PRIMARY KEY", columns,
                        ") ENGINE = InnoDB COMMENT = ", "'", kMark, "the next command that writes puts them back'"));
    } catch (const ServerError& error) {
        if (error.number != kTableAccessDenied && error.number != kAccessDeniedToDatabase) throw;
        throw Error(ErrorKind::kRefused,
                    "cannot write down triggers before dropping them: this user may not create tables")
            .with_detail(cat(error.words, ". Nothing was changed."))
            .with_hint("have CREATE, ALTER, INSERT and DROP granted, or connect as a user that has them");
    }
}

}  // namespace

std::vector<RecordedTrigger> read_triggers_of(Session& session, const TriggerChoice& choice) {
    const std::string tables =
        choice.tables.empty() ? "" : cat(" AND CAST(event_object_table AS BINARY) IN (", list_of(choice.tables), ")");
    const std::string events =
        choice.events.empty() ? "" : cat(" AND event_manipulation IN (", list_of(choice.events), ")");
    const Result found = session.run(
        cat("SELECT trigger_name, event_object_table, event_manipulation, action_timing, definer, ",
            "UNIX_TIMESTAMP(created), ", kFacts, ", database_collation, (SELECT default_collation_name FROM ",
            "information_schema.schemata WHERE schema_name = DATABASE()) FROM information_schema.triggers WHERE ",
            of_this_database(session, "event_object_schema"), " AND ", not_a_guard(), tables, events,
            " ORDER BY CAST(event_object_table AS BINARY), event_manipulation, action_timing, action_order"));
    std::vector<RecordedTrigger> out;
    for (int row = 0; row < found.rows(); ++row) {
        RecordedTrigger trigger;
        trigger.name = found.string(row, 0);
        trigger.table = found.string(row, 1);
        trigger.event = found.string(row, 2);
        trigger.timing = found.string(row, 3);
        trigger.definer = quoted_account(found.text(row, 4));
        trigger.created = found.string(row, 5);
        trigger.facts = found.string(row, 6);
        if (found.text(row, 7) != found.text(row, 8)) {
            throw cannot_take_away(
                trigger.name, cat("It was made when the database's collation was ", found.text(row, 7), ", which is ",
                                  found.text(row, 8), " now: it would not be the same again."));
        }
        out.push_back(read_definition(session, std::move(trigger)));
    }
    return out;
}

// By whole names: the server then looks at nothing else.
bool has_record(Session& session) {
    std::string sql;
    for (const std::string_view name : {kRecord, kUnfinished}) {
        append(sql, cat(sql.empty() ? "" : " UNION ALL ", "SELECT table_comment FROM information_schema.tables WHERE ",
                        of_this_database(session, "table_schema"), " AND table_name = ", text_literal(name)));
    }
    const Result found = session.run(sql);
    for (int row = 0; row < found.rows(); ++row) {
        if (found.text(row, 0).starts_with(kMark)) return true;
    }
    return false;
}

std::optional<TriggerRecord> read_record(Session& session) {
    if (!has_table(session, kRecord)) return std::nullopt;
    const Result found = session.run(cat("SELECT * FROM ", quote_identifier(kRecord), " ORDER BY number"));
    TriggerRecord record;
    for (int row = 0; row < found.rows(); ++row) {
        const auto text = [&](int column) { return found.string(row, column); };
        record.triggers.push_back(
            {text(1), text(2), text(3), text(4), text(5), text(6), text(7), text(8), text(9), text(10), text(11)});
        record.mark = text(12);
    }
    return record;
}

void write_record(Session& session, const TriggerRecord& record) {
    if (has_table(session, kUnfinished)) session.run(cat("DROP TABLE ", quote_identifier(kUnfinished)));
    create_unfinished(session);
    try {
        try_definers(session, record);
        int number = 0;
        for (const RecordedTrigger& trigger : record.triggers)
            insert(session, ++number, trigger, record.mark);
        session.run(cat("RENAME TABLE ", quote_identifier(kUnfinished), " TO ", quote_identifier(kRecord)));
    } catch (...) {
        try {
            session.run(cat("DROP TABLE IF EXISTS ", quote_identifier(kUnfinished)));
        } catch (const Error&) {  // the next command finds it
        }
        throw;
    }
}

void drop_record(Session& session) {
    for (const std::string_view name : {kRecord, kUnfinished}) {
        if (has_table(session, name)) session.run(cat("DROP TABLE ", quote_identifier(name)));
    }
}

std::string not_a_record() {
    return cat("NOT (table_name IN ('", kRecord, "', '", kUnfinished, "') AND LEFT(table_comment, ", kMark.size(),
               ") = '", kMark, "')");
}

std::string not_a_guard() {
    return cat("NOT (LEFT(trigger_name, ", kGuardStart.size(), ") = '", kGuardStart,
               "' AND action_statement LIKE '%@dbfixture_at_work%')");
}

}  // namespace dbfixture::mariadb
