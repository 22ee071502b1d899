// SPDX-License-Identifier: MIT
#include "db/sqlite/image_obstacles.h"

#include <sqlite3.h>

#include <optional>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/sqlite/facts.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/introspect.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {
namespace {

// Why SQLite does not take the statement; "" if it does.
std::string why_not(Handle handle, const std::string& sql) {
    try {
        const Statement statement(handle, sql);
        return {};
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kInterrupted || error.kind == ErrorKind::kBusy) throw;
        return error.detail.substr(0, error.detail.find("; in "));
    }
}

// Rule 1.
std::string statement_obstacle(Handle handle, const Table& table) {
    std::string columns, places;
    for (const Column& column : table.columns) {
        if (column.generated) continue;
        append(columns, cat(columns.empty() ? "" : ", ", quote_identifier(column.name)));
        append(places, places.empty() ? "?" : ", ?");
    }
    const std::string name = qualified(table.name);
    std::vector<std::string> statements = {cat("DELETE FROM ", name)};
    if (!columns.empty()) statements.push_back(cat("INSERT INTO ", name, " (", columns, ") VALUES (", places, ")"));
    for (const std::size_t column : table.key) {
        statements.push_back(
            cat("SELECT 1 FROM ", name, " WHERE ", quote_identifier(table.columns[column].name), " = ?1"));
    }
    for (const std::string& sql : statements) {
        std::string reason = why_not(handle, sql);
        if (!reason.empty()) return reason;
    }
    return {};
}

// "CHECK constraint failed in t", "NULL value in t.c"; nothing for findings of another kind.
std::optional<std::string> table_of_finding(const std::string& finding, const Schema& schema) {
    const std::size_t at = finding.find(" in ");
    if (at == std::string::npos) return std::nullopt;
    const std::string_view what = std::string_view(finding).substr(0, at);
    if (what != "CHECK constraint failed" && !what.ends_with(" value")) return std::nullopt;
    const std::string_view where = std::string_view(finding).substr(at + 4);
    std::optional<std::string> best;
    for (const Table& table : schema.tables) {
        const bool fits = where == table.name || where.starts_with(table.name + ".");
        if (fits && (!best || best->size() < table.name.size())) best = table.name;
    }
    return best;
}

// Rule 2.
void add_row_obstacles(Handle handle, const Schema& schema, std::vector<Obstacle>& out) {
    Statement check(handle, "PRAGMA main.quick_check");
    while (check.step()) {
        const std::string finding = check.column_text(0);
        const auto table = table_of_finding(finding, schema);
        if (table && (out.empty() || out.back().table != *table))
            out.push_back({*table, cat("SQLite says: ", finding)});
    }
}

}  // namespace

std::vector<Obstacle> find_obstacles(const std::string& path, int busy_timeout_ms) {
    ImageHandle database(path, HandleMode::kRead, busy_timeout_ms);
    const Handle handle{database.get(), TextEncoding::kUtf8};
    const Catalog catalog = read_catalog(handle);
    std::vector<Obstacle> found;
    for (const Table& table : catalog.schema.tables) {
        if (!table.unreadable.empty() || !table.not_dumpable.empty() || table.derived) continue;
        const std::string reason = statement_obstacle(handle, table);
        if (!reason.empty()) found.push_back({table.name, reason});
    }
    if (found.empty()) add_row_obstacles(handle, catalog.schema, found);
    return found;
}

}  // namespace dbfixture::sqlite
