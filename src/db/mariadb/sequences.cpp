// SPDX-License-Identifier: MIT
#include "db/mariadb/sequences.h"

#include <algorithm>
#include <charconv>

#include "base/cat.h"
#include "db/mariadb/introspect_parts.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

std::optional<std::int64_t> largest_number(Session& session, const Catalog& catalog, std::size_t table) {
    const TableFacts& facts = catalog.facts[table];
    const auto column = facts.numbered_column();
    if (!column) return std::nullopt;
    return session.number(cat("SELECT MAX(", quote_identifier(catalog.schema.tables[table].columns[*column].name),
                              ") FROM ", facts.sql_name));
}

std::string set_statement(const TableFacts& facts, std::uint64_t next) {
    return cat("ALTER TABLE ", facts.sql_name, " AUTO_INCREMENT = ", std::max<std::uint64_t>(next, 1));
}

}  // namespace

std::uint64_t next_number_of(Session& session, const TableFacts&, const Table& table) {
    if (!session.server().is_mariadb) session.run("SET SESSION information_schema_stats_expiry = 0");
    const Result found =
        session.run(cat("SELECT auto_increment FROM information_schema.tables WHERE ",
                        of_this_database(session, "table_schema"), " AND table_name = ", text_literal(table.name),
                        " AND CAST(table_name AS BINARY) = CAST(", text_literal(table.name), " AS BINARY)"));
    std::uint64_t out = 0;
    if (found.rows() == 0) return out;
    const std::string_view digits = found.text(0, 0);
    std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return out;
}

void set_next_number(Session& session, const TableFacts& facts, std::uint64_t next) {
    session.run(set_statement(facts, next));
}

void put_behind_largest(Session& session, const Catalog& catalog, std::size_t table) {
    const auto largest = largest_number(session, catalog, table);
    const std::uint64_t wanted = static_cast<std::uint64_t>(std::max<std::int64_t>(largest.value_or(0), 0)) + 1;
    if (next_number_of(session, catalog.facts[table], catalog.schema.tables[table]) != wanted)
        set_next_number(session, catalog.facts[table], wanted);
}

void each_where_free(Session& session, std::span<const std::size_t> tables,
                     const std::function<void(std::size_t table)>& set) {
    bool waited = false;
    for (const std::size_t table : tables) {
        try {
            set(table);
        } catch (const ServerError& error) {
            // Who waits for one lock long enough does not wait as long for each of many.
            if (error.number != kLockWaitTimeout || waited) continue;
            waited = true;
            session.run("SET SESSION lock_wait_timeout = 1");
        }
    }
    if (waited) session.run(cat("SET SESSION lock_wait_timeout = ", session.busy_seconds()));
}

void put_behind_largest_where_free(Session& session, const Catalog& catalog, std::span<const std::size_t> tables) {
    each_where_free(session, tables, [&](std::size_t table) {
        if (catalog.facts[table].numbered_column()) put_behind_largest(session, catalog, table);
    });
}

std::vector<Sequence> read_sequences(Session& session, const Catalog& catalog, const std::vector<std::size_t>& tables) {
    std::vector<Sequence> out;
    for (const std::size_t table : tables) {
        const TableFacts& facts = catalog.facts[table];
        const auto column = facts.numbered_column();
        if (!column) continue;
        Sequence sequence;
        sequence.table = table;
        sequence.column = *column;
        sequence.largest = largest_number(session, catalog, table);
        const std::uint64_t next = next_number_of(session, facts, catalog.schema.tables[table]);
        if (next > 1) sequence.stored = static_cast<std::int64_t>(next - 1);
        out.push_back(sequence);
    }
    return out;
}

void write_sequences(Session& session, const Catalog& catalog, const std::vector<Sequence>& sequences) {
    for (const Sequence& sequence : sequences) {
        const TableFacts& facts = catalog.facts[sequence.table];
        const auto next = static_cast<std::uint64_t>(sequence.given().value_or(0)) + 1;
        if (next_number_of(session, facts, catalog.schema.tables[sequence.table]) != next)
            set_next_number(session, facts, next);
    }
}

std::vector<std::string> reset_sequence_statements(const Catalog& catalog, const std::vector<std::size_t>& tables) {
    std::vector<std::string> out;
    for (const std::size_t table : tables) {
        if (catalog.facts[table].numbered_column()) out.push_back(set_statement(catalog.facts[table], 1));
    }
    return out;
}

}  // namespace dbfixture::mariadb
