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

std::vector<std::string> tables_written_by_triggers(const LoadContext& context, std::size_t index) {
    const Table& table = context.table(index);
    std::set<std::string> written;
    std::string assignments;
    for (const Column& column : table.columns) {
        if (column.generated) continue;
        append(assignments, cat(assignments.empty() ? "" : ", ", quote_identifier(column.name), " = NULL"));
    }
    set_triggers(context.handle, true);
    sqlite3_set_authorizer(context.handle.database, note_write, &written);
    for (const std::string& sql : {cat("INSERT INTO ", qualified(table.name), " DEFAULT VALUES"),
                                   cat("UPDATE ", qualified(table.name), " SET ", assignments)}) {
        try {
            const Statement probe(context.handle, sql);
        } catch (const Error&) {
            // A trigger that does not compile writes nothing.
        }
    }
    sqlite3_set_authorizer(context.handle.database, nullptr, nullptr);
    set_triggers(context.handle, false);
    std::vector<std::string> names;
    for (const std::string& name : written) {
        if (!equals_ignore_case(name, table.name)) names.push_back(name);
    }
    return names;
}

}  // namespace dbfixture::sqlite
