// SPDX-License-Identifier: MIT
#include "db/sqlite/flush.h"

#include <sqlite3.h>

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/setting.h"
#include "db/sqlite/sql_text.h"

namespace dbfixture::sqlite {
namespace {

// Contentless FTS5 knows no DELETE.
std::string delete_statement(const Catalog& catalog, std::size_t index) {
    const std::string& table = catalog.schema.tables[index].name;
    const bool contentless = !catalog.schema.tables[index].not_dumpable.empty();
    if (catalog.facts[index].module == "fts5" && contentless) return command_to_index(table, "delete-all");
    return cat("DELETE FROM ", qualified(table));
}

// For tables of which rows stay. Their sequences then go on after the largest of them.
std::string delete_others(const Catalog& catalog, const KeptRows& kept) {
    const Table& table = catalog.schema.tables[kept.table];
    std::string sql = cat("DELETE FROM ", qualified(table.name), " WHERE ",
                          quote_identifier(table.columns[table.key.at(0)].name), " NOT IN (");
    for (std::size_t i = 0; i < kept.keys.size(); ++i)
        append(sql, cat(i == 0 ? "" : ", ", kept.keys[i]));
    return sql + ")";
}

const KeptRows* kept_of(const FlushRequest& request, std::size_t table) {
    const auto found =
        std::find_if(request.kept.begin(), request.kept.end(), [&](const KeptRows& k) { return k.table == table; });
    return found == request.kept.end() ? nullptr : &*found;
}

std::string largest_key(const Catalog& catalog, std::size_t index) {
    return largest_number(catalog.schema.tables[index], catalog.facts[index]);
}

std::string forget_sequence(const std::string& table) {
    return cat("DELETE FROM main.sqlite_sequence WHERE name = ", enclose(table, '\''));
}

std::vector<std::string> flush_sequences(const Catalog& catalog, const FlushRequest& request) {
    std::vector<std::string> out;
    for (const std::size_t index : request.tables) {
        const Table& table = catalog.schema.tables[index];
        if (!table.has_sequence() || request.keep_sequences) continue;
        if (kept_of(request, index) == nullptr) {
            out.push_back(forget_sequence(table.name));
        } else {
            for (std::string& statement : sequence_statements(catalog, {index}))
                out.push_back(std::move(statement));
        }
    }
    return out;
}

}  // namespace

std::vector<std::size_t> stale_indexes(const Catalog& catalog, const std::vector<bool>& changed) {
    std::vector<std::size_t> out;
    const bool any = std::find(changed.begin(), changed.end(), true) != changed.end();
    for (std::size_t i = 0; i < catalog.schema.tables.size() && any; ++i) {
        const Table& table = catalog.schema.tables[i];
        if (!table.derived || !catalog.facts[i].full_text || !table.unreadable.empty()) continue;
        const auto content = catalog.schema.find(table.derived_from);
        if (!content || changed[*content]) out.push_back(i);
    }
    return out;
}

std::vector<std::string> rebuild_statements(const Catalog& catalog, const std::vector<std::size_t>& tables) {
    std::vector<bool> changed(catalog.schema.tables.size(), false);
    for (const std::size_t table : tables)
        changed[table] = true;
    std::vector<std::string> out;
    for (const std::size_t index : stale_indexes(catalog, changed))
        out.push_back(command_to_index(catalog.schema.tables[index].name, "rebuild"));
    return out;
}

std::uint64_t empty_table(Handle handle, const Catalog& catalog, std::size_t index, const KeptRows* kept) {
    check_interrupt();
    const std::string& table = catalog.schema.tables[index].name;
    const std::string& obstacle = catalog.facts[index].unwritable;
    if (!obstacle.empty()) throw cannot_use(table, "emptied", obstacle);
    std::int64_t contentless = -1;
    const std::string sql = kept != nullptr ? delete_others(catalog, *kept) : delete_statement(catalog, index);
    if (sql.starts_with("INSERT")) {
        contentless = query_int(handle, cat("SELECT count(*) FROM ", qualified(table))).value_or(0);
    }
    Statement empty(handle, sql);
    const int code = empty.try_run();
    if (code != SQLITE_DONE) {
        Error error = make_error(handle.database, code, cat("could not empty table ", quote(table)));
        const bool table_is_broken = (code & 0xFF) == SQLITE_ERROR || (code & 0xFF) == SQLITE_CORRUPT;
        if (table_is_broken && error.hint.empty()) error.hint = cat("leave it out with --exclude ", table);
        throw error;
    }
    return static_cast<std::uint64_t>(contentless >= 0 ? contentless : sqlite3_changes64(handle.database));
}

void forget_sequence(Handle handle, const Table& table) {
    if (table.has_sequence()) execute(handle, forget_sequence(table.name));
}

std::vector<std::uint64_t> flush_tables(Handle handle, const Catalog& catalog, const FlushRequest& request) {
    const Setting triggers = Setting::triggers(handle, false);
    std::vector<std::uint64_t> rows;
    for (const std::size_t index : request.tables)
        rows.push_back(empty_table(handle, catalog, index, kept_of(request, index)));
    for (const std::string& statement : rebuild_statements(catalog, request.tables))
        execute(handle, statement);
    for (const std::string& statement : flush_sequences(catalog, request))
        execute(handle, statement);
    return rows;
}

std::vector<std::string> flush_statements(const Catalog& catalog, const FlushRequest& request) {
    std::vector<std::string> out = {"PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE"};
    for (const std::size_t index : request.tables) {
        const KeptRows* const kept = kept_of(request, index);
        out.push_back(kept != nullptr ? delete_others(catalog, *kept) : delete_statement(catalog, index));
    }
    for (const std::string& statement : rebuild_statements(catalog, request.tables))
        out.push_back(statement);
    for (const std::string& statement : flush_sequences(catalog, request))
        out.push_back(statement);
    out.emplace_back("COMMIT");
    return out;
}

std::vector<Sequence> read_sequences(Handle handle, const Catalog& catalog, const std::vector<std::size_t>& tables) {
    std::vector<Sequence> out;
    for (const std::size_t index : tables) {
        const Table& table = catalog.schema.tables[index];
        if (!table.has_sequence()) continue;
        Sequence sequence{.table = index, .column = table.key.at(0), .stored = {}, .called = true, .largest = {}};
        // Of several rows SQLite uses the first.
        Statement stored(handle, "SELECT seq, typeof(seq) FROM main.sqlite_sequence WHERE name = ?1 ORDER BY rowid");
        stored.bind(1, std::string_view(table.name));
        if (stored.step() && stored.column_text(1) == "integer") sequence.stored = stored.column_int(0);
        stored.reset();
        sequence.largest = query_int(handle, cat(largest_key(catalog, index), " HAVING count(*) > 0"));
        out.push_back(sequence);
    }
    return out;
}

void write_sequences(Handle handle, const Catalog& catalog, const std::vector<Sequence>& sequences) {
    for (const Sequence& sequence : sequences) {
        const std::string& table = catalog.schema.tables[sequence.table].name;
        execute(handle, forget_sequence(table));
        const auto given = sequence.given();
        if (!given) continue;
        Statement write(handle, "INSERT INTO main.sqlite_sequence(name, seq) VALUES (?1, ?2)");
        write.bind(1, std::string_view(table)).bind(2, *given).run();
    }
}

std::vector<std::string> sequence_statements(const Catalog& catalog, const std::vector<std::size_t>& tables) {
    std::vector<std::string> out;
    for (const std::size_t index : tables) {
        const Table& table = catalog.schema.tables[index];
        if (!table.has_sequence()) continue;
        out.push_back(forget_sequence(table.name));
        out.push_back(cat("INSERT INTO main.sqlite_sequence(name, seq) SELECT ", enclose(table.name, '\''), ", max((",
                          largest_key(catalog, index), "), 0) WHERE EXISTS (SELECT 1 FROM ", qualified(table.name),
                          ")"));
    }
    return out;
}

}  // namespace dbfixture::sqlite
