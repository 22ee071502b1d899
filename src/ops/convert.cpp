// SPDX-License-Identifier: MIT
#include "ops/convert.h"

#include "base/error.h"
#include "model/copy_value.h"
#include "model/exact_number.h"
#include "model/plain.h"
#include "ops/threaded_writer.h"

namespace dbfixture {
namespace {

Value resolve_plain(const Value& value) {
    return resolve_plain_canonical(value.as_text());
}

// What stands inside a list or a map (DESIGN 2): `resolve` says what a plain scalar there is.
Value resolve_items(const Value& value, Value (*resolve)(const Value&), Arena& arena) {
    if (value.kind() == ValueKind::kPlain) return resolve(value).set_line(value.line());
    if (value.kind() != ValueKind::kList && value.kind() != ValueKind::kMap) return value;
    return with_items(value, arena, [&](const Value& item) { return resolve_items(item, resolve, arena); });
}

class Converter final : public RecordSink {
  public:
    explicit Converter(RecordWriter& writer) : writer_(writer) {}

    void take(const Record& record) override {
        arena_.clear();
        record_ = record;
        record_.key = resolve_key_without_column(record.key, arena_);
        record_.row_number = resolve_without_column(record.row_number, arena_);
        for (Field& field : record_.fields)
            field.value = resolve_without_column(field.value, arena_);
        writer_.write(record_);
        ++records_;
    }

    std::uint64_t records() const { return records_; }

  private:
    RecordWriter& writer_;
    Arena arena_;
    Record record_;
    std::uint64_t records_ = 0;
};

}  // namespace

Value resolve_without_column(const Value& value, Arena& arena) {
    if (value.kind() == ValueKind::kPlain) return resolve_plain(value).set_line(value.line());
    return resolve_items(
        value, [](const Value& item) { return resolve_plain_json(item.as_text()); }, arena);
}

Value resolve_key_without_column(const Value& key, Arena& arena) {
    return resolve_items(key, resolve_plain, arena);
}

std::uint64_t convert(const FixtureInput& input, const Format& format, const WriteOptions& options, ByteSink& sink) {
    const auto text_writer = format.make_writer(sink, options);
    ThreadedWriter writer(*text_writer);
    Converter converter(writer);
    const auto source = input.open();
    try {
        input.format->read(*source, converter, {input.name, 0});
    } catch (Error& error) {
        if (error.where.file.empty() && error.kind == ErrorKind::kInput) error.where.file = input.name;
        throw;
    }
    writer.finish();
    return converter.records();
}

}  // namespace dbfixture
