// SPDX-License-Identifier: MIT
// The server's views show a user only what it has some right to: tables and columns that it may not see would be
// missing from a dump in silence. What it was granted (SHOW GRANTS: "GRANT SELECT, INSERT (`a`) ON `database`.* TO
// ...") says whether there can be any.
#include <cctype>
#include <utility>
#include <vector>

#include "base/cat.h"
#include "db/mariadb/failure.h"
#include "db/mariadb/introspect_parts.h"

namespace dbfixture::mariadb {
namespace {

// The first place of `mark` outside of names in backticks, from `from` on.
std::size_t find_outside_names(std::string_view line, std::string_view mark, std::size_t from) {
    bool in_name = false;
    for (std::size_t i = from; i < line.size(); ++i) {
        if (line[i] == '`') in_name = !in_name;
        if (!in_name && line.substr(i).starts_with(mark)) return i;
    }
    return std::string_view::npos;
}

struct Grant {
    std::string_view privileges, object;
};

Grant take_apart(std::string_view line) {
    constexpr std::string_view kGrant = "GRANT ", kOn = " ON ";
    const std::size_t on = find_outside_names(line, kOn, 0);
    if (!line.starts_with(kGrant) || on == std::string_view::npos) return {};  // of a role
    const std::size_t object = on + kOn.size();
    return {line.substr(kGrant.size(), on - kGrant.size()),
            line.substr(object, find_outside_names(line, " TO ", object) - object)};
}

// Whether it is among the privileges, and not for some columns alone.
bool grants_select(std::string_view privileges) {
    if (privileges.starts_with("ALL PRIVILEGES")) return true;
    const std::size_t at = find_outside_names(privileges, "SELECT", 0);
    return at != std::string_view::npos && !privileges.substr(at).starts_with("SELECT (");
}

char folded(char c, bool exact) {
    return exact ? c : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

// The server's LIKE, in which grants name databases: % and _, plain behind a backslash.
bool is_like(std::string_view text, std::string_view pattern, bool exact) {
    while (!pattern.empty()) {
        if (pattern[0] == '%') {
            for (std::size_t skipped = 0; skipped <= text.size(); ++skipped) {
                if (is_like(text.substr(skipped), pattern.substr(1), exact)) return true;
            }
            return false;
        }
        if (text.empty()) return false;
        const bool any = pattern[0] == '_';
        if (pattern[0] == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
        if (!any && folded(text[0], exact) != folded(pattern[0], exact)) return false;
        text.remove_prefix(1);
        pattern.remove_prefix(1);
    }
    return text.empty();
}

// "*.*", "`shop\_%`.*"
bool is_for_all_of(std::string_view object, std::string_view database, bool exact) {
    if (object == "*.*") return true;
    if (!object.starts_with('`') || !object.ends_with("`.*")) return false;
    std::string pattern;
    for (std::size_t i = 1; i + 3 < object.size(); ++i) {
        pattern += object[i];
        if (object[i] == '`') ++i;
    }
    return is_like(database, pattern, exact);
}

}  // namespace

void read_grants(const Result& found, Session& session, Catalog& catalog) {
    bool names_columns = false;
    for (int row = 0; row < found.rows(); ++row) {
        const Grant grant = take_apart(found.text(row, 0));
        if (grants_select(grant.privileges) &&
            is_for_all_of(grant.object, session.server().database, session.server().exact_names))
            return;
        names_columns = names_columns || find_outside_names(grant.privileges, "SELECT (", 0) != std::string_view::npos;
    }
    catalog.schema.out_of_sight =
        "this user may not read the database as a whole: a table that it has no right to is not seen";
    if (!names_columns) return;
    for (std::size_t table = 0; table < catalog.facts.size(); ++table) {
        try {
            session.run(cat("SELECT * FROM ", catalog.facts[table].sql_name, " LIMIT 0"));
        } catch (const ServerError& error) {
            if (error.number != kTableAccessDenied && error.number != kColumnAccessDenied) continue;
            catalog.schema.tables[table].unreadable = "this user may not read all of its columns";
        }
    }
}

}  // namespace dbfixture::mariadb
