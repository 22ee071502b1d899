// SPDX-License-Identifier: MIT
#include "db/mariadb/triggers_away.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <random>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/mariadb/introspect_parts.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

std::string new_mark() {
    std::random_device random;
    std::array<char, 17> mark{};
    std::snprintf(mark.data(), mark.size(), "%08x%08x", random(), random());
    return mark.data();
}

// Of the database, for all that work on it with this program.
constexpr std::string_view kLock = "CONCAT('dbfixture_triggers_', LEFT(SHA2(DATABASE(), 256), 32))";

std::unique_ptr<Session> definer_beside(const Session& session) {
    auto out = session.another({.read_only = false, .busy_timeout_ms = session.options().busy_timeout_ms});
    // Definitions are the bytes that were typed, whatever their character set.
    out->run("SET SESSION character_set_results = NULL");
    return out;
}

std::string guard_name(const TriggerRecord& record, int number) {
    return quote_identifier(cat(kGuardStart, record.mark, "_", number));
}

// It looks at a row before all other triggers do.
std::string guard_statement(const TriggerRecord& record, const RecordedTrigger& first, int number,
                            const std::string& before) {
    return cat(
        "CREATE TRIGGER ", guard_name(record, number), " BEFORE ", first.event, " ON ", quote_identifier(first.table),
        " FOR EACH ROW ", before.empty() ? std::string() : cat("PRECEDES ", quote_identifier(before), " "),
        "IF NOT @dbfixture_at_work <=> '", record.mark,
        "' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'dbfixture has dropped the triggers of this table for "
        "the while, or was killed meanwhile: run it again'; END IF");
}

void create_guards(Session& definer, const TriggerRecord& record) {
    std::map<std::pair<std::string, std::string>, std::string> before;  // the first one that looks at a row before
    for (const RecordedTrigger& trigger : record.triggers) {
        std::string& first = before[{trigger.table, trigger.event}];
        if (first.empty() && trigger.timing == "BEFORE") first = trigger.name;
    }
    int number = 0;
    for (const auto& [of, first] : before) {
        const auto trigger = std::ranges::find_if(record.triggers, [&](const RecordedTrigger& one) {
            return one.table == of.first && one.event == of.second;
        });
        definer.run(guard_statement(record, *trigger, ++number, first));
    }
}

void drop_guards(Session& definer) {
    const Result found = definer.run(cat("SELECT trigger_name FROM information_schema.triggers WHERE ",
                                         of_this_database(definer, "event_object_schema"), " AND NOT ", not_a_guard()));
    for (int row = 0; row < found.rows(); ++row)
        definer.run(cat("DROP TRIGGER IF EXISTS ", quote_identifier(found.text(row, 0))));
}

// Of the database, by name: what is as it was recorded and what is otherwise.
std::map<std::string, bool> present(Session& definer, const TriggerRecord& record) {
    std::map<std::string, bool> out;
    for (const RecordedTrigger& now : read_triggers_of(definer, {})) {
        const auto was = std::ranges::find(record.triggers, now.name, &RecordedTrigger::name);
        if (was != record.triggers.end()) out[now.name] = now.definition == was->definition;
    }
    return out;
}

void create(Session& definer, const RecordedTrigger& trigger) {
    const bool knows_time = !trigger.created.empty();
    definer.run(cat("SET SESSION sql_mode = ", text_literal(trigger.sql_mode), ", character_set_client = ",
                    text_literal(trigger.client), ", collation_connection = ", text_literal(trigger.collation),
                    ", timestamp = ", knows_time ? trigger.created : "DEFAULT"));
    definer.run(trigger.definition);
}

// Puts the settings of the session's own back.
class OwnSettings {
  public:
    explicit OwnSettings(Session& definer) : definer_(definer), mode_(definer.run("SELECT @@sql_mode").string(0, 0)) {}
    OwnSettings(const OwnSettings&) = delete;
    OwnSettings& operator=(const OwnSettings&) = delete;
    ~OwnSettings() {
        try {
            definer_.run(
                cat("SET SESSION sql_mode = ", text_literal(mode_),
                    ", character_set_client = utf8mb4, collation_connection = utf8mb4_bin, timestamp = DEFAULT"));
        } catch (const Error&) {
            // The connection is lost with them.
        }
    }

  private:
    Session& definer_;
    std::string mode_;
};

bool has_table(Session& definer, const std::string& name) {
    return definer
        .number(cat("SELECT 1 FROM information_schema.tables WHERE table_name = ", text_literal(name), " AND ",
                    of_this_database(definer, "table_schema")))
        .has_value();
}

struct PutBack {
    std::vector<std::string> created, others;  // names; others: what is there under the name is another one
    std::vector<std::string> homeless;         // their table is gone
};

PutBack create_missing(Session& definer, const TriggerRecord& record) {
    PutBack out;
    const std::map<std::string, bool> there = present(definer, record);
    const OwnSettings own(definer);
    for (const RecordedTrigger& trigger : record.triggers) {
        const auto found = there.find(trigger.name);
        if (found != there.end()) {
            if (!found->second) out.others.push_back(trigger.name);
        } else if (!has_table(definer, trigger.table)) {
            out.homeless.push_back(trigger.name);
        } else {
            create(definer, trigger);
            out.created.push_back(trigger.name);
        }
    }
    return out;
}

void require_as_before(Session& definer, const TriggerRecord& record) {
    std::vector<std::string> differing;
    const std::vector<RecordedTrigger> now = read_triggers_of(definer, {});
    for (const RecordedTrigger& was : record.triggers) {
        const auto found = std::ranges::find(now, was.name, &RecordedTrigger::name);
        if (found == now.end() || found->facts != was.facts) differing.push_back(was.name);
    }
    if (differing.empty()) return;
    throw Error(ErrorKind::kFailure, cat("triggers are back, but not as they were: ", quote_list(differing)))
        .with_detail("Another session changed triggers of these tables meanwhile, or this server makes them otherwise.")
        .with_hint("compare them with where your schema comes from");
}

bool try_lock(Session& definer, int seconds) {
    return definer.number(cat("SELECT GET_LOCK(", kLock, ", ", seconds, ")")).value_or(0) == 1;
}

Error somebody_is_at_it(Session& definer) {
    const auto who = definer.number(cat("SELECT IS_USED_LOCK(", kLock, ")"));
    return Error(ErrorKind::kBusy, cat("another run has dropped the triggers of ", quote(definer.location().shown, 200),
                                       " for the while"))
        .with_detail(who ? cat("It is connection ", *who, ".") : std::string())
        .with_hint("run the command again when that is done");
}

// What of it waits for the readers of a table.
Error not_back(Error error, const TriggerRecord& record, std::string_view done) {
    std::vector<std::string> names;
    for (const RecordedTrigger& trigger : record.triggers)
        names.push_back(trigger.name);
    error.detail = cat(error.message, error.detail.empty() ? "" : ": ", error.detail, ". ", done,
                       "Until they are back, other programs cannot write to their tables.");
    error.message = cat("could not put triggers back: ", quote_list(names));
    error.tries = 1;  // what they were away for may be done
    error.hint = "the next command that writes to the database puts them back, for example resetsequences";
    return error;
}

void add_names(std::vector<std::string>& said, const std::vector<std::string>& names, std::string_view before,
               std::string_view behind) {
    if (!names.empty())
        said.push_back(cat(before, names.size() == 1 ? "trigger " : "triggers ", quote_list(names), behind));
}

}  // namespace

TriggersAway::TriggersAway(Session& work, const TriggerChoice& choice) : work_(work), definer_(definer_beside(work)) {
    if (!work.server().is_mariadb) {
        throw Error(ErrorKind::kUsage, "--drop-triggers is not supported for MySQL yet")
            .with_hint("drop the triggers by hand for the while, or let them fire with --triggers");
    }
    if (!try_lock(*definer_, definer_->busy_seconds())) throw somebody_is_at_it(*definer_);
    record_.triggers = read_triggers_of(*definer_, choice);
    if (record_.triggers.empty()) return;
    record_.mark = new_mark();
    write_record(*definer_, record_);
    away_ = true;
    try {
        take_away();
    } catch (const Error&) {
        try {
            create_again();
        } catch (const Error& error) {
            throw not_back(error, record_, "Nothing else was done. ");
        }
        throw;
    }
}

TriggersAway::~TriggersAway() {
    if (!away_) return;
    try {
        create_again();
        return;
    } catch (const Error&) {
        // Another connection may do it.
    }
    const HoldInterrupts hold;
    try {
        definer_.reset();
        definer_ = definer_beside(work_);
        if (!try_lock(*definer_, definer_->busy_seconds())) return;
        create_missing(*definer_, record_);
        drop_guards(*definer_);
        drop_record(*definer_);
    } catch (const Error&) {
        // The record stays.
    }
}

void TriggersAway::take_away() {
    create_guards(*definer_, record_);
    for (auto trigger = record_.triggers.rbegin(); trigger != record_.triggers.rend(); ++trigger)
        definer_->run(cat("DROP TRIGGER ", quote_identifier(trigger->name)));
    work_.run(cat("SET @dbfixture_at_work = '", record_.mark, "'"));
}

void TriggersAway::put_back() {
    if (!away_) return;
    try {
        create_again();
    } catch (const Error& error) {
        throw not_back(error, record_, "All else is done. ");
    }
    require_as_before(*definer_, record_);
}

void TriggersAway::create_again() {
    const HoldInterrupts hold;
    create_missing(*definer_, record_);
    drop_guards(*definer_);
    drop_record(*definer_);
    away_ = false;
    work_.run("SET @dbfixture_at_work = NULL");
    definer_->run(cat("DO RELEASE_LOCK(", kLock, ")"));
}

std::vector<std::string> put_back_left(Session& session) {
    std::vector<std::string> said;
    if (!has_record(session)) return said;
    const auto definer = definer_beside(session);
    if (!try_lock(*definer, definer->busy_seconds())) throw somebody_is_at_it(*definer);
    const auto record = read_record(*definer);
    const HoldInterrupts hold;
    if (record) {
        try {
            const PutBack done = create_missing(*definer, *record);
            drop_guards(*definer);
            add_names(said, done.created, "put back ", ", which a killed run had dropped for the while");
            add_names(said, done.others, "",
                      " was dropped for the while by a killed run, and is another one now: left as it is");
            add_names(said, done.homeless, "", " was dropped for the while by a killed run, and its table is gone");
        } catch (const Error& error) {
            throw not_back(error, *record, "");
        }
    }
    drop_record(*definer);
    return said;
}

std::string tell_what_is_away(Session& session) {
    if (!has_record(session) || session.number(cat("SELECT IS_USED_LOCK(", kLock, ")"))) return "";
    const auto record = read_record(session);
    if (!record) return "";
    std::vector<std::string> said, names;
    for (const RecordedTrigger& trigger : record->triggers)
        names.push_back(trigger.name);
    add_names(said, names, "a killed run has dropped ", " for the while: the next command that writes puts it back");
    return said.empty() ? std::string() : said.front();
}

}  // namespace dbfixture::mariadb
