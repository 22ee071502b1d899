// SPDX-License-Identifier: MIT
#include "db/mariadb/clone_source.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/cat.h"
#include "db/mariadb/introspect_parts.h"
#include "db/mariadb/schema_objects.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

// What the server gives back as it was typed, whatever the session's character set is.
class RawResults {
  public:
    explicit RawResults(Session& session) : session_(session) {
        session_.run("SET SESSION character_set_results = NULL");
    }
    RawResults(const RawResults&) = delete;
    RawResults& operator=(const RawResults&) = delete;
    ~RawResults() {
        try {
            session_.run("SET SESSION character_set_results = utf8mb4");
        } catch (const Error&) {
            // The session is lost.
        }
    }

  private:
    Session& session_;
};

struct Shown {
    DefinitionKind kind;
    std::string_view words;
    int text, sql_mode, charset;  // columns of SHOW CREATE; the collations follow the character set; -1: it has none
};

constexpr std::array kShown = {Shown{DefinitionKind::kSequence, "SEQUENCE", 1, -1, -1},
                               Shown{DefinitionKind::kTable, "TABLE", 1, -1, -1},
                               Shown{DefinitionKind::kFunction, "FUNCTION", 2, 1, 3},
                               Shown{DefinitionKind::kProcedure, "PROCEDURE", 2, 1, 3},
                               Shown{DefinitionKind::kPackage, "PACKAGE", 2, 1, 3},
                               Shown{DefinitionKind::kPackageBody, "PACKAGE BODY", 2, 1, 3},
                               Shown{DefinitionKind::kView, "VIEW", 1, -1, 2},
                               Shown{DefinitionKind::kTrigger, "TRIGGER", 2, 1, 3},
                               Shown{DefinitionKind::kEvent, "EVENT", 3, 1, 4}};

class Reader {
  public:
    explicit Reader(Session& session) : session_(session) {}

    Definitions run(bool with_tables) {
        Definitions out;
        const Result database =
            session_.run(cat("SELECT schema_name, default_character_set_name, default_collation_name FROM "
                             "information_schema.schemata WHERE ",
                             of_this_database(session_, "schema_name")));
        if (database.rows() > 0) {
            out.database = database.string(0, 0);
            out.charset = database.string(0, 1);
            out.collation = database.string(0, 2);
        }
        list_tables();
        list_programs();
        list_triggers();
        if (!with_tables)
            std::erase_if(found_, [](const Definition& one) { return one.kind <= DefinitionKind::kTable; });
        for (Definition& definition : found_) {
            if (definition.kind <= DefinitionKind::kTable) show(definition);
        }
        const RawResults raw(session_);
        for (Definition& definition : found_) {
            if (definition.kind > DefinitionKind::kTable) show(definition);
        }
        std::ranges::stable_sort(found_, {}, &Definition::kind);
        out.all = std::move(found_);
        return out;
    }

  private:
    void add(DefinitionKind kind, std::string name) {
        Definition& out = found_.emplace_back();
        out.kind = kind;
        out.name = std::move(name);
    }

    void list_tables() {
        const Result tables = session_.run(
            cat("SELECT table_name, table_type, engine FROM information_schema.tables WHERE ",
                of_this_database(session_, "table_schema"), " AND table_type <> 'TEMPORARY' ORDER BY table_name"));
        for (int row = 0; row < tables.rows(); ++row) {
            const std::string_view type = tables.text(row, 1);
            add(type == "VIEW"       ? DefinitionKind::kView
                : type == "SEQUENCE" ? DefinitionKind::kSequence
                                     : DefinitionKind::kTable,
                tables.string(row, 0));
            found_.back().engine = tables.string(row, 2);
        }
    }

    void list_programs() {
        const Result routines =
            session_.run(cat("SELECT routine_name, routine_type FROM information_schema.routines WHERE ",
                             of_this_database(session_, "routine_schema"), " ORDER BY routine_name"));
        for (int row = 0; row < routines.rows(); ++row) {
            const auto* const known = std::ranges::find(kShown, routines.text(row, 1), &Shown::words);
            if (known != kShown.end()) add(known->kind, routines.string(row, 0));
        }
        const Result events = session_.run(cat("SELECT event_name FROM information_schema.events WHERE ",
                                               of_this_database(session_, "event_schema"), " ORDER BY event_name"));
        for (int row = 0; row < events.rows(); ++row)
            add(DefinitionKind::kEvent, events.string(row, 0));
    }

    void list_triggers() {
        const Result triggers =
            session_.run(cat("SELECT trigger_name, event_object_table, action_timing, event_manipulation FROM "
                             "information_schema.triggers WHERE ",
                             of_this_database(session_, "trigger_schema"),
                             " ORDER BY event_object_table, action_timing, event_manipulation, action_order"));
        for (int row = 0; row < triggers.rows(); ++row) {
            add(DefinitionKind::kTrigger, triggers.string(row, 0));
            found_.back().table = triggers.string(row, 1);
            found_.back().moment = cat(triggers.text(row, 2), " ", triggers.text(row, 3));
        }
    }

    void show(Definition& definition) {
        const Shown& how = *std::ranges::find(kShown, definition.kind, &Shown::kind);
        Result found;
        try {
            found = session_.run(cat("SHOW CREATE ", how.words, " ", quote_identifier(definition.name)));
        } catch (const ServerError& error) {
            if (error.kind != ErrorKind::kFailure || definition.kind <= DefinitionKind::kTable) throw;
            return;  // it may not be read
        }
        if (found.rows() == 0) return;
        definition.text = found.string(0, how.text);
        if (how.sql_mode >= 0) definition.sql_mode = found.string(0, how.sql_mode);
        if (how.charset >= 0) {
            definition.client_charset = found.string(0, how.charset);
            definition.connection_collation = found.string(0, how.charset + 1);
        }
        if (how.sql_mode >= 0) definition.database_collation = found.string(0, how.charset + 2);
        if (definition.kind == DefinitionKind::kEvent) definition.time_zone = found.string(0, 2);
    }

    Session& session_;
    std::vector<Definition> found_{};
};

}  // namespace

std::string_view name_of(DefinitionKind kind) {
    constexpr std::array<std::string_view, 9> kNames = {"sequence",     "table", "function", "procedure", "package",
                                                        "package body", "view",  "trigger",  "event"};
    return kNames[static_cast<std::size_t>(kind)];
}

Definitions read_definitions(Session& session) {
    return Reader(session).run(true);
}

std::vector<Definition> read_programs(Session& session) {
    return Reader(session).run(false).all;
}

Definitions without_counters(Definitions definitions) {
    for (Definition& definition : definitions.all) {
        if (definition.kind == DefinitionKind::kTable) definition.text = without_counter(std::move(definition.text));
    }
    return definitions;
}

}  // namespace dbfixture::mariadb
