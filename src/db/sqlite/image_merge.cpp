// SPDX-License-Identifier: MIT
// restore --keep: an image with some tables' rows taken from the live database. Built beside the snapshot in a file of
// its own, so that the database sees one restore of a finished state.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"
#include "base/text.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/flush.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/image_stream.h"
#include "db/sqlite/image_write.h"
#include "db/sqlite/images.h"
#include "db/sqlite/introspect.h"
#include "db/sqlite/load_triggers.h"
#include "db/sqlite/restore_image.h"
#include "db/sqlite/setting.h"
#include "db/sqlite/transaction.h"

namespace dbfixture::sqlite {
namespace {

void copy_verified(const SavedState& image, const std::string& target) {
    verify_image_file(image);
    const ImageSource from(image);
    const PosixFile to(target, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    ImageStream stream(from);
    std::uint64_t offset = 0;
    for (std::string_view piece = stream.next(); !piece.empty(); offset += piece.size(), piece = stream.next()) {
        to.write_at(piece, offset);
    }
}

std::string definition(Handle handle, std::string_view schema, const std::string& table) {
    Statement find(handle, cat("SELECT sql FROM ", schema, ".sqlite_master WHERE type = 'table' AND name = ?1"));
    find.bind(1, std::string_view(table));
    return find.step() ? find.column_text(0) : std::string();
}

// Table, row, parent and key of every foreign key that points nowhere.
std::set<std::string> violations(Handle handle) {
    std::set<std::string> found;
    Statement check(handle, "PRAGMA main.foreign_key_check");
    while (check.step()) {
        found.insert(cat(check.column_text(0), "\n", check.column_is_null(1) ? "-" : check.column_text(1), "\n",
                         check.column_text(2), "\n", check.column_text(3)));
    }
    return found;
}

void take_rows(Handle handle, const Table& table, const TableFacts& facts) {
    std::string columns;
    const bool has_hidden_key = !facts.rowid.empty() && !facts.rowid_column;
    if (has_hidden_key) columns = facts.rowid;
    for (const Column& column : table.columns) {
        if (!column.generated) append(columns, cat(columns.empty() ? "" : ", ", quote_identifier(column.name)));
    }
    execute(handle, cat("DELETE FROM ", qualified(table.name)));
    execute(handle, cat("INSERT INTO ", qualified(table.name), "(", columns, ") SELECT ", columns, " FROM live.",
                        quote_identifier(table.name)));
    if (!table.has_sequence()) return;
    Statement forget(handle, "DELETE FROM main.sqlite_sequence WHERE name = ?1");
    forget.bind(1, std::string_view(table.name)).run();
    Statement take(handle,
                   "INSERT INTO main.sqlite_sequence SELECT name, seq FROM live.sqlite_sequence WHERE name = ?1");
    take.bind(1, std::string_view(table.name)).run();
}

const std::string& require_table(const Catalog& catalog, const std::string& name, std::size_t& index) {
    const auto found = catalog.schema.find(name);
    if (!found) {
        throw Error(ErrorKind::kNotFound, cat("table ", quote(name), " is not in the snapshot"))
            .with_hint(did_you_mean(name, catalog.schema.labels()));
    }
    index = *found;
    return catalog.schema.tables[index].name;
}

void keep_tables(Handle handle, const std::vector<std::string>& keep) {
    const Catalog catalog = read_catalog(handle);
    const std::set<std::string> before = violations(handle);
    Transaction transaction(handle);
    const Setting triggers = Setting::triggers(handle, false);
    std::set<std::size_t> done;
    FlushRequest derived{.tables = {}, .keep_sequences = true};
    for (const std::string& name : keep) {
        std::size_t index = 0;
        const std::string& table = require_table(catalog, name, index);
        if (!done.insert(index).second) continue;
        const std::string live = definition(handle, "live", table);
        if (live.empty() || live != definition(handle, "main", table)) {
            throw Error(ErrorKind::kInput,
                        cat("cannot keep table ", quote(table), ": ",
                            live.empty() ? "the database does not have it" : "the snapshot defines it differently"))
                .with_hint("restore without --keep, or make a new snapshot");
        }
        if (!catalog.facts[index].module.empty()) {
            throw Error(ErrorKind::kInput, cat("cannot keep virtual table ", quote(table)));
        }
        take_rows(handle, catalog.schema.tables[index], catalog.facts[index]);
        derived.tables.push_back(index);
    }
    for (const std::string& sql : rebuild_statements(catalog, derived.tables))
        execute(handle, sql);
    std::set<std::string> after = violations(handle);
    for (const std::string& old : before)
        after.erase(old);
    if (!after.empty()) {
        const std::string& first = *after.begin();
        throw Error(ErrorKind::kInput, cat("kept rows and the snapshot do not fit together: ", after.size(),
                                           after.size() == 1 ? " row refers" : " rows refer", " to missing rows"))
            .with_detail(cat("The first is in table ", quote(first.substr(0, first.find('\n'))), "."))
            .with_hint("keep the tables on both sides of that foreign key");
    }
    transaction.commit();
}

}  // namespace

SavedState merge_image_file(const std::string& database, const SavedState& image, const std::vector<std::string>& keep,
                            const std::string& target, int busy_timeout_ms) {
    try {
        copy_verified(image, target);
        {
            ImageHandle copy(target, HandleMode::kReadWrite, busy_timeout_ms);
            Handle handle{copy.get(), TextEncoding::kUtf8};
            execute(handle, "PRAGMA journal_mode = OFF");
            execute(handle, "PRAGMA synchronous = OFF");
            Statement attach(handle, "ATTACH ?1 AS live");
            const std::string uri = read_uri(database);
            attach.bind(1, std::string_view(uri)).run();
            keep_tables(handle, keep);
        }
        return finish_image_file(target);
    } catch (...) {
        ::unlink(target.c_str());
        throw;
    }
}

}  // namespace dbfixture::sqlite
