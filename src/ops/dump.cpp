// SPDX-License-Identifier: MIT
#include "ops/dump.h"

#include "base/arena.h"
#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/json/text.h"
#include "layout/bind_value.h"
#include "layout/django/dump.h"
#include "layout/django/value.h"
#include "layout/table/dump.h"
#include "ops/threaded_writer.h"

namespace dbfixture {
namespace {

Value parse_key(const std::string& text, const Table& table, Arena& arena) {
    static const Column kRowNumber{.name = "rowid",
                                   .declared = "INTEGER",
                                   .type = ColumnType::kInteger,
                                   .nullable = false,
                                   .generated = false,
                                   .default_text = {}};
    if (table.key.size() == 1) return bind_typed_key(text, table.columns[table.key[0]], arena);
    if (table.key.empty()) return bind_typed_key(text, kRowNumber, arena);
    const Value list = parse_json_value(text, arena);
    if (list.kind() != ValueKind::kList || list.item_count() != table.key.size()) {
        throw Error(ErrorKind::kUsage,
                    cat("key ", quote(text), " must be a list of ", table.key.size(), " values, as [1, \"a\"]"));
    }
    auto* parts = new (arena.allocate(sizeof(Value) * list.item_count())) Value[list.item_count()];
    for (std::size_t i = 0; i < list.item_count(); ++i)
        parts[i] = bind_value(list.items()[i], table.columns[table.key[i]], arena);
    return Value::list(parts, list.item_count());
}

// A key as Django takes it: a UUID with its dashes, say.
Value parse_django_key(const std::string& text, const Table& table, const DjangoModel& model,
                       const DjangoConfig& config, Arena& arena) {
    const DjangoField& field = model.field_of_column(table.key[0]);
    if (field.form == DjangoForm::kAny) return parse_key(text, table, arena);
    DjangoReadNotes notes;
    try {
        return read_django_value(Value::text(text), field.form, table.columns[field.column],
                                 {config.use_tz, false, true}, notes, arena);
    } catch (const Error& error) {
        throw Error(ErrorKind::kUsage, cat("in --pks: ", error.message)).with_hint(error.hint);
    }
}

}  // namespace

DumpReport dump(Connection& connection, const DumpOptions& options, ByteSink& sink) {
    const Schema& schema = connection.schema();
    const auto text_writer = options.format->make_writer(sink, options.write);
    ThreadedWriter writer(*text_writer);
    if (!options.keys.empty() && options.tables.size() != 1) {
        throw Error(ErrorKind::kUsage, "rows can be chosen by key in one table only")
            .with_hint("name exactly one table");
    }
    DumpReport report;
    DjangoDumper django(connection, options, writer);
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
        const DjangoModel* model = options.django != nullptr ? options.django->of_table(index) : nullptr;
        for (const std::string& key : options.keys) {
            query.keys.push_back(model != nullptr && table.key.size() == 1
                                     ? parse_django_key(key, table, *model, options.django->config(), arena)
                                     : parse_key(key, table, arena));
        }
        std::uint64_t rows = 0;
        if (options.django != nullptr && django.takes(index)) {
            rows = django.dump(query);
        } else {
            RecordPusher pusher(table, query.columns, writer);
            connection.read_rows(query, pusher);
            rows = pusher.rows();
        }
        report.rows.push_back(rows);
        report.total += rows;
    }
    report.total += django.leftover_rows();
    report.warnings = django.warnings();
    writer.finish();
    return report;
}

}  // namespace dbfixture
