// SPDX-License-Identifier: MIT
#include "db/sqlite/load_triggers.h"

#include <sqlite3.h>

#include <exception>
#include <optional>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/memory_database.h"
#include "db/sqlite/setting.h"

namespace dbfixture::sqlite {
namespace {

// The connection's authorizer while it lives: notes what triggers of the statements that are prepared would write.
class WriteNotes {
  public:
    explicit WriteNotes(Handle handle) : handle_(handle) { sqlite3_set_authorizer(handle.database, note, this); }
    WriteNotes(const WriteNotes&) = delete;
    WriteNotes& operator=(const WriteNotes&) = delete;
    ~WriteNotes() { sqlite3_set_authorizer(handle_.database, nullptr, nullptr); }

    // Throws what the authorizer could not, being called by C.
    const std::set<std::string>& tables() const {
        if (failure_) std::rethrow_exception(failure_);
        return tables_;
    }

  private:
    static int note(void* context, int action, const char* table, const char*, const char* schema,
                    const char* trigger) noexcept {
        const bool writes = action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE;
        if (!writes || trigger == nullptr || table == nullptr || schema == nullptr) return SQLITE_OK;
        if (std::string_view(schema) != "main") return SQLITE_OK;
        auto& self = *static_cast<WriteNotes*>(context);
        try {
            self.tables_.insert(table);
        } catch (...) {
            self.failure_ = std::current_exception();
        }
        return SQLITE_OK;
    }

    Handle handle_;
    std::set<std::string> tables_;
    std::exception_ptr failure_;
};

// The tables, views and triggers of a database, in memory: a connection of the caller's own may have an authorizer
// already, and nobody can tell which.
void copy_definitions(Handle from, MemoryDatabase& to) {
    Statement list(from,
                   "SELECT sql FROM main.sqlite_master WHERE sql IS NOT NULL AND type <> 'index' "
                   "ORDER BY type <> 'table', type <> 'view', rowid");
    while (list.step())
        to.refusal(list.column_text(0), true);
}

}  // namespace

TriggerWrites written_by_triggers(const LoadContext& context, std::size_t index) {
    const Table& table = context.table(index);
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
    std::optional<MemoryDatabase> copy;
    if (context.handle.borrowed) copy_definitions(context.handle, copy.emplace());
    const Handle handle = copy ? copy->handle() : context.handle;
    const Setting triggers = Setting::triggers(handle, true);
    const WriteNotes notes(handle);
    for (const std::string& sql : statements) {
        try {
            const Statement probe(handle, sql);
        } catch (const Error& error) {
            out.problem = error.detail.substr(0, error.detail.find(kInStatement));
        }
    }
    for (const std::string& name : notes.tables()) {
        if (!equals_ignore_case(name, table.name)) out.tables.push_back(name);
    }
    return out;
}

}  // namespace dbfixture::sqlite
