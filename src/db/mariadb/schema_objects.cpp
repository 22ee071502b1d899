// SPDX-License-Identifier: MIT
#include "db/mariadb/schema_objects.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/cat.h"
#include "db/mariadb/introspect_parts.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/trigger_record.h"

namespace dbfixture::mariadb {
namespace {

struct Shown {
    std::string_view kind, words;
    int column = 1;  // of its definition
};

Shown shown_as(std::string_view type) {
    if (type == "VIEW") return {"view", "VIEW"};
    if (type == "SEQUENCE") return {"sequence", "SEQUENCE"};
    if (type == "TRIGGER") return {"trigger", "TRIGGER", 2};
    if (type == "FUNCTION") return {"function", "FUNCTION", 2};
    if (type == "PROCEDURE") return {"procedure", "PROCEDURE", 2};
    return {"table", "TABLE"};
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
    const std::vector<Result> lists = session.run_all(std::array{
        cat("SELECT table_name, table_type FROM information_schema.tables WHERE ",
            of_this_database(session, "table_schema"), " AND table_type <> 'TEMPORARY' AND ", not_a_record()),
        cat("SELECT trigger_name, 'TRIGGER' FROM information_schema.triggers WHERE ",
            of_this_database(session, "event_object_schema"), " AND ", not_a_guard()),
        cat("SELECT routine_name, routine_type FROM information_schema.routines WHERE ",
            of_this_database(session, "routine_schema"), " AND routine_type IN ('FUNCTION', 'PROCEDURE')")});
    std::vector<SchemaObject> out;
    std::vector<Shown> how;
    std::vector<std::string> statements;
    for (const Result& list : lists) {
        for (int row = 0; row < list.rows(); ++row) {
            how.push_back(shown_as(list.text(row, 1)));
            out.push_back({std::string(how.back().kind), list.string(row, 0), {}});
            statements.push_back(cat("SHOW CREATE ", how.back().words, " ", quote_identifier(out.back().name)));
        }
    }
    const std::vector<Result> found = session.run_all(statements);
    for (std::size_t at = 0; at < out.size(); ++at)
        if (found[at].rows() > 0) out[at].definition = without_counter(found[at].string(0, how[at].column));
    std::ranges::sort(out, {}, [](const SchemaObject& object) { return std::tie(object.kind, object.name); });
    return out;
}

}  // namespace dbfixture::mariadb
