// SPDX-License-Identifier: MIT
#include "db/postgres/saved_notes.h"

#include "base/cat.h"
#include "base/text.h"
#include "db/postgres/introspect_parts.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

std::vector<std::string> first_column(const Result& found) {
    std::vector<std::string> out;
    for (int row = 0; row < found.rows(); ++row)
        out.push_back(found.string(row, 0));
    return out;
}

// Tables of extensions to which users add rows: those that pg_dump saves, under the extension's condition.
std::vector<std::string> configured_tables(Session& session) {
    const Result found = session.run(
        "SELECT n.nspname, c.relname, coalesce(x.condition, '') FROM pg_extension e CROSS JOIN LATERAL "
        "unnest(e.extconfig, e.extcondition) x(relation, condition) JOIN pg_class c ON c.oid = x.relation JOIN "
        "pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND has_schema_privilege(n.oid, "
        "'USAGE') AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2");
    std::vector<std::string> out;
    for (int row = 0; row < found.rows(); ++row) {
        const std::string rows =
            cat("SELECT EXISTS (SELECT FROM ", quote_identifier(found.text(row, 0), found.text(row, 1)), " ",
                found.text(row, 2), ")");
        if (session.run(rows).boolean(0, 0)) out.push_back(cat(found.text(row, 0), ".", found.text(row, 1)));
    }
    return out;
}

}  // namespace

std::vector<std::string> what_is_not_saved(Session& session, const LiveTables& live) {
    std::vector<std::string> out, foreign;
    for (const LiveTables::Other& other : live.others) {
        if (other.kind == 'f') foreign.push_back(cat(other.schema, ".", other.name));
    }
    if (!foreign.empty()) {
        out.push_back(cat("rows of ", foreign.size() == 1 ? "the foreign table " : "the foreign tables ",
                          quote_list(foreign), " are another server's and are not saved"));
    }
    const std::vector<Result> found = session.run_all(
        cat("SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
            "c.relkind = 'm' AND ",
            kOurSchemas, " ORDER BY 1; SELECT count(*) FROM pg_largeobject_metadata"));
    if (const std::vector<std::string> views = first_column(found[0]); !views.empty()) {
        out.push_back(cat(views.size() == 1 ? "what the materialized view " : "what the materialized views ",
                          quote_list(views), views.size() == 1 ? " holds is" : " hold is",
                          " not saved: refresh after a restore"));
    }
    if (found[1].integer(0, 0) > 0) {
        out.push_back(cat(plural(static_cast<std::uint64_t>(found[1].integer(0, 0)), "large object"),
                          found[1].integer(0, 0) == 1 ? " is" : " are", " not saved"));
    }
    if (const std::vector<std::string> tables = configured_tables(session); !tables.empty()) {
        out.push_back(cat("rows that were added to ", quote_list(tables), ", which ",
                          tables.size() == 1 ? "belongs to an extension, are" : "belong to extensions, are",
                          " not saved"));
    }
    return out;
}

std::vector<Obstacle> lone_sequences(Session& session) {
    const Result found = session.run(cat(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = "
        "'S' AND ",
        kOurSchemas,
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND "
        "(d.deptype = 'e' OR d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0)) AND NOT EXISTS (SELECT "
        "FROM pg_depend d WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND "
        "d.refobjid = c.oid) ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\""));
    std::vector<Obstacle> out;
    for (int row = 0; row < found.rows(); ++row) {
        const bool is_public = found.text(row, 0) == "public";
        out.push_back({is_public ? found.string(row, 1) : cat(found.text(row, 0), ".", found.text(row, 1)),
                       "It numbers no column, and records are of tables only.", "sequence"});
    }
    return out;
}

}  // namespace dbfixture::postgres
