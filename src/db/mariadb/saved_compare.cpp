// SPDX-License-Identifier: MIT
#include "db/mariadb/saved_compare.h"

#include <algorithm>

#include "base/cat.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

std::string term(std::string_view alias, const Table& table, std::size_t column) {
    return cat(alias, ".", quote_identifier(table.columns[column].name));
}

std::string all_same(const ComparedTable& compared) {
    std::string out;
    for (std::size_t column = 0; column < compared.table.columns.size(); ++column) {
        if (compared.table.columns[column].generated) continue;
        append(out, cat(out.empty() ? "" : " AND ", exact_term("t", compared.table, compared.facts, column), " <=> ",
                        exact_term("c", compared.table, compared.facts, column)));
    }
    return out.empty() ? "true" : out;
}

std::string same_key(const ComparedTable& compared) {
    std::string out;
    for (const std::size_t column : matching_key(compared.table, compared.facts))
        append(out, cat(out.empty() ? "" : " AND ", term("t", compared.table, column), " = ",
                        term("c", compared.table, column)));
    return out;
}

std::string first_of_key(const ComparedTable& compared, std::string_view alias) {
    return term(alias, compared.table, matching_key(compared.table, compared.facts).front());
}

std::string beside_copy(const ComparedTable& compared) {
    return cat(" FROM ", compared.live, " t LEFT JOIN ", compared.copy, " c ON ", same_key(compared));
}

// Not IS NULL, which the server takes to be true of a zero date in a column that is NOT NULL.
std::string not_in_copy(const ComparedTable& compared) {
    return cat(first_of_key(compared, "c"), " <=> NULL OR NOT (", all_same(compared), ")");
}

// "t.`a`, t.`b`, "
std::string key_of(const ComparedTable& compared, std::string_view alias) {
    std::string out;
    for (const std::size_t column : matching_key(compared.table, compared.facts))
        append(out, cat(term(alias, compared.table, column), ", "));
    return out;
}

// Whether a row is that of a key among those found, x.
std::string is_found(const ComparedTable& compared, std::string_view alias) {
    std::string out;
    int number = 0;
    for (const std::size_t column : matching_key(compared.table, compared.facts)) {
        append(out, cat(number == 0 ? "" : " AND ", term(alias, compared.table, column), " = x.k", number));
        ++number;
    }
    return out;
}

}  // namespace

bool holds_bytes(const ColumnFacts& facts) {
    return facts.form == ValueForm::kBytes || (facts.form == ValueForm::kText && !facts.charset.empty());
}

// A real of four bytes is rounded when it becomes a text, one of eight is not; no text has the sign of a zero.
std::string exact_term(std::string_view alias, const Table& table, const TableFacts& facts, std::size_t column) {
    const std::string name = term(alias, table, column);
    switch (facts.columns[column].form) {
        case ValueForm::kEnum:
        case ValueForm::kBit:
            return cat(name, " + 0");
        case ValueForm::kFloat:
        case ValueForm::kReal:
            return cat("IF(", name, " = 0 AND ATAN2(", name, ", -1) < 0, '-0', CONCAT(", name, " * 1e0))");
        default:
            return holds_bytes(facts.columns[column]) ? cat("CAST(", name, " AS BINARY)") : name;
    }
}

std::vector<std::size_t> matching_key(const Table& table, const TableFacts& facts) {
    if (table.key_kind != KeyKind::kDeclared) return {};
    const bool whole = std::ranges::any_of(facts.indexes, [&](const IndexFacts& index) {
        return index.unique && index.plain && std::ranges::is_permutation(index.columns, table.key);
    });
    const bool plain = std::ranges::none_of(table.key, [&](std::size_t column) {
        return facts.columns[column].form == ValueForm::kEnum || table.columns[column].generated ||
               facts.columns[column].is_long;
    });
    return whole && plain ? table.key : std::vector<std::size_t>();
}

std::string own_columns(const Table& table, std::string_view before) {
    std::string out;
    for (const Column& column : table.columns) {
        if (!column.generated) append(out, cat(out.empty() ? "" : ", ", before, quote_identifier(column.name)));
    }
    return out;
}

std::string key_columns(const ComparedTable& compared) {
    std::string out;
    int number = 0;
    for (const std::size_t column : matching_key(compared.table, compared.facts))
        append(out, cat("k", number++, " ", compared.facts.columns[column].type, ", "));
    return cat(out, "there BOOL");
}

std::string find_different(const ComparedTable& compared, const std::string& keys, std::string_view within) {
    return cat("INSERT INTO ", keys, " SELECT ", key_of(compared, "t"), first_of_key(compared, "c"), " IS NOT NULL",
               beside_copy(compared), " WHERE ", within, " AND (", not_in_copy(compared), ") LOCK IN SHARE MODE");
}

std::string find_missing(const ComparedTable& compared, const std::string& keys, std::string_view within) {
    return cat("INSERT INTO ", keys, " SELECT ", key_of(compared, "c"), "true FROM ", compared.copy, " c LEFT JOIN ",
               compared.live, " t ON ", same_key(compared), " WHERE ", within, " AND ", first_of_key(compared, "t"),
               " <=> NULL LOCK IN SHARE MODE");
}

std::string delete_found(const ComparedTable& compared, const std::string& keys) {
    return cat("DELETE t FROM ", keys, " x STRAIGHT_JOIN ", compared.live, " t ON ", is_found(compared, "t"));
}

// The table itself is not read: a temporary table between would take the sign off a zero.
std::string insert_found(const ComparedTable& compared, const std::string& keys) {
    return cat("INSERT INTO ", compared.live, " (", own_columns(compared.table), ") SELECT ",
               own_columns(compared.table, "c."), " FROM ", keys, " x STRAIGHT_JOIN ", compared.copy, " c ON ",
               is_found(compared, "c"), " WHERE x.there");
}

std::string of_found(const ComparedTable& compared, const std::string& keys, std::string_view term) {
    return cat("SELECT ", term, " FROM ", keys, " x STRAIGHT_JOIN ", compared.live, " t ON ", is_found(compared, "t"));
}

std::string insert_all(const ComparedTable& compared) {
    return cat("INSERT INTO ", compared.live, " (", own_columns(compared.table), ") SELECT ",
               own_columns(compared.table, "c."), " FROM ", compared.copy, " c");
}

}  // namespace dbfixture::mariadb
