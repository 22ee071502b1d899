// SPDX-License-Identifier: MIT
// setval() is not undone by a rollback, and discards no numbers that other sessions have put by (CACHE). After ALTER
// SEQUENCE ... RESTART, which only an owner may do, both are right.
#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/flush.h"
#include "db/postgres/row_reader.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

std::string literal(const SequenceFacts& sequence) {
    return cat(text_literal(sequence.sql_name), "::regclass");
}

std::string largest_of(const Catalog& catalog, const SequenceFacts& sequence, std::size_t table, std::size_t column) {
    return cat("SELECT ", sequence.increment < 0 ? "min(" : "max(",
               quote_identifier(catalog.schema.tables[table].columns[column].name), ")::int8 FROM ",
               catalog.facts[table].read_source, " t");
}

// Of all columns that it numbers; NULL without a row.
std::string largest_of_all(const Catalog& catalog, const SequenceFacts& sequence) {
    std::string out;
    for (const SequenceFacts::User& user : sequence.users)
        append(out, cat(out.empty() ? "" : ", ", "(", largest_of(catalog, sequence, user.table, user.column), ")"));
    return sequence.users.size() < 2 ? out : cat(sequence.increment < 0 ? "least(" : "greatest(", out, ")");
}

[[noreturn]] void refuse(const SequenceFacts& sequence) {
    throw Error(ErrorKind::kRefused, cat("this role may not set sequence ", quote(sequence.name)))
        .with_hint("connect as the sequence's owner, or have it granted (GRANT UPDATE ON SEQUENCE)");
}

std::vector<std::size_t> sequences_of(const Catalog& catalog, const std::vector<std::size_t>& tables) {
    std::vector<std::size_t> out;
    for (const std::size_t table : tables) {
        for (std::size_t column = 0; column < catalog.facts[table].columns.size(); ++column) {
            if (!catalog.schema.tables[table].columns[column].has_sequence) continue;
            const std::size_t sequence = *catalog.facts[table].columns[column].sequence;
            if (std::find(out.begin(), out.end(), sequence) == out.end()) out.push_back(sequence);
        }
    }
    return out;
}

std::string reset_statement(const Catalog& catalog, const SequenceFacts& sequence) {
    return cat("SELECT pg_catalog.setval(", literal(sequence), ", coalesce(m, ", sequence.start,
               "), m IS NOT NULL) FROM (SELECT ", largest_of_all(catalog, sequence), " AS m) AS largest");
}

}  // namespace

std::vector<Sequence> read_sequences(Session& session, const Catalog& catalog, const std::vector<std::size_t>& tables) {
    // One statement with a branch for each takes the server memory that grows with the square of their number.
    constexpr std::size_t kTogether = 100;
    std::vector<Sequence> out;
    std::vector<std::string> statements;
    for (const std::size_t table : tables) {
        for (std::size_t column = 0; column < catalog.facts[table].columns.size(); ++column) {
            if (!catalog.schema.tables[table].columns[column].has_sequence) continue;
            const SequenceFacts& sequence = catalog.sequences[*catalog.facts[table].columns[column].sequence];
            require_readable(catalog.schema.tables[table], catalog.facts[table]);
            statements.push_back(cat("SELECT ", sequence.can_read ? "s.last_value, s.is_called, (" : "NULL, false, (",
                                     largest_of(catalog, sequence, table, column), ")",
                                     sequence.can_read ? cat(" FROM ", sequence.read_source, " s; ") : "; "));
            out.push_back({.table = table, .column = column, .stored = {}, .called = true, .largest = {}});
        }
    }
    for (std::size_t from = 0; from < out.size(); from += kTogether) {
        std::string sql;
        for (std::size_t i = from; i < std::min(out.size(), from + kTogether); ++i)
            append(sql, statements[i]);
        const std::vector<Result> found = session.run_all(sql);
        for (std::size_t i = 0; i < found.size(); ++i) {
            Sequence& sequence = out[from + i];
            if (!found[i].is_null(0, 0)) sequence.stored = found[i].integer(0, 0);
            sequence.called = found[i].boolean(0, 1) || !sequence.stored;
            if (!found[i].is_null(0, 2)) sequence.largest = found[i].integer(0, 2);
        }
    }
    return out;
}

void write_sequences(Session& session, const Catalog& catalog, const std::vector<Sequence>& sequences) {
    std::string sql;
    for (const Sequence& wanted : sequences) {
        const SequenceFacts& sequence = catalog.sequences[*catalog.facts[wanted.table].columns[wanted.column].sequence];
        if (!sequence.owned && !sequence.can_update) refuse(sequence);
        if (sequence.owned) append(sql, cat("ALTER SEQUENCE ", sequence.sql_name, " RESTART; "));
        if (wanted.stored) {
            append(sql, cat("SELECT pg_catalog.setval(", literal(sequence), ", ", *wanted.stored,
                            wanted.called ? ", true); " : ", false); "));
        } else if (!sequence.owned) {
            append(sql, cat("SELECT pg_catalog.setval(", literal(sequence), ", ", sequence.start, ", false); "));
        }
    }
    if (!sql.empty()) session.run(sql);
}

void reset_sequences(Session& session, const Catalog& catalog, const std::vector<std::size_t>& tables) {
    std::string sql;
    for (const std::size_t index : sequences_of(catalog, tables)) {
        const SequenceFacts& sequence = catalog.sequences[index];
        if (!sequence.owned && !sequence.can_update) refuse(sequence);
        for (const SequenceFacts::User& user : sequence.users)
            require_readable(catalog.schema.tables[user.table], catalog.facts[user.table]);
        if (sequence.owned) append(sql, cat("ALTER SEQUENCE ", sequence.sql_name, " RESTART; "));
        append(sql, cat(reset_statement(catalog, sequence), "; "));
    }
    if (!sql.empty()) session.run(sql);
}

std::vector<std::string> reset_sequence_statements(Session&, const Catalog& catalog,
                                                   const std::vector<std::size_t>& tables) {
    std::vector<std::string> out;
    for (const std::size_t index : sequences_of(catalog, tables))
        out.push_back(reset_statement(catalog, catalog.sequences[index]));
    return out;
}

}  // namespace dbfixture::postgres
