// SPDX-License-Identifier: MIT
#include "db/mariadb/reference.h"

#include "base/cat.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {

std::vector<Reference> read_references(const Catalog& catalog) {
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
            reference.parent_source = of.parent ? catalog.facts[*of.parent].sql_name
                                                : quote_identifier(facts.parent_database, facts.parent_table);
            for (const std::string& name : of.parent_columns) {
                reference.parent_columns.push_back(quote_identifier(name));
                const auto index = of.parent ? catalog.schema.tables[*of.parent].find_column(name) : std::nullopt;
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
        terms.push_back(cat("p.", reference.parent_columns[i], " = ", values[i]));
    return conjunction(terms);
}

std::string is_orphan(const Reference& reference, const std::vector<std::string>& values) {
    std::vector<std::string> terms;
    for (const std::string& value : values)
        terms.push_back(cat(value, " IS NOT NULL"));
    terms.push_back(
        cat("NOT EXISTS (SELECT 1 FROM ", reference.parent_source, " p WHERE ", is_parent(reference, values), ")"));
    return conjunction(terms);
}

std::string conjunction(const std::vector<std::string>& terms) {
    std::string out;
    for (const std::string& term : terms)
        append(out, cat(out.empty() ? "" : " AND ", term));
    return out.empty() ? "true" : out;
}

}  // namespace dbfixture::mariadb
