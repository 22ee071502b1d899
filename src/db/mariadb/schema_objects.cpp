// SPDX-License-Identifier: MIT
#include "db/mariadb/schema_objects.h"

#include <algorithm>
#include <tuple>

#include "base/cat.h"
#include "db/mariadb/introspect_parts.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/trigger_record.h"

namespace dbfixture::mariadb {
namespace {

void show(Session& session, std::vector<SchemaObject>& out, std::string_view kind, std::string_view words,
          const std::string& name, int column) {
    const Result found = session.run(cat("SHOW CREATE ", words, " ", quote_identifier(name)));
    if (found.rows() > 0) out.push_back({std::string(kind), name, without_counter(found.string(0, column))});
}

}  // namespace

// "... AUTO_INCREMENT=17 ..." is where a counter stands, behind the closing bracket of the columns.
std::string without_counter(std::string text) {
    const std::size_t options = text.rfind("\n)");
    if (options == std::string::npos) return text;
    const std::size_t at = text.find(" AUTO_INCREMENT=", options);
    if (at == std::string::npos) return text;
    const std::size_t end = std::min(text.find(' ', at + 1), text.size());
    return text.erase(at, end - at);
}

std::vector<SchemaObject> read_schema_objects(Session& session) {
    std::vector<SchemaObject> out;
    const Result tables = session.run(cat("SELECT table_name, table_type FROM information_schema.tables WHERE ",
                                          of_this_database(session, "table_schema"),
                                          " AND table_type <> 'TEMPORARY' AND ", not_a_record()));
    for (int row = 0; row < tables.rows(); ++row) {
        const std::string_view type = tables.text(row, 1);
        const bool view = type == "VIEW";
        show(session, out,
             view                 ? "view"
             : type == "SEQUENCE" ? "sequence"
                                  : "table",
             view                 ? "VIEW"
             : type == "SEQUENCE" ? "SEQUENCE"
                                  : "TABLE",
             tables.string(row, 0), 1);
    }
    const Result triggers = session.run(cat("SELECT trigger_name FROM information_schema.triggers WHERE ",
                                            of_this_database(session, "trigger_schema"), " AND ", not_a_guard()));
    for (int row = 0; row < triggers.rows(); ++row)
        show(session, out, "trigger", "TRIGGER", triggers.string(row, 0), 2);
    const Result routines =
        session.run(cat("SELECT routine_name, routine_type FROM information_schema.routines WHERE ",
                        of_this_database(session, "routine_schema"), " AND routine_type IN ('FUNCTION', 'PROCEDURE')"));
    for (int row = 0; row < routines.rows(); ++row) {
        const bool function = routines.text(row, 1) == "FUNCTION";
        show(session, out, function ? "function" : "procedure", routines.text(row, 1), routines.string(row, 0), 2);
    }
    std::ranges::sort(out, {}, [](const SchemaObject& object) { return std::tie(object.kind, object.name); });
    return out;
}

}  // namespace dbfixture::mariadb
