// SPDX-License-Identifier: MIT
#include "db/postgres/staging.h"

#include <algorithm>

#include "base/cat.h"
#include "db/postgres/reference.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

bool gives(const ColumnSet& set, std::size_t column) {
    return std::binary_search(set.columns.begin(), set.columns.end(), column);
}

std::string listed(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts)
        append(out, cat(out.empty() ? "" : ", ", part));
    return out;
}

std::string differ(const std::vector<std::string>& before, const std::vector<std::string>& after) {
    // The function behind *<>: the operator between two ROW()s would be applied to each column.
    if (before.empty()) return "false";
    return cat("record_image_ne(ROW(", listed(before), "), ROW(", listed(after), "))");
}

}  // namespace

Staging::Staging(LoadContext& context, std::size_t table, const std::vector<ColumnSet>& sets)
    : context_(context), table_(table), sets_(sets), places_(context.table(table).columns.size()) {
    const Table& of = context_.table(table);
    std::string list;
    for (std::size_t column = 0; column < of.columns.size(); ++column) {
        if (of.columns[column].generated) continue;
        places_[column] = columns_.size();
        append(list, cat(", c", columns_.size(), " ", type_of(column)));
        columns_.push_back(column);
    }
    name_ = context_.temporary_table(cat("n int8, g int4, w bool DEFAULT false", list));
}

std::string Staging::copy() const {
    std::string out = cat("COPY ", name_, " (n, g");
    for (std::size_t i = 0; i < columns_.size(); ++i)
        append(out, cat(", c", i));
    return out + ") FROM STDIN";
}

// A domain may refuse the NULL that stands for a column which a record leaves out.
bool Staging::refuses_null(std::size_t column) const {
    const ColumnFacts& facts = context_.facts(table_).columns[column];
    return facts.type != facts.base_type && !context_.table(table_).columns[column].nullable;
}

std::string Staging::type_of(std::size_t column) const {
    const ColumnFacts& facts = context_.facts(table_).columns[column];
    if (!refuses_null(column)) return facts.type_name;
    return context_.session
        .run(cat("WITH RECURSIVE d AS (SELECT t.typbasetype, t.typtypmod FROM pg_type t WHERE t.oid = ", facts.type,
                 " UNION ALL SELECT t.typbasetype, t.typtypmod FROM pg_type t JOIN d ON t.oid = d.typbasetype WHERE "
                 "t.typtype = 'd') SELECT format_type(typbasetype, max(typtypmod) OVER ()) FROM d WHERE typbasetype = ",
                 facts.base_type))
        .string(0, 0);
}

std::string Staging::staged(std::size_t column) const {
    return cat("s.c", places_[column], refuses_null(column) ? "::" : "",
               refuses_null(column) ? context_.facts(table_).columns[column].type_name : "");
}

std::string Staging::named(std::size_t column) const {
    return quote_identifier(context_.table(table_).columns[column].name);
}

// Whether an omitted column goes to its default (rule 3).
bool Staging::resets(std::size_t set, std::size_t column) const {
    const Column& of = context_.table(table_).columns[column];
    const ColumnFacts& facts = context_.facts(table_).columns[column];
    return !gives(sets_[set], column) && !of.generated && !of.has_sequence && !facts.sequence && facts.identity == '\0';
}

std::string Staging::joined() const {
    std::vector<std::string> terms;
    for (const std::size_t column : context_.table(table_).key) {
        terms.push_back(cat("t.", named(column), " ",
                            context_.operators.equality(context_.facts(table_).columns[column].base_type), " ",
                            staged(column)));
    }
    return conjunction(terms);
}

std::string Staging::same_key(std::string_view a, std::string_view b) const {
    std::vector<std::string> terms;
    for (const std::size_t column : context_.table(table_).key) {
        const std::string equals = context_.operators.equality(context_.facts(table_).columns[column].base_type);
        terms.push_back(cat(a, ".c", places_[column], " ", equals, " ", b, ".c", places_[column]));
    }
    return conjunction(terms);
}

std::string Staging::key_list(std::string_view alias) const {
    std::vector<std::string> parts;
    for (const std::size_t column : context_.table(table_).key)
        parts.push_back(cat(alias, ".c", places_[column]));
    return listed(parts);
}

std::string Staging::values_after(std::size_t set, const std::vector<std::size_t>& columns) const {
    std::vector<std::string> parts;
    for (const std::size_t column : columns) {
        const std::string& type = context_.facts(table_).columns[column].type_name;
        const auto& fallback = context_.table(table_).columns[column].default_text;
        parts.push_back(gives(sets_[set], column) ? staged(column)
                                                  : cat("(", fallback ? *fallback : "NULL", ")::", type));
    }
    return listed(parts);
}

std::string Staging::changed(std::size_t set) const {
    std::vector<std::string> before, after;
    for (const std::size_t column : columns_) {
        if (!gives(sets_[set], column) && !resets(set, column)) continue;
        before.push_back(cat("t.", named(column)));
        after.push_back(values_after(set, {column}));
    }
    return differ(before, after);
}

std::string Staging::changed_in_any() const {
    if (sets_.size() == 1) return changed(0);
    std::string out = "CASE s.g";
    for (std::size_t set = 0; set < sets_.size(); ++set)
        append(out, cat(" WHEN ", set, " THEN ", sets_[set].keyed ? changed(set) : "false"));
    return cat(out, " END");
}

std::string Staging::is_keyed(const std::string& rows) const {
    std::string sets;
    bool all = true;
    for (std::size_t set = 0; set < sets_.size(); ++set) {
        all &= sets_[set].keyed;
        if (sets_[set].keyed) append(sets, cat(sets.empty() ? "" : ", ", set));
    }
    if (all) return rows;
    return sets.empty() ? "false" : cat("s.g IN (", sets, ") AND ", rows);
}

std::string Staging::changes(const std::vector<std::size_t>& columns) const {
    const Table& of = context_.table(table_);
    const bool computed =
        std::any_of(columns.begin(), columns.end(), [&](std::size_t column) { return of.columns[column].generated; });
    if (computed) return changed_in_any();
    std::vector<std::string> before;
    for (const std::size_t column : columns)
        before.push_back(cat("t.", named(column)));
    if (sets_.size() == 1) return differ(before, {values_after(0, columns)});
    std::string out = "CASE s.g";
    for (std::size_t set = 0; set < sets_.size(); ++set)
        append(out, cat(" WHEN ", set, " THEN ", differ(before, {values_after(set, columns)})));
    return cat(out, " END");
}

std::string Staging::brings(const std::vector<std::size_t>& columns) const {
    return cat("NOT EXISTS (SELECT FROM ", context_.facts(table_).read_source, " t WHERE ", joined(), " AND NOT (",
               changes(columns), "))");
}

std::string Staging::insert(std::size_t set, const std::string& rows) const {
    std::vector<std::string> into, values;
    for (const std::uint16_t column : sets_[set].columns) {
        into.push_back(named(column));
        values.push_back(staged(column));
    }
    const std::string target = context_.facts(table_).sql_name;
    if (into.empty()) {  // all from defaults: there is no list to leave empty
        for (const std::size_t column : columns_) {
            if (!resets(set, column)) continue;
            into.push_back(named(column));
            values.push_back(values_after(set, {column}));
        }
    }
    return cat("INSERT INTO ", target, " (", listed(into), ") OVERRIDING SYSTEM VALUE SELECT ", listed(values),
               " FROM ", name_, " s WHERE s.g = ", set, " AND ", rows,
               sets_[set].keyed ? cat(" AND NOT EXISTS (SELECT FROM ", context_.facts(table_).read_source, " t WHERE ",
                                      joined(), ")")
                                : cat(" ORDER BY s.n"));
}

bool Staging::must_rewrite(std::size_t set) const {
    return std::any_of(sets_[set].columns.begin(), sets_[set].columns.end(), [&](std::size_t column) {
        return context_.facts(table_).columns[column].identity == 'a' && !context_.table(table_).is_key_column(column);
    });
}

std::string Staging::update(std::size_t set, const std::string& rows) const {
    if (!sets_[set].keyed) return {};
    std::vector<std::string> assignments;
    for (const std::size_t column : columns_) {
        if (context_.facts(table_).columns[column].identity == 'a') continue;
        if (gives(sets_[set], column)) {
            assignments.push_back(cat(named(column), " = ", staged(column)));
        } else if (resets(set, column)) {
            assignments.push_back(cat(named(column), " = DEFAULT"));
        }
    }
    if (assignments.empty()) return {};
    return cat("UPDATE ", context_.facts(table_).read_source, " t SET ", listed(assignments), " FROM ", name_,
               " s WHERE s.g = ", set, " AND ", rows, " AND ", joined(), " AND ", changed(set));
}

std::string Staging::delete_changed(const std::string& rows) const {
    return cat("DELETE FROM ", context_.facts(table_).read_source, " t USING ", name_, " s WHERE ", is_keyed(rows),
               " AND ", joined(), " AND ", changed_in_any());
}

std::string Staging::rewrite(const std::string& rows) const {
    std::string out = cat("WITH gone AS (", delete_changed(rows), " RETURNING 1)");
    std::string counts;
    for (std::size_t set = 0; set < sets_.size(); ++set) {
        std::vector<std::string> into, values;
        for (const std::uint16_t column : sets_[set].columns) {
            into.push_back(named(column));
            values.push_back(staged(column));
        }
        if (into.empty()) continue;
        append(out, cat(", come", set, " AS (INSERT INTO ", context_.facts(table_).sql_name, " (", listed(into),
                        ") OVERRIDING SYSTEM VALUE SELECT ", listed(values), " FROM ", name_, " s WHERE s.g = ", set,
                        " AND ", rows, " AND (SELECT count(*) FROM gone) >= 0"));
        if (sets_[set].keyed) {
            append(out, cat(" AND NOT EXISTS (SELECT FROM ", context_.facts(table_).read_source, " t WHERE ", joined(),
                            " AND NOT (", changed(set), "))"));
        }
        append(out, " RETURNING 1)");
        append(counts, cat(counts.empty() ? "" : " + ", "(SELECT count(*) FROM come", set, ")"));
    }
    return cat(out, " SELECT (SELECT count(*) FROM gone), ", counts.empty() ? "0" : counts);
}

std::string Staging::says_anything(const std::string& rows) const {
    const std::string keyed = is_keyed(rows);
    if (keyed != rows) return "SELECT true";
    return cat("SELECT EXISTS (SELECT FROM ", name_, " s WHERE ", keyed, " AND NOT EXISTS (SELECT FROM ",
               context_.facts(table_).read_source, " t WHERE ", joined(), " AND NOT ", changed_in_any(), "))");
}

std::string Staging::classify(const std::string& rows) const {
    const std::string keyed = is_keyed(rows);
    std::string out;
    if (keyed != rows) out = cat("SELECT s.n FROM ", name_, " s WHERE ", rows, " AND NOT (", keyed, ")");
    if (keyed == "false") return out;
    return cat(out, out.empty() ? "" : " UNION ALL ", "SELECT min(s.n) FROM ", name_, " s WHERE ", keyed,
               " AND NOT EXISTS (SELECT FROM ", context_.facts(table_).read_source, " t WHERE ", joined(),
               ") GROUP BY ", key_list("s"));
}

}  // namespace dbfixture::postgres
