// SPDX-License-Identifier: MIT
#include "db/sqlite/sql_text.h"

#include <span>

#include "base/cat.h"
#include "db/sqlite/failure.h"

namespace dbfixture::sqlite {
namespace {

// The planner's time grows with the square of the columns that an index is searched by: seconds for 2,000. Others are
// compared, not searched for.
constexpr std::size_t kColumnsToSeekBy = 64;

void append_tree(std::string& out, std::span<const std::string> terms) {
    if (terms.size() <= 2) {
        append(out, cat(terms[0], terms.size() == 2 ? cat(" AND ", terms[1]) : std::string()));
        return;
    }
    const std::size_t half = terms.size() / 2;
    out += '(';
    append_tree(out, terms.first(half));
    out += ") AND (";
    append_tree(out, terms.subspan(half));
    out += ')';
}

}  // namespace

std::string conjunction(const std::vector<std::string>& terms) {
    std::string out;
    if (!terms.empty()) append_tree(out, terms);
    return out;
}

std::string key_condition(const Table& table, const TableFacts& facts, std::string_view compare,
                          std::size_t first_parameter) {
    std::vector<std::string> terms;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        std::string term = quote_identifier(table.columns[table.key[i]].name);
        if (!facts.key_collations.empty() && !facts.key_collations[i].empty())
            append(term, cat(" COLLATE ", quote_identifier(facts.key_collations[i])));
        append(term, cat(" ", compare, " ?", first_parameter + i));
        terms.push_back(i < kColumnsToSeekBy ? term : cat("(", term, ") IS TRUE"));
    }
    return conjunction(terms);
}

std::string read_source(const Table& table, const TableFacts& facts) {
    return cat(qualified(table.name), facts.not_indexed ? " NOT INDEXED" : "");
}

std::string numbered(std::string_view prefix, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        append(out, cat(i == 0 ? "" : ", ", prefix, i));
    return out;
}

std::string parameters(std::size_t count) {
    std::string out;
    for (std::size_t i = 1; i <= count; ++i)
        append(out, cat(i == 1 ? "?" : ", ?", i));
    return out;
}

std::string largest_number(const Table& table, const TableFacts& facts) {
    return cat("SELECT max(", facts.rowid.empty() ? quote_identifier(table.columns[table.key.at(0)].name) : facts.rowid,
               ") FROM ", qualified(table.name));
}

std::string command_to_index(const std::string& table, std::string_view command) {
    return cat("INSERT INTO ", qualified(table), "(", quote_identifier(table), ") VALUES ('", command, "')");
}

}  // namespace dbfixture::sqlite
