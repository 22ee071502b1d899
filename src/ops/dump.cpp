// SPDX-License-Identifier: MIT
#include "ops/dump.h"

#include <algorithm>
#include <optional>

#include "base/arena.h"
#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "base/work.h"
#include "layout/layout.h"
#include "layout/table/dump.h"
#include "layout/table/key.h"
#include "model/copy_value.h"
#include "model/value_order.h"
#include "ops/threaded_writer.h"

namespace dbfixture {
namespace {

// Keys of rows as they are stored, in memory of `arena`.
class KeyCollector final : public RowSink {
  public:
    explicit KeyCollector(Arena& arena) : arena_(arena) {}
    void take(const Row& row) override {
        const std::size_t size = row.row_number ? 1 : row.key.size();
        auto* const key = arena_.make<Value>(size);
        for (std::size_t i = 0; i < size; ++i)
            key[i] = row.row_number ? Value::integer(*row.row_number) : copy_value(row.key[i], arena_);
        keys.emplace_back(key, size);
    }
    std::vector<std::span<const Value>> keys;

  private:
    Arena& arena_;
};

bool is_range(std::string_view key) {
    const std::size_t digits = key.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string_view::npos) return false;
    const std::string_view between = key.substr(digits, key.find_first_of("0123456789", digits) - digits);
    return (between == "-" || between == ".." || between == ":") &&
           key.find_first_not_of("0123456789", digits + between.size()) == std::string_view::npos;
}

// The keys of the rows that were asked for, in key order, each once. Every key must be there: a typing mistake would
// leave rows out in silence.
std::vector<Value> find_keys(Connection& connection, const RowQuery& query, const DumpOptions& options, Arena& arena) {
    std::vector<std::string> missing;
    bool range = false;
    KeyCollector found(arena);
    for (std::size_t i = 0; i < query.keys.size(); ++i) {
        RowQuery one;
        one.table = query.table;
        one.keys = {query.keys[i]};
        const std::size_t before = found.keys.size();
        connection.read_rows(one, found);
        if (found.keys.size() > before) continue;
        if (std::find(missing.begin(), missing.end(), options.keys[i]) == missing.end())
            missing.push_back(options.keys[i]);
        range = range || is_range(options.keys[i]);
    }
    if (!missing.empty()) {
        const Table& table = connection.schema().tables[query.table];
        throw Error(ErrorKind::kNotFound,
                    cat("no row of table ", quote(table.label()), " has the key ", quote_list(missing)))
            .with_hint(range ? "--pks lists single keys, as in 1,2,3" : "");
    }
    std::sort(found.keys.begin(), found.keys.end(), is_key_before);
    std::vector<Value> keys;
    for (std::size_t i = 0; i < found.keys.size(); ++i) {
        if (i > 0 && !is_key_before(found.keys[i - 1], found.keys[i])) continue;
        const std::span<const Value> key = found.keys[i];
        keys.push_back(key.size() == 1 ? key[0] : Value::list(key.data(), key.size()));
    }
    return keys;
}

class CountingWriter final : public RecordWriter {
  public:
    CountingWriter(RecordWriter& inner, WorkCount& count) : inner_(inner), count_(count) {}
    void write(const Record& record) override {
        inner_.write(record);
        count_.add(1);
    }
    void finish() override { inner_.finish(); }

  private:
    RecordWriter& inner_;
    WorkCount& count_;
};

}  // namespace

DumpReport dump(Connection& connection, const DumpOptions& options, ByteSink& sink) {
    const Schema& schema = connection.schema();
    WriteOptions write = options.write;
    write.lasting_names = true;  // they are the schema's and the layout's
    const auto text_writer = options.format->make_writer(sink, write);
    std::optional<CountingWriter> counting;
    if (options.written != nullptr) counting.emplace(*text_writer, *options.written);
    RecordWriter& counted = counting ? static_cast<RecordWriter&>(*counting) : *text_writer;
    // Two threads, whoever starts the second.
    std::optional<ThreadedWriter> threaded;
    RecordWriter& writer = connection.capabilities().reads_ahead ? counted : threaded.emplace(counted, true);
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
            throw Error(ErrorKind::kUsage, cat("rows of table ", quote(table.label()), " have no key"));
        }
        for (const std::string& key : options.keys) {
            query.keys.push_back(options.layout != nullptr ? options.layout->parse_key(key, index, arena)
                                                           : parse_table_key(key, table, arena));
        }
        if (!query.keys.empty()) query.keys = find_keys(connection, query, options, arena);
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
