// SPDX-License-Identifier: MIT
#include "db/mariadb/saved_scan.h"

#include <algorithm>
#include <charconv>

#include "base/cat.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::uint64_t kSmall = 500;             // rows of a table that is read with others
constexpr std::uint64_t kRowsAtOnce = 5000;       // of such tables
constexpr std::size_t kTablesAtOnce = 50;         // the same
constexpr std::size_t kMostRanges = 500;          // beyond, or beyond so many bytes of SQL, all rows are looked at
constexpr std::size_t kMostRangeBytes = 1 << 18;  //

// Of a key as the server gives it and as SQL takes it back (rule 2).
enum class KeyText : std::uint8_t { kNone, kDigits, kText, kBytes };

KeyText key_text(const Table& table, const TableFacts& facts) {
    const std::vector<std::size_t> key = matching_key(table, facts);
    if (key.empty()) return KeyText::kNone;
    const ColumnFacts& first = facts.columns[key.front()];
    switch (first.form) {
        case ValueForm::kBoolean:
        case ValueForm::kInteger:
        case ValueForm::kUnsigned:
        case ValueForm::kDecimal:
            return KeyText::kDigits;
        case ValueForm::kText:
            return first.charset.empty() || first.doubtful ? KeyText::kNone : KeyText::kText;
        case ValueForm::kBytes:
            return KeyText::kBytes;
        default:
            return KeyText::kNone;
    }
}

std::string first_key(const Table& table, const TableFacts& facts, std::string_view alias) {
    return cat(alias, ".", quote_identifier(table.columns[matching_key(table, facts).front()].name));
}

std::string key_term(const Table& table, const TableFacts& facts) {
    switch (key_text(table, facts)) {
        case KeyText::kDigits:
            return first_key(table, facts, "t");
        case KeyText::kText:
            return cat("HEX(CONVERT(", first_key(table, facts, "t"), " USING utf8mb4))");
        case KeyText::kBytes:
            return cat("HEX(", first_key(table, facts, "t"), ")");
        default:
            return "''";
    }
}

std::string key_literal(KeyText form, const std::string& key) {
    if (form == KeyText::kDigits) return key;
    if (key.empty()) return "''";
    return cat(form == KeyText::kText ? "_utf8mb4 0x" : "0x", key);
}

// By the primary key, although another index may have all columns, too: the rows themselves are to be locked.
std::string from(bool by_primary, const std::string& name) {
    return cat(" FROM ", name, " t", by_primary ? " FORCE INDEX (PRIMARY)" : "");
}

std::string by_key(const Table& table, const TableFacts& facts) {
    std::string out;
    for (const std::size_t column : matching_key(table, facts))
        append(out, cat(out.empty() ? " ORDER BY " : ", ", "t.", quote_identifier(table.columns[column].name)));
    return out;
}

BlockDigest digest_of(const std::optional<std::string_view>& text) {
    return BlockDigest::of_digits(text.value_or(std::string_view()));
}

std::uint64_t number_of(const std::optional<std::string_view>& text) {
    std::uint64_t out = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), out);
    return out;
}

// Rule 3: tables that are small in the state, whatever they are now.
void compare_some(Session& session, const std::string& database, std::span<const SavedTable* const> tables,
                  std::span<TableDifference> out) {
    std::string sql;
    for (std::size_t at = 0; at < tables.size(); ++at) {
        append(sql, cat(at == 0 ? "" : " UNION ALL ", "(SELECT ", at, ", ", tables[at]->digest.sql,
                        from(tables[at]->digest.by_primary, quote_identifier(database, tables[at]->name)),
                        " LOCK IN SHARE MODE)"));
    }
    session.each(sql, [&](const Session::TextRow& row) {
        TableDifference& of = out[number_of(row[0])];
        of.total += digest_of(row[1]);
        ++of.rows;
    });
    for (std::size_t at = 0; at < tables.size(); ++at) {
        out[at].same = out[at].rows == tables[at]->rows && out[at].total.same_as(total_of(tables[at]->blocks));
        if (!out[at].same) out[at].different = {KeyRange{}};
    }
}

TableDifference compare_one(Session& session, const Table& table, const TableFacts& facts, const std::string& name,
                            const SavedTable& saved) {
    TableDifference out;
    BlockComparison comparison(saved.blocks);
    scan_blocks(session, table, facts, name, saved.digest.by_primary, "0", [&](const RowBlock& block) {
        out.rows += block.rows;
        out.total += block.digest;
        comparison.take(block);
    });
    comparison.end();
    out.different = comparison.different();
    out.same = out.different.empty() && out.rows == saved.rows;
    if (!out.same && out.different.empty()) out.different = {KeyRange{}};
    return out;
}

}  // namespace

RowDigest row_digest(const Table& table, const TableFacts& facts) {
    constexpr std::string_view alias = "t";
    std::string parts;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        if (table.columns[column].generated) continue;
        const std::string value = exact_term(alias, table, facts, column);
        const std::string size = cat("LENGTH(", alias, ".", quote_identifier(table.columns[column].name), ")");
        const bool sized = holds_bytes(facts.columns[column]);
        if (!table.columns[column].nullable) {
            append(parts, sized ? cat(", ", size, ", ", value) : cat(", ", value));
        } else {
            append(parts, cat(", IFNULL(", sized ? cat("CONCAT(", size, ", ',', ", value, ")") : value, ", '')"));
        }
    }
    return {cat("SHA2(CONCAT_WS(','", parts.empty() ? ", ''" : parts, "), 256)"),
            std::ranges::find(facts.indexes, "PRIMARY", &IndexFacts::name) != facts.indexes.end()};
}

std::string within(const ComparedTable& compared, std::string_view alias, std::span<const KeyRange> ranges) {
    const KeyText form = key_text(compared.table, compared.facts);
    if (form == KeyText::kNone || ranges.size() > kMostRanges) return "true";
    const std::string key = first_key(compared.table, compared.facts, alias);
    std::string out;
    for (const KeyRange& range : ranges) {
        if (!range.from && !range.to) return "true";
        append(out, cat(out.empty() ? "(" : " OR ", key));
        if (range.from && range.to) {
            append(out, cat(" BETWEEN ", key_literal(form, *range.from), " AND ", key_literal(form, *range.to)));
        } else {
            append(out, cat(range.from ? " >= " : " <= ", key_literal(form, range.from ? *range.from : *range.to)));
        }
        if (out.size() > kMostRangeBytes) return "true";
    }
    return out.empty() ? "false" : cat(out, ")");
}

std::uint64_t scan_blocks(Session& session, const Table& table, const TableFacts& facts, const std::string& name,
                          bool by_primary, const std::string& weight,
                          const std::function<void(const RowBlock&)>& take) {
    const std::string order = by_key(table, facts);
    RowBlock all;
    std::uint64_t weights = 0;
    BlockCutter cutter(take);
    session.each(cat("SELECT ", row_digest(table, facts).sql, ", ", key_term(table, facts), ", ", weight,
                     from(by_primary, name), order, " LOCK IN SHARE MODE"),
                 [&](const Session::TextRow& row) {
                     weights += number_of(row[2]);
                     if (!order.empty()) {
                         cutter.add(digest_of(row[0]), row[1].value_or(std::string_view()));
                         return;
                     }
                     all.digest += digest_of(row[0]);
                     ++all.rows;
                 });
    cutter.end();
    if (all.rows > 0) take(all);
    return weights;
}

BlockDigest sum_of(Session& session, const std::string& query) {
    BlockDigest out;
    session.each(query, [&](const Session::TextRow& row) { out += digest_of(row[0]); });
    return out;
}

bool is_small(const SavedTable& table) {
    return table.rows <= kSmall;
}

std::vector<TableDifference> compare_small_tables(Session& session, const std::string& database,
                                                  std::span<const SavedTable* const> tables) {
    std::vector<TableDifference> out(tables.size());
    for (std::size_t from = 0; from < tables.size();) {
        std::size_t end = from;
        for (std::uint64_t rows = 0; end < tables.size() && end - from < kTablesAtOnce && rows < kRowsAtOnce; ++end)
            rows += tables[end]->rows;
        compare_some(session, database, tables.subspan(from, end - from), std::span(out).subspan(from, end - from));
        from = end;
    }
    return out;
}

std::vector<TableDifference> compare_tables(Session& session, const LiveState& live, const SavedManifest& manifest,
                                            std::span<const std::size_t> tables) {
    std::vector<TableDifference> out(tables.size());
    std::vector<const SavedTable*> small;
    std::vector<std::size_t> places;
    for (std::size_t at = 0; at < tables.size(); ++at) {
        const Table& of = live.catalog.schema.tables[tables[at]];
        const SavedTable& saved = *manifest.find(of.name);
        if (!is_small(saved)) {
            out[at] = compare_one(session, of, live.catalog.facts[tables[at]], sql_name(live, tables[at]), saved);
            continue;
        }
        small.push_back(&saved);
        places.push_back(at);
    }
    std::vector<TableDifference> found = compare_small_tables(session, live.database, small);
    for (std::size_t at = 0; at < places.size(); ++at)
        out[places[at]] = std::move(found[at]);
    return out;
}

}  // namespace dbfixture::mariadb
