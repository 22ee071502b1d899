// SPDX-License-Identifier: MIT
#include "db/sqlite/load_triggers.h"

#include <sqlite3.h>

#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/sqlite/failure.h"

namespace dbfixture::sqlite {
namespace {

int note_write(void* context, int action, const char* table, const char*, const char* schema, const char* trigger) {
    const bool writes = action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE;
    if (writes && trigger != nullptr && table != nullptr && schema != nullptr && std::string_view(schema) == "main") {
        static_cast<std::set<std::string>*>(context)->insert(table);
    }
    return SQLITE_OK;
}

}  // namespace

void set_triggers(Handle handle, bool enabled) {
    sqlite3_db_config(handle.database, SQLITE_DBCONFIG_ENABLE_TRIGGER, enabled ? 1 : 0, nullptr);
}

TriggerWrites written_by_triggers(const LoadContext& context, std::size_t index) {
    const Table& table = context.table(index);
    std::set<std::string> written;
    std::string columns, values, assignments;
    for (const Column& column : table.columns) {
        if (column.generated) continue;
        const std::string name = quote_identifier(column.name);
        append(columns, cat(columns.empty() ? "" : ", ", name));
        append(values, values.empty() ? "NULL" : ", NULL");
        append(assignments, cat(assignments.empty() ? "" : ", ", name, " = NULL"));
    }
    std::vector<std::string> statements = {
        cat("INSERT INTO ", qualified(table.name), "(", columns, ") VALUES (", values, ")"),
        cat("UPDATE ", qualified(table.name), " SET ", assignments)};
    if (context.deleted_from.contains(index)) statements.push_back(cat("DELETE FROM ", qualified(table.name)));
    TriggerWrites out;
    set_triggers(context.handle, true);
    sqlite3_set_authorizer(context.handle.database, note_write, &written);
    for (const std::string& sql : statements) {
        try {
            const Statement probe(context.handle, sql);
        } catch (const Error& error) {
            out.problem = error.detail.substr(0, error.detail.find(kInStatement));
        }
    }
    sqlite3_set_authorizer(context.handle.database, nullptr, nullptr);
    set_triggers(context.handle, false);
    for (const std::string& name : written) {
        if (!equals_ignore_case(name, table.name)) out.tables.push_back(name);
    }
    return out;
}

}  // namespace dbfixture::sqlite
