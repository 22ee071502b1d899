// SPDX-License-Identifier: MIT
#include "db/postgres/deferred_constraints.h"

#include "base/cat.h"
#include "base/text.h"
#include "db/postgres/reference.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

struct Compared {
    std::string expressions;  // "e1 AS e1, ..." of one row
    std::string collide;      // of rows a and b
    std::string predicate = "true";
    std::size_t count = 0;
};

// The parts of the constraint's index, with the operators by which two rows collide.
Compared parts_of(Session& session, const ConstraintFacts& constraint) {
    Compared out;
    const Result parts = session.run(
        cat("SELECT pg_get_indexdef(i.indexrelid, k.n::int, true), n.nspname, o.oprname, "
            "coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') FROM pg_constraint c JOIN pg_index i ON i.indexrelid "
            "= c.conindid CROSS JOIN LATERAL generate_series(1, i.indnkeyatts) k(n) JOIN pg_opclass oc ON oc.oid = "
            "i.indclass[k.n - 1] LEFT JOIN pg_amop am ON c.conexclop IS NULL AND am.amopfamily = oc.opcfamily AND "
            "am.amopstrategy = 3 AND am.amoplefttype = oc.opcintype AND am.amoprighttype = oc.opcintype JOIN "
            "pg_operator o ON o.oid = coalesce(c.conexclop[k.n], am.amopopr) JOIN pg_namespace n ON n.oid = "
            "o.oprnamespace WHERE c.oid = ",
            constraint.oid, " ORDER BY k.n"));
    std::vector<std::string> terms;
    for (int i = 0; i < parts.rows(); ++i) {
        append(out.expressions, cat(", (", parts.text(i, 0), ") AS e", i));
        terms.push_back(
            cat("a.e", i, " OPERATOR(", quote_identifier(parts.text(i, 1)), ".", parts.text(i, 2), ") b.e", i));
        out.predicate = parts.string(i, 3);
    }
    out.collide = conjunction(terms);
    out.count = static_cast<std::size_t>(parts.rows());
    return out;
}

// The record that came last among rows of the table that collide; nothing if none do.
std::optional<Error> find_collision(LoadContext& context, ForeignKeyCheck& rows, std::size_t table,
                                    const Compared& compared, const std::vector<std::size_t>& columns,
                                    const Diagnostics& said) {
    const Table& of = context.table(table);
    const TableFacts& facts = context.facts(table);
    std::string keys, key_columns;
    std::vector<std::string> same;
    for (std::size_t i = 0; i < of.key.size(); ++i) {
        const std::string equals = context.operators.equality(facts.columns[of.key[i]].base_type);
        append(keys, cat(", ", quote_identifier(of.columns[of.key[i]].name), " AS k", i));
        append(key_columns, cat(", a.k", i));
        same.push_back(cat("a.k", i, " ", equals, " l.c", i));
    }
    const std::string source = cat("(SELECT ctid AS place, tableoid AS leaf", keys, compared.expressions, " FROM ",
                                   facts.read_source, " WHERE ", compared.predicate, ")");
    const std::string pairs = cat(" FROM ", source, " a WHERE EXISTS (SELECT FROM ", source,
                                  " b WHERE (a.place <> b.place OR a.leaf <> b.leaf) AND ", compared.collide, ")");
    if (!context.session.run(cat("SELECT EXISTS (SELECT", pairs, ")")).boolean(0, 0)) return std::nullopt;
    const std::string record = of.key.empty()
                                   ? "NULL::int8"
                                   : cat("(SELECT max(l.n) FROM ", rows.load_log(table, ForeignKeyCheck::kByKey),
                                         " l WHERE ", conjunction(same), ")");
    std::string values;
    for (std::size_t i = 0; i < compared.count; ++i)
        append(values, cat(", a.e", i));
    const Result found =
        context.session.run(cat("SELECT ", record, key_columns, values, pairs, " ORDER BY 1 DESC NULLS LAST LIMIT 1"));
    if (found.rows() == 0) return std::nullopt;
    SentRow row;
    row.table = table;
    row.fields.resize(of.columns.size());
    if (!found.is_null(0, 0)) row.origin = context.log.origin(static_cast<std::uint64_t>(found.integer(0, 0)));
    for (std::size_t i = 0; i < of.key.size(); ++i)
        row.fields[of.key[i]] = {true, found.string(0, static_cast<int>(i) + 1), 0};
    for (std::size_t i = 0; i < columns.size() && columns.size() == compared.count; ++i)
        row.fields[columns[i]] = {true, found.string(0, static_cast<int>(of.key.size() + i) + 1), 0};
    return context.reworded(row_failure(context, row, PgError(said, "")));
}

}  // namespace

std::optional<Error> unique_violation(LoadContext& context, ForeignKeyCheck& rows, std::size_t table,
                                      const IndexFacts& index) {
    Compared compared;
    std::vector<std::string> terms;
    for (const std::size_t column : index.columns) {
        append(compared.expressions,
               cat(", ", quote_identifier(context.table(table).columns[column].name), " AS e", compared.count));
        const std::string equals = context.operators.equality(context.facts(table).columns[column].base_type);
        terms.push_back(cat("a.e", compared.count, " ", equals, " b.e", compared.count));
        ++compared.count;
    }
    compared.collide = conjunction(terms);
    Diagnostics said;
    said.sqlstate = kUniqueViolation;
    said.constraint = index.name;
    return find_collision(context, rows, table, compared, index.columns, said);
}

void check_deferred_constraints(LoadContext& context, ForeignKeyCheck& rows, std::size_t table) {
    for (const ConstraintFacts& constraint : context.facts(table).constraints) {
        const bool is_key = constraint.kind == 'p' && constraint.columns == context.table(table).key;
        if (!constraint.deferrable || is_key) continue;
        const Compared compared = parts_of(context.session, constraint);
        if (compared.count == 0) continue;
        Diagnostics said;
        said.sqlstate = constraint.kind == 'x' ? kExclusionViolation : kUniqueViolation;
        said.constraint = constraint.name;
        const auto error = find_collision(context, rows, table, compared, constraint.columns, said);
        if (!error) continue;
        if (!context.options.on_problem) throw *error;
        context.options.on_problem(*error);
    }
}

}  // namespace dbfixture::postgres
