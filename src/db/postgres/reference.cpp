// SPDX-License-Identifier: MIT
#include "db/postgres/reference.h"

#include "base/cat.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

std::string source_of(Session& session, Oid table) {
    const Result name =
        session.run(cat("SELECT n.nspname, c.relname, c.relkind <> 'p' FROM pg_class c JOIN pg_namespace n ON n.oid = "
                        "c.relnamespace WHERE c.oid = ",
                        table));
    if (name.rows() == 0) return {};
    return cat(name.boolean(0, 2) ? "ONLY " : "", quote_identifier(name.text(0, 0), name.text(0, 1)));
}

}  // namespace

std::vector<Reference> read_references(Session& session, const Catalog& catalog, const Operators& operators) {
    std::vector<Reference> out;
    for (std::size_t child = 0; child < catalog.schema.tables.size(); ++child) {
        const Table& table = catalog.schema.tables[child];
        for (std::size_t key = 0; key < table.foreign_keys.size(); ++key) {
            const ForeignKey& of = table.foreign_keys[key];
            const ForeignKeyFacts& facts = catalog.facts[child].foreign_keys[key];
            if (!of.problem.empty() || of.columns.empty() || of.columns.size() != of.parent_columns.size()) continue;
            Reference reference;
            reference.child = child;
            reference.key = key;
            reference.parent = of.parent;
            reference.columns = of.columns;
            reference.match_full = facts.match_full;
            reference.parent_source =
                of.parent ? catalog.facts[*of.parent].read_source : source_of(session, facts.parent_oid);
            if (reference.parent_source.empty()) continue;
            for (std::size_t i = 0; i < of.parent_columns.size(); ++i) {
                reference.parent_columns.push_back(quote_identifier(of.parent_columns[i]));
                reference.operators.push_back(operators.of_foreign_key(facts.oid, i));
                const auto index =
                    of.parent ? catalog.schema.tables[*of.parent].find_column(of.parent_columns[i]) : std::nullopt;
                if (index) reference.parent_indexes.push_back(*index);
            }
            if (reference.parent_indexes.size() != of.columns.size()) reference.parent.reset();
            out.push_back(std::move(reference));
        }
    }
    return out;
}

std::vector<std::string> child_columns(const Catalog& catalog, const Reference& reference, std::string_view alias) {
    std::vector<std::string> out;
    for (const std::size_t column : reference.columns)
        out.push_back(cat(alias, ".", quote_identifier(catalog.schema.tables[reference.child].columns[column].name)));
    return out;
}

std::string is_parent(const Reference& reference, const std::vector<std::string>& values) {
    std::vector<std::string> terms;
    for (std::size_t i = 0; i < values.size(); ++i)
        terms.push_back(cat("p.", reference.parent_columns[i], " ", reference.operators[i], " ", values[i]));
    return conjunction(terms);
}

std::string is_orphan(const Reference& reference, const std::vector<std::string>& values) {
    std::vector<std::string> set, unset;
    for (const std::string& value : values) {
        set.push_back(cat(value, " IS NOT NULL"));
        unset.push_back(cat(value, " IS NULL"));
    }
    const std::string none =
        cat("NOT EXISTS (SELECT FROM ", reference.parent_source, " p WHERE ", is_parent(reference, values), ")");
    if (!reference.match_full || values.size() == 1) return cat(conjunction(set), " AND ", none);
    // Either all parts are null or none is.
    return cat("NOT (", conjunction(unset), ") AND ", none);
}

std::string conjunction(const std::vector<std::string>& terms) {
    std::string out;
    for (const std::string& term : terms)
        append(out, cat(out.empty() ? "" : " AND ", term));
    return out.empty() ? "true" : out;
}

}  // namespace dbfixture::postgres
