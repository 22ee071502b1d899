// SPDX-License-Identifier: MIT
#include "db/sqlite/unparsed_schema.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/memory_database.h"

namespace dbfixture::sqlite {
namespace {

constexpr std::string_view kMalformed = "malformed database schema";

bool accepts_newer_schema(Handle handle) {
    int on = 0;
    sqlite3_db_config(handle.database, SQLITE_DBCONFIG_WRITABLE_SCHEMA, -1, &on);
    return on != 0;
}

// Text as a program writes it; damage leaves other bytes.
bool is_plain_text(std::string_view text) {
    return is_valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return (byte < 0x20 && !(byte >= 0x09 && byte <= 0x0D)) || byte == 0x7F;
           });
}

// A damaged letter in the first words would be a syntax error, too.
bool is_whole_definition(const UnparsedObject& object) {
    static constexpr std::array<std::string_view, 4> kKinds = {"table", "index", "view", "trigger"};
    const std::string sql = to_lower(object.sql);
    if (!is_plain_text(sql) || !sql.starts_with("create ")) return false;
    if (std::find(kKinds.begin(), kKinds.end(), object.kind) == kKinds.end()) return true;
    for (const std::string_view between : {"", "virtual ", "unique ", "temp ", "temporary "}) {
        if (sql.starts_with(cat("create ", between, object.kind, " "))) return true;
    }
    return false;
}

// An empty database in which definitions are tried one by one.
class Trial {
  public:
    // SQLite's words, or "" if it takes the definition.
    std::string define(const UnparsedObject& object) {
        const bool is_virtual = to_lower(object.sql).starts_with("create virtual");
        std::string words = database_.refusal(object.sql, !is_virtual);
        // Triggers and indexes are tried on something even if their table is not to be had.
        if (object.kind == "table" && !has_table(object.name)) {
            database_.refusal(cat("CREATE TABLE ", quote_identifier(object.name), "(x)"), true);
        }
        return words;
    }

  private:
    bool has_table(const std::string& name) {
        return sqlite3_table_column_metadata(database_.handle().database, "main", name.c_str(), nullptr, nullptr,
                                             nullptr, nullptr, nullptr, nullptr) == SQLITE_OK;
    }
    MemoryDatabase database_;
};

std::vector<UnparsedObject> definitions(Handle handle) {
    std::vector<UnparsedObject> out;
    Statement list(
        handle,
        "SELECT type, name, tbl_name, sql FROM main.sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "ORDER BY type <> 'table', type <> 'view', rowid");
    while (list.step())
        out.push_back({list.column_text(0), list.column_text(1), list.column_text(2), list.column_text(3), {}});
    return out;
}

// Throws for what is not there although its grammar is known (rule 2).
void require_sound(Handle handle, const std::vector<UnparsedObject>& all, const std::set<std::string>& unparsed) {
    const auto damaged = [](const std::string& name) {
        return Error(ErrorKind::kFailure, "could not read the schema: the database file is damaged")
            .with_detail(cat(kMalformed, " (", name, ")"))
            .with_hint("run \"PRAGMA integrity_check\" in sqlite3 to see what is wrong");
    };
    std::set<std::string> loaded;
    Statement list(handle, "SELECT name FROM pragma_table_list WHERE schema = 'main'");
    while (list.step())
        loaded.insert(list.column_text(0));
    for (const UnparsedObject& object : all) {
        const bool listed = object.kind == "table" || object.kind == "view";
        if (unparsed.contains(object.name)) continue;
        if (object.sql.empty() || (listed && !loaded.contains(object.name))) throw damaged(object.name);
    }
    Statement beyond(handle,
                     "SELECT name FROM main.sqlite_master WHERE rootpage > (SELECT page_count FROM pragma_page_count)");
    if (beyond.step()) throw damaged(beyond.column_text(0));
}

}  // namespace

bool is_newer_grammar(std::string_view words) {
    static constexpr std::array<std::string_view, 4> kGrammar = {
        ": syntax error", "unrecognized token: ", "unknown table option: ", "unknown join type: "};
    const bool known = std::any_of(kGrammar.begin(), kGrammar.end(),
                                   [&](std::string_view part) { return words.find(part) != std::string_view::npos; });
    return known && is_plain_text(words);
}

std::string newer_sqlite() {
    return cat("written by a newer SQLite than ", sqlite3_libversion());
}

bool accept_newer_schema(Handle handle) {
    const std::string words = sqlite3_errmsg(handle.database);
    if (words.find(kMalformed) == std::string::npos || !is_newer_grammar(words)) return false;
    sqlite3_db_config(handle.database, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, nullptr);
    return true;
}

std::vector<UnparsedObject> find_unparsed(Handle handle) {
    std::vector<UnparsedObject> unparsed;
    if (!accepts_newer_schema(handle)) return unparsed;
    const std::vector<UnparsedObject> all = definitions(handle);
    std::set<std::string> names;
    Trial trial;
    for (const UnparsedObject& object : all) {
        std::string words = trial.define(object);
        if (!is_newer_grammar(words) || !is_whole_definition(object)) continue;
        names.insert(object.name);
        unparsed.push_back(object);
        unparsed.back().reason = cat(newer_sqlite(), ": ", words);
    }
    require_sound(handle, all, names);
    return unparsed;
}

}  // namespace dbfixture::sqlite
