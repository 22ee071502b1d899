// SPDX-License-Identifier: MIT
#include "ops/dump.h"

#include "base/arena.h"
#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/json_text.h"
#include "ops/bind_value.h"
#include "ops/threaded_writer.h"

namespace dbfixture {
namespace {

// A text in a boolean column would be read back as a boolean (DESIGN 2), so it is written in its raw form.
Value raw_where_needed(const Value& value, ColumnType type) {
    if (type == ColumnType::kBoolean && value.kind() == ValueKind::kText)
        return Value::encoded_text(value.as_text(), TextEncoding::kUtf8);
    return value;
}

class RecordPusher final : public RowSink {
  public:
    RecordPusher(const Table& table, const std::vector<std::size_t>& columns, RecordWriter& writer)
        : table_(table), writer_(writer) {
        record_.model = table.name;
        record_.has_key = table.key_kind != KeyKind::kNone;
        for (const std::size_t column : columns) {
            record_.fields.push_back({table.columns[column].name, {}, 0});
            types_.push_back(table.columns[column].type);
        }
        key_.resize(table.key.size());
        for (const std::size_t column : table.key) {
            const ColumnType type = table.columns[column].type;
            if (type == ColumnType::kUntyped || type == ColumnType::kBytes) record_.key_typed_by_column = false;
        }
    }

    void take(const Row& row) override {
        ++rows_;
        for (std::size_t i = 0; i < key_.size(); ++i)
            key_[i] = raw_where_needed(row.key[i], table_.columns[table_.key[i]].type);
        if (table_.key_kind == KeyKind::kHidden) {
            record_.key = Value::integer(row.rowid.value_or(0));
        } else if (!key_.empty()) {
            record_.key = key_.size() == 1 ? key_[0] : Value::list(key_.data(), key_.size());
            record_.has_rowid = row.rowid.has_value();
            if (row.rowid) record_.rowid = Value::integer(*row.rowid);
        }
        for (std::size_t i = 0; i < types_.size(); ++i)
            record_.fields[i].value = raw_where_needed(row.values[i], types_[i]);
        writer_.write(record_);
    }

    std::uint64_t rows() const { return rows_; }

  private:
    const Table& table_;
    RecordWriter& writer_;
    Record record_;
    std::vector<ColumnType> types_;
    std::vector<Value> key_;
    std::uint64_t rows_ = 0;
};

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
        for (const std::string& key : options.keys)
            query.keys.push_back(parse_key(key, table, arena));
        RecordPusher pusher(table, query.columns, writer);
        connection.read_rows(query, pusher);
        report.rows.push_back(pusher.rows());
        report.total += pusher.rows();
    }
    writer.finish();
    return report;
}

}  // namespace dbfixture
