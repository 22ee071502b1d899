// SPDX-License-Identifier: MIT
#include "db/sqlite/image_facts.h"

#include <sqlite3.h>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {
namespace {

// One table's rows of the planner's tables, in any order that does not depend on how they were written.
constexpr std::string_view kStatistics[] = {
    "SELECT tbl, idx, stat, '', '', '' FROM sqlite_stat1 ORDER BY tbl, idx",
    "SELECT tbl, idx, neq, nlt, ndlt, sample FROM sqlite_stat4 ORDER BY tbl, idx, neq, nlt, ndlt, sample"};

void add_statistics(Handle handle, std::string_view sql, std::map<std::string, std::string>& out) {
    std::map<std::string, Checksum> sums;
    try {
        Statement read(handle, sql);
        while (read.step()) {
            Checksum& sum = sums[read.column_text(0)];
            for (int i = 1; i < 6; ++i) {
                const std::string text = read.column_text(i);
                sum.update(cat(text.size(), read.column_is_null(i) ? "n" : "t", text));
            }
        }
    } catch (const Error& error) {  // most databases have none of these tables
        if (error.kind != ErrorKind::kFailure) throw;
        return;
    }
    for (const auto& [table, sum] : sums)
        append(out[table], cat(sum.digest(), " "));
}

void add_rows(Handle handle, const std::string& table, Checksum& sum) {
    Statement read(handle, cat("SELECT * FROM ", qualified(table)));
    while (read.step()) {
        for (int i = 0; i < read.column_count(); ++i) {
            const Value value = read.column(i);
            const std::string text = read.column_text(i);
            sum.update(cat(static_cast<int>(value.kind()), ":", text.size(), ":", text));
        }
    }
}

// Its data is in tables named after it, whether or not its module is here.
void add_stored(Handle handle, std::map<std::string, std::string>& out) {
    Statement find(handle,
                   "SELECT v.name, s.name FROM main.sqlite_schema AS v JOIN main.sqlite_schema AS s"
                   " ON s.type = 'table' AND s.rootpage > 0 AND substr(s.name, 1, length(v.name) + 1) = v.name || '_'"
                   " WHERE v.type = 'table' AND v.sql LIKE 'CREATE VIRTUAL%' ORDER BY 1, 2");
    std::map<std::string, Checksum> sums;
    try {
        while (find.step()) {
            Checksum& sum = sums[find.column_text(0)];
            sum.update(find.column_text(1));
            add_rows(handle, find.column_text(1), sum);
        }
    } catch (const Error& error) {  // it is then not compared
        if (error.kind != ErrorKind::kFailure) throw;
        return;
    }
    for (const auto& [table, sum] : sums)
        out[table] = sum.digest();
}

}  // namespace

StateFacts read_image_facts(const std::string& path, int busy_timeout_ms) {
    ImageHandle handle(path, HandleMode::kRead, busy_timeout_ms);
    handle.try_execute("PRAGMA writable_schema = ON");  // a schema that cannot be read is not asked for
    const Handle statements{handle.get(), TextEncoding::kUtf8};
    StateFacts facts;
    for (const std::string name : {"user_version", "application_id", "encoding", "page_size", "auto_vacuum"}) {
        Statement read(statements, cat("PRAGMA ", name));
        if (read.step()) facts.settings[name] = read.column_text(0);
    }
    for (const std::string_view sql : kStatistics)
        add_statistics(statements, sql, facts.statistics);
    add_stored(statements, facts.stored);
    return facts;
}

}  // namespace dbfixture::sqlite
