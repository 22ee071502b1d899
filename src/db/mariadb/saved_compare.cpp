// SPDX-License-Identifier: MIT
#include "db/mariadb/saved_compare.h"

#include <algorithm>

#include "base/cat.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

bool holds_bytes(const ColumnFacts& facts) {
    return facts.form == ValueForm::kBytes || (facts.form == ValueForm::kText && !facts.charset.empty());
}

std::string term(std::string_view alias, const Table& table, std::size_t column) {
    return cat(alias, ".", quote_identifier(table.columns[column].name));
}

// Rule 1.
std::string exact_term(std::string_view alias, const Table& table, const TableFacts& facts, std::size_t column) {
    const std::string name = term(alias, table, column);
    if (facts.columns[column].form == ValueForm::kEnum) return cat(name, " + 0");
    return holds_bytes(facts.columns[column]) ? cat("CAST(", name, " AS BINARY)") : name;
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

std::string not_in_copy(const ComparedTable& compared) {
    return cat(first_of_key(compared, "c"), " <=> NULL OR NOT (", all_same(compared), ")");
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

// Rule 3: no part of it can become NULL or run into the next one.
std::string digest(const ComparedTable& compared, std::string_view alias) {
    std::string parts;
    for (std::size_t column = 0; column < compared.table.columns.size(); ++column) {
        if (compared.table.columns[column].generated) continue;
        const ColumnFacts& facts = compared.facts.columns[column];
        const bool is_real = facts.form == ValueForm::kFloat || facts.form == ValueForm::kReal;
        const std::string value = exact_term(alias, compared.table, compared.facts, column);
        const std::string text = holds_bytes(facts) ? value : cat("CAST(", value, is_real ? " + 0e0" : "", " AS CHAR)");
        append(parts, cat(parts.empty() ? "" : ", ", "IFNULL(SHA2(", text, ", 256), '-')"));
    }
    return cat("SHA2(CONCAT(", parts.empty() ? "''" : parts, "), 256)");
}

}  // namespace

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

std::string find_different(const ComparedTable& compared, const std::string& keys) {
    std::string columns;
    for (const std::size_t column : matching_key(compared.table, compared.facts))
        append(columns, cat(term("t", compared.table, column), ", "));
    return cat("INSERT INTO ", keys, " SELECT ", columns, first_of_key(compared, "c"), " IS NOT NULL",
               beside_copy(compared), " WHERE ", not_in_copy(compared), " LOCK IN SHARE MODE");
}

std::string delete_found(const ComparedTable& compared, const std::string& keys) {
    return cat("DELETE t FROM ", keys, " x STRAIGHT_JOIN ", compared.live, " t ON ", is_found(compared, "t"));
}

std::string insert_found(const ComparedTable& compared, const std::string& keys) {
    return cat("INSERT INTO ", compared.live, " (", own_columns(compared.table), ") SELECT ",
               own_columns(compared.table, "c."), " FROM ", keys, " x STRAIGHT_JOIN ", compared.copy, " c ON ",
               is_found(compared, "c"), " WHERE x.there");
}

std::string insert_missing(const ComparedTable& compared) {
    return cat("INSERT INTO ", compared.live, " (", own_columns(compared.table), ") SELECT ",
               own_columns(compared.table, "c."), " FROM ", compared.copy, " c LEFT JOIN ", compared.live, " t ON ",
               same_key(compared), " WHERE ", first_of_key(compared, "t"), " <=> NULL");
}

std::string count_different(const ComparedTable& compared) {
    return cat("SELECT COUNT(*), IFNULL(SUM(", not_in_copy(compared), "), 0)", beside_copy(compared),
               " LOCK IN SHARE MODE");
}

std::string count_unequal(const ComparedTable& compared) {
    return cat("SELECT COUNT(*) FROM (SELECT SUM(n) AS s FROM ((SELECT ", digest(compared, "t"), " AS d, 1 AS n FROM ",
               compared.live, " t LOCK IN SHARE MODE) UNION ALL (SELECT ", digest(compared, "c"), ", -1 FROM ",
               compared.copy, " c LOCK IN SHARE MODE)) u GROUP BY d HAVING s <> 0) v");
}

std::string insert_all(const ComparedTable& compared) {
    return cat("INSERT INTO ", compared.live, " (", own_columns(compared.table), ") SELECT ",
               own_columns(compared.table, "c."), " FROM ", compared.copy, " c");
}

}  // namespace dbfixture::mariadb
