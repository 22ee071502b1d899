// SPDX-License-Identifier: MIT
#include "db/mariadb/introspect.h"

#include <algorithm>
#include <charconv>

#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/introspect_parts.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/trigger_record.h"
#include "db/mariadb/writable.h"

namespace dbfixture::mariadb {
namespace {

// Sequences and views are none of them.
std::string ask_tables(const Session& session) {
    return cat("SELECT table_name, table_type, engine, auto_increment FROM information_schema.tables WHERE ",
               of_this_database(session, "table_schema"), " AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND ",
               not_a_record(), " ORDER BY CAST(table_name AS BINARY)");
}

void read_tables(const Result& found, const Result& engines, bool in_cluster, Catalog& catalog, Places& places) {
    std::vector<std::string> transactional;
    for (int row = 0; row < engines.rows(); ++row)
        transactional.push_back(engines.string(row, 0));
    for (int row = 0; row < found.rows(); ++row) {
        Table table;
        table.name = found.string(row, 0);
        TableFacts facts;
        facts.sql_name = quote_identifier(table.name);
        facts.engine = found.string(row, 2);
        facts.transactional = std::ranges::find(transactional, facts.engine) != transactional.end();
        facts.of_one_node = in_cluster && !is_replicated(facts.engine);
        facts.versioned = found.text(row, 1) == "SYSTEM VERSIONED";
        if (!found.is_null(row, 3)) {
            const std::string_view digits = found.text(row, 3);
            std::uint64_t next = 0;
            std::from_chars(digits.data(), digits.data() + digits.size(), next);
            facts.next_number = next;
        }
        if (facts.engine.empty()) table.unreadable = "its storage engine cannot open it";
        places.emplace(table.name, catalog.facts.size());
        catalog.schema.tables.push_back(std::move(table));
        catalog.facts.push_back(std::move(facts));
    }
}

std::string ask_triggers(const Session& session) {
    return cat("SELECT event_object_table, trigger_name, event_manipulation FROM information_schema.triggers WHERE ",
               of_this_database(session, "event_object_schema"), " AND ", not_a_guard(), " ORDER BY trigger_name");
}

void read_triggers(const Result& found, Catalog& catalog, const Places& places) {
    for (int row = 0; row < found.rows(); ++row) {
        const auto table = places.find(found.text(row, 0));
        if (table == places.end()) continue;
        catalog.schema.tables[table->second].has_triggers = true;
        catalog.facts[table->second].triggers.push_back({found.string(row, 1), found.text(row, 2).at(0)});
    }
}

std::string ask_sequences(const Session& session) {
    return cat("SELECT table_name FROM information_schema.tables WHERE ", of_this_database(session, "table_schema"),
               " AND table_type = 'SEQUENCE' ORDER BY table_name");
}

void warn_of_sequences(const Result& found, Catalog& catalog) {
    std::vector<std::string> names;
    for (int row = 0; row < found.rows(); ++row)
        names.push_back(found.string(row, 0));
    if (names.empty()) return;
    catalog.schema.warnings.push_back(cat(names.size() == 1 ? "sequence " : "sequences ", quote_list(names),
                                          names.size() == 1 ? " is" : " are",
                                          " left as found: only numbers of AUTO_INCREMENT columns are followed"));
}

}  // namespace

std::string of_this_database(const Session& session, std::string_view column) {
    const std::string name = text_literal(session.server().database);
    if (!session.server().exact_names) return cat(column, " = ", name);
    return cat(column, " = ", name, " AND CAST(", column, " AS BINARY) = CAST(", name, " AS BINARY)");
}

// All in one message: nobody waits for an answer before the next question.
Catalog read_catalog(Session& session) {
    std::vector<std::string> questions = {
        ask_tables(session),
        "SELECT engine FROM information_schema.engines WHERE transactions = 'YES'",
        ask_columns(session),
        ask_keys(session),
        ask_foreign_keys(session),
        ask_triggers(session),
        "SHOW GRANTS",
    };
    if (session.server().is_mariadb) {
        questions.push_back(ask_json_checks(session));
        questions.push_back(ask_sequences(session));
    }
    const std::vector<Result> answers = session.run_all(questions);
    Catalog catalog;
    Places places;
    read_tables(answers[0], answers[1], !session.server().cluster.empty(), catalog, places);
    read_columns(answers[2], session, catalog, places);
    read_keys(answers[3], catalog, places);
    read_foreign_keys(answers[4], session, catalog, places);
    read_triggers(answers[5], catalog, places);
    if (session.server().is_mariadb) {
        read_json_checks(answers[7], catalog, places);
        warn_of_sequences(answers[8], catalog);
    }
    read_grants(answers[6], session, catalog);
    read_children_elsewhere(session, catalog, places);
    catalog.schema.table_rule = session.server().exact_names ? NameRule::kExact : NameRule::kIgnoresCase;
    catalog.schema.column_rule = NameRule::kIgnoresCase;
    settle_names(catalog.schema);
    return catalog;
}

}  // namespace dbfixture::mariadb
