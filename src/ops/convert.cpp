// SPDX-License-Identifier: MIT
#include "ops/convert.h"

#include <cmath>
#include <new>

#include "base/error.h"
#include "model/exact_number.h"
#include "model/plain.h"
#include "ops/threaded_writer.h"

namespace dbfixture {
namespace {

// "1.0e+300" for 1e+300: YAML 1.1 reads nothing without a dot as a real.
std::string yaml_real(double number) {
    std::string out;
    append_real(out, number);
    const std::size_t exponent = out.find('e');
    if (exponent != std::string::npos && out.find('.') == std::string::npos) out.insert(exponent, ".0");
    return out;
}

Value resolve_plain(const Value& value) {
    const std::string_view text = value.as_text();
    if (is_plain_null(text)) return Value::null();
    const Value core = resolve_plain_core(text);
    switch (core.kind()) {
        case ValueKind::kBoolean:
            if (text == "true" || text == "false") return core;
            break;
        case ValueKind::kNumber: {
            if (is_integer_spelling(text)) return Value::number(text);
            double number = 0;
            if (nearest_real(text, number) == RealFit::kExact && yaml_real(number) == text) return Value::real(number);
            break;
        }
        case ValueKind::kReal:
            if (!std::isfinite(core.as_real()) && (text == ".inf" || text == "-.inf" || text == ".nan")) return core;
            break;
        default:
            break;
    }
    return Value::text(text);
}

class Converter final : public RecordSink {
  public:
    explicit Converter(RecordWriter& writer) : writer_(writer) {}

    void take(const Record& record) override {
        arena_.clear();
        record_ = record;
        record_.key = resolve_without_column(record.key, arena_);
        record_.rowid = resolve_without_column(record.rowid, arena_);
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
    if (value.kind() != ValueKind::kList && value.kind() != ValueKind::kMap) return value;
    const std::size_t count = value.item_count();
    auto* items = new (arena.allocate(sizeof(Value) * (count + 1))) Value[count + 1];
    for (std::size_t i = 0; i < count; ++i)
        items[i] = resolve_without_column(value.items()[i], arena);
    Value out = value.kind() == ValueKind::kList ? Value::list(items, count) : Value::map(items, count / 2);
    return out.set_line(value.line());
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
