// SPDX-License-Identifier: MIT
#include "db/sqlite/load_indexes.h"

#include <sqlite3.h>

#include "base/cat.h"
#include "base/text.h"
#include "db/sqlite/failure.h"

namespace dbfixture::sqlite {
namespace {

bool has_statistics(Handle handle, std::string_view table) {
    Statement found(handle, "SELECT count(*) FROM main.sqlite_master WHERE name = ?1");
    found.bind(1, table);
    return found.step() && found.column_int(0) > 0;
}

}  // namespace

void IndexPause::drop(std::size_t table) {
    if (context_.handle.borrowed) return;  // its statements may be open on them
    for (const Index& index : context_.facts(table).indexes) {
        if (index.sql.empty() || !index.plain_columns) continue;
        if (index.unique && context_.facts(table).rowid.empty()) continue;  // its violation could not be traced
        keep_statistics(index);
        execute(context_.handle, cat("DROP INDEX ", qualified(index.name)));
        dropped_.push_back({table, &index});
    }
}

void IndexPause::keep_statistics(const Index& index) {
    if (dropped_.empty()) {
        keeps_stat1_ = has_statistics(context_.handle, "sqlite_stat1");
        keeps_stat4_ = has_statistics(context_.handle, "sqlite_stat4");
        if (keeps_stat1_)
            execute(context_.handle, "CREATE TEMP TABLE dbfixture_stat1 AS SELECT * FROM main.sqlite_stat1 WHERE 0");
        if (keeps_stat4_)
            execute(context_.handle, "CREATE TEMP TABLE dbfixture_stat4 AS SELECT * FROM main.sqlite_stat4 WHERE 0");
    }
    const auto keep = [&](std::string_view sql) {
        Statement statement(context_.handle, sql);
        statement.bind(1, std::string_view(index.name)).run();
    };
    if (keeps_stat1_) keep("INSERT INTO temp.dbfixture_stat1 SELECT * FROM main.sqlite_stat1 WHERE idx = ?1");
    if (keeps_stat4_) keep("INSERT INTO temp.dbfixture_stat4 SELECT * FROM main.sqlite_stat4 WHERE idx = ?1");
}

void IndexPause::build(const Dropped& dropped) {
    Statement create(context_.handle, dropped.index->sql);
    const int code = create.try_run();
    if ((code & 0xFF) == SQLITE_CONSTRAINT) throw unique_violation(dropped, code);
    if (code != SQLITE_DONE)
        throw make_error(context_.handle.database, code, cat("could not rebuild index ", quote(dropped.index->name)));
}

void IndexPause::restore(std::size_t table) {
    for (const Dropped& dropped : dropped_) {
        if (dropped.table == table) build(dropped);
    }
    std::erase_if(dropped_, [&](const Dropped& dropped) { return dropped.table == table; });
}

void IndexPause::rebuild() {
    for (const Dropped& dropped : dropped_)
        build(dropped);
    if (keeps_stat1_) execute(context_.handle, "INSERT INTO main.sqlite_stat1 SELECT * FROM temp.dbfixture_stat1");
    if (keeps_stat4_) execute(context_.handle, "INSERT INTO main.sqlite_stat4 SELECT * FROM temp.dbfixture_stat4");
}

Error IndexPause::unique_violation(const Dropped& dropped, int code) {
    const Table& table = context_.table(dropped.table);
    const TableFacts& facts = context_.facts(dropped.table);
    Error error = make_error(context_.handle.database, code, "");
    std::string columns, group, not_null;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < dropped.index->columns.size(); ++i) {
        const std::string& name = table.columns[dropped.index->columns[i]].name;
        names.push_back(name);
        append(columns, cat(", ", quote_identifier(name)));
        append(group, cat(i == 0 ? "" : ", ", quote_identifier(name), " COLLATE ",
                          quote_identifier(dropped.index->collations[i])));
        append(not_null, cat(i == 0 ? "" : " AND ", quote_identifier(name), " IS NOT NULL"));
    }
    Statement find(context_.handle, cat("SELECT max(", facts.rowid, ")", columns, " FROM ", qualified(table.name),
                                        " WHERE ", not_null, " GROUP BY ", group, " HAVING count(*) > 1 LIMIT 1"));
    error.where.table = table.name;
    error.message = cat("another row has the same ", quote_list(names));
    if (!find.step()) return error;
    if (const auto origin = context_.origins.find(dropped.table, find.column_int(0))) {
        error.where = context_.place(*origin);
        error.where.table = table.name;
    }
    error.where.key =
        cat(table.key_kind == KeyKind::kDeclared && !facts.rowid_column ? "rowid=" : "pk=", find.column_int(0));
    error.where.column = names[0];
    for (std::size_t i = 0; i < names.size(); ++i)
        append(error.message, cat(i == 0 ? ": " : ", ", describe(find.column(static_cast<int>(i) + 1))));
    return error;
}

}  // namespace dbfixture::sqlite
