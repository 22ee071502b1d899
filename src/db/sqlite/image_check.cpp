// SPDX-License-Identifier: MIT
#include "db/sqlite/image_check.h"

#include <fcntl.h>
#include <sqlite3.h>

#include <algorithm>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"
#include "base/text.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/image_tree.h"
#include "db/sqlite/memory_database.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {
namespace {

struct SchemaRow {
    std::string type, name, table, sql;
    std::int64_t root = 0;
    bool has_name = false, has_sql = false;

    bool is(std::string_view wanted) const { return type == wanted; }
};

[[noreturn]] void fail(std::string detail) {
    throw Error(ErrorKind::kFailure, "damaged").with_detail(std::move(detail));
}

bool begins_with(std::string_view text, std::string_view word) {
    return text.size() >= word.size() && sqlite3_strnicmp(text.data(), word.data(), static_cast<int>(word.size())) == 0;
}

bool is_virtual(const SchemaRow& row) {
    return row.is("table") && begins_with(row.sql, "CREATE VIRTUAL");
}

bool has_root(const SchemaRow& row) {
    return row.is("index") || (row.is("table") && !is_virtual(row));
}

std::string named(const SchemaRow& row) {
    std::string type = row.type;
    if (!type.empty() && type[0] >= 'a' && type[0] <= 'z') type[0] = static_cast<char>(type[0] - 32);
    return cat(type, " ", quote(row.name));
}

// Also of a schema that this SQLite cannot read.
std::vector<SchemaRow> read_schema(ImageHandle& handle) {
    handle.execute("PRAGMA writable_schema = ON");
    std::vector<SchemaRow> rows;
    Statement read(Handle{handle.get(), TextEncoding::kUtf8},
                   "SELECT type, name, tbl_name, sql, rootpage FROM sqlite_schema ORDER BY rowid");
    while (read.step()) {
        SchemaRow row;
        row.type = read.column_text(0);
        row.has_name = !read.column_is_null(1);
        row.name = read.column_text(1);
        row.table = read.column_text(2);
        row.has_sql = !read.column_is_null(3);
        row.sql = read.column_text(3);
        row.root = read.column_int(4);
        rows.push_back(std::move(row));
    }
    return rows;
}

// Rule 2.
void check_row(const SchemaRow& row) {
    if (!row.is("table") && !row.is("index") && !row.is("view") && !row.is("trigger")) {
        fail(cat("The schema has a row of type ", quote(row.type), "."));
    }
    if (!row.has_name) fail(cat("The schema has ", row.is("index") ? "an " : "a ", row.type, " without a name."));
    if (!row.has_sql && !row.is("index")) fail(cat(named(row), " has no definition."));
    if (row.has_sql && !begins_with(row.sql, "CREATE ")) fail(cat(named(row), " has a definition that is none."));
    if (has_root(row) == (row.root == 0)) fail(cat(named(row), " has root page ", row.root, "."));
}

bool ends_too_early(const std::string& sql) {
    return MemoryDatabase().refusal(sql, false) == "incomplete input";
}

// Rule 3. `said` is why SQLite cannot read the schema: "malformed database schema (NAME) - WHY". It says no reason for
// what contradicts the rest of the schema, and always one for a statement that it does not understand.
void check_definitions(const std::vector<SchemaRow>& rows, const std::string& said) {
    if (said.ends_with(')')) fail(cat("SQLite says: ", said, "."));
    for (const std::string_view contradiction :
         {" already exists", "invalid rootpage", "orphan index", "another table"}) {
        if (said.find(contradiction) != std::string::npos) fail(cat("SQLite says: ", said, "."));
    }
    for (const SchemaRow& row : rows) {
        const bool odd = std::any_of(row.sql.begin(), row.sql.end(), [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' && byte != '\f';
        });
        if (row.has_sql && (odd || ends_too_early(row.sql))) {
            fail(cat(named(row), " has a definition that is damaged: ", quote(row.sql, 200), "."));
        }
    }
}

std::string why_unreadable(const std::string& image) {
    ImageHandle handle(image, HandleMode::kImmutable, 0);
    if (handle.try_execute("SELECT 1 FROM sqlite_schema LIMIT 1") == SQLITE_OK) return {};
    return sqlite3_errmsg(handle.get());
}

TreeKind kind_of(const SchemaRow& row) {
    if (row.is("index")) return TreeKind::kIndex;
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    constexpr std::string_view kWithout = "without";
    const auto found = std::search(row.sql.begin(), row.sql.end(), kWithout.begin(), kWithout.end(), same);
    return found == row.sql.end() ? TreeKind::kTable : TreeKind::kEither;
}

std::vector<StateTable> check_all(const std::string& image) {
    const PosixFile file(image, O_RDONLY);
    ImageTrees trees(file);
    trees.visit(1, TreeKind::kTable);
    ImageHandle handle(image, HandleMode::kImmutable, 0);
    const std::vector<SchemaRow> rows = read_schema(handle);
    std::vector<StateTable> tables;
    for (const SchemaRow& row : rows) {
        check_row(row);
        if (is_virtual(row)) tables.push_back({row.name, std::nullopt});
        if (!has_root(row)) continue;
        try {
            if (row.root < 0 || row.root > trees.pages()) fail(cat("Page ", row.root, " is wanted."));
            const std::uint64_t entries = trees.visit(static_cast<std::uint32_t>(row.root), kind_of(row));
            if (row.is("table") && !row.name.starts_with("sqlite_")) tables.push_back({row.name, entries});
        } catch (Error& error) {
            if (error.kind == ErrorKind::kFailure) error.detail = cat(named(row), ": ", error.detail);
            throw;
        }
    }
    const std::string said = why_unreadable(image);
    if (!said.empty()) check_definitions(rows, said);
    return tables;
}

}  // namespace

std::vector<StateTable> check_image_file(const std::string& image, const std::string& database) {
    try {
        return check_all(image);
    } catch (Error& error) {
        if (error.kind == ErrorKind::kInterrupted) throw;
        error.kind = ErrorKind::kFailure;
        error.message = cat("database ", quote(database, 200), " is damaged");
        error.hint = "nothing was saved: restore an older snapshot, or see \"PRAGMA integrity_check\" in sqlite3";
        throw;
    }
}

}  // namespace dbfixture::sqlite
