// SPDX-License-Identifier: MIT
#include "ops/dump.h"

#include "base/arena.h"
#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "layout/layout.h"
#include "layout/table/dump.h"
#include "layout/table/key.h"
#include "ops/threaded_writer.h"

namespace dbfixture {

DumpReport dump(Connection& connection, const DumpOptions& options, ByteSink& sink) {
    const Schema& schema = connection.schema();
    const auto text_writer = options.format->make_writer(sink, options.write);
    ThreadedWriter writer(*text_writer);
    if (!options.keys.empty() && options.tables.size() != 1) {
        throw Error(ErrorKind::kUsage, "rows can be chosen by key in one table only")
            .with_hint("name exactly one table");
    }
    DumpReport report;
    const auto dumper = options.layout != nullptr ? options.layout->make_dumper(connection, options, writer) : nullptr;
    Arena arena;
    for (const std::size_t index : options.tables) {
        const Table& table = schema.tables[index];
        RowQuery query;
        query.table = index;
        for (std::size_t column = 0; column < table.columns.size(); ++column) {
            if (!table.columns[column].generated && !table.is_key_column(column)) query.columns.push_back(column);
        }
        if (!options.keys.empty() && table.key_kind == KeyKind::kNone) {
            throw Error(ErrorKind::kUsage, cat("rows of table ", quote(table.name), " have no key"));
        }
        for (const std::string& key : options.keys) {
            query.keys.push_back(options.layout != nullptr ? options.layout->parse_key(key, index, arena)
                                                           : parse_table_key(key, table, arena));
        }
        std::uint64_t rows = 0;
        if (dumper && dumper->takes(index)) {
            rows = dumper->dump(query);
        } else {
            RecordPusher pusher(table, query.columns, writer);
            connection.read_rows(query, pusher);
            rows = pusher.rows();
        }
        report.rows.push_back(rows);
        report.total += rows;
    }
    if (dumper) {
        report.total += dumper->leftover_rows();
        report.warnings = dumper->warnings();
    }
    writer.finish();
    return report;
}

}  // namespace dbfixture
