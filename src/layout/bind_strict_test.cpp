// SPDX-License-Identifier: MIT
// What a column that keeps one kind of value only makes of a fixture's value, as a table; and that what is dumped from
// such a column comes back.
#include "layout/bind_strict.h"

#include <catch2/catch.hpp>
#include <limits>
#include <vector>

#include "base/error.h"
#include "fixture/format.h"
#include "fixture/reading_test.h"
#include "layout/bind_value.h"
#include "layout/table/dump.h"

using namespace dbfixture;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Column column_of(ColumnType type, int precision = 0, int scale = 0) {
    Column column;
    column.name = "c";
    column.declared = "its type";
    column.type = type;
    column.strict = true;
    column.precision = precision;
    column.scale = scale;
    return column;
}

// What becomes of the value, as the reading tests show values; "refused" and why.
std::string bound(const Value& value, const Column& column) {
    Arena arena;
    try {
        return show(bind_value(value, column, arena));
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::kInput);
        return "refused" + error.message.substr(error.message.rfind(": "));
    }
}

using Rules = std::vector<std::pair<Value, std::string>>;

void check(const Column& column, const Rules& rules) {
    for (const auto& [value, expected] : rules) {
        INFO(show(value));
        CHECK(bound(value, column) == expected);
    }
    CHECK(bound(Value::null(), column) == "null");
    CHECK(bound(Value::plain("~"), column) == "null");
}

}  // namespace

TEST_CASE("a strict integer column takes integers of 64 bits, however they are spelled", "[bind]") {
    check(column_of(ColumnType::kInteger),
          {{Value::number("-9223372036854775808"), "integer -9223372036854775808"},
           {Value::number("9223372036854775808"), "refused: integers have 64 bits"},
           {Value::integer(7), "integer 7"},
           {Value::text("7"), "integer 7"},
           {Value::text("+7"), "integer 7"},
           {Value::plain("0x1F"), "integer 31"},
           {Value::plain("012"), "integer 12"},
           {Value::text(""), "refused: it is no number"},
           {Value::text("seven"), "refused: it is no number"},
           {Value::plain("1_000"), "refused: one YAML reader takes it for a number, another for a text"},
           {Value::number("1.0"), "refused: it is no integer"},
           {Value::number("1e3"), "refused: it is no integer"},
           {Value::real(1.5), "refused: it is no integer"},
           {Value::real(kInfinity), "refused: it is no number"},
           {Value::boolean(true), "refused: it is not a boolean column"},
           {Value::bytes("7"), "refused: it is no number"}});
}

TEST_CASE("an unsigned column takes 64 bits without a sign", "[bind]") {
    check(column_of(ColumnType::kUnsigned),
          {{Value::number("18446744073709551615"), "unsigned 18446744073709551615"},
           {Value::unsigned_integer(18446744073709551615U), "unsigned 18446744073709551615"},
           {Value::text("9223372036854775808"), "unsigned 9223372036854775808"},
           {Value::number("9223372036854775807"), "integer 9223372036854775807"},
           {Value::number("-0"), "integer 0"},
           {Value::number("18446744073709551616"), "refused: integers have 64 bits"},
           {Value::number("-1"), "refused: the column is unsigned"},
           {Value::number("-18446744073709551615"), "refused: the column is unsigned"},
           {Value::number("0.5"), "refused: it is no integer"}});
}

TEST_CASE("a strict boolean column takes booleans, their words, 0 and 1", "[bind]") {
    check(column_of(ColumnType::kBoolean), {{Value::boolean(false), "false"},
                                            {Value::plain("yes"), "true"},
                                            {Value::text("off"), "false"},
                                            {Value::number("1"), "true"},
                                            {Value::integer(0), "false"},
                                            {Value::text("0"), "false"},
                                            {Value::number("2"), "refused: it is no boolean"},
                                            {Value::number("1.0"), "refused: it is no boolean"},
                                            {Value::text(""), "refused: it is no boolean"},
                                            {Value::bytes("1"), "refused: it is no boolean"}});
}

TEST_CASE("a strict real column takes numbers that lose no digit, and what only the engine can judge", "[bind]") {
    check(column_of(ColumnType::kReal), {{Value::number("1"), "real 1.0"},
                                         {Value::number("0.1"), "real 0.1"},
                                         {Value::text("2.5"), "real 2.5"},
                                         {Value::plain(".5"), "real 0.5"},
                                         {Value::real(-kInfinity), "real -Infinity"},
                                         {Value::real(std::numeric_limits<double>::quiet_NaN()), "real NaN"},
                                         {Value::plain(".inf"), "real Infinity"},
                                         {Value::number("0.12345678901234567890"), "refused: digits would be lost"},
                                         {Value::number("1e400"), "refused: the number is too large"},
                                         {Value::text("many"), "refused: it is no number"},
                                         {Value::boolean(true), "refused: it is not a boolean column"}});
}

TEST_CASE("a decimal column keeps the digits of a number as they are spelled, or refuses it", "[bind]") {
    const Rules any = {{Value::number("1.50"), "decimal 1.50"},
                       {Value::text("1.50"), "decimal 1.50"},
                       {Value::plain("+1.23456789012345678901234567890"), "decimal 1.23456789012345678901234567890"},
                       {Value::text(".5"), "decimal 0.5"},
                       {Value::text("-007."), "decimal -7"},
                       {Value::integer(-7), "decimal -7"},
                       {Value::real(0.25), "decimal 0.25"},
                       {Value::decimal("0.10"), "decimal 0.10"},
                       {Value::text("."), "refused: it is no number"},
                       {Value::text("1,5"), "refused: it is no number"},
                       {Value::text("1.5 "), "refused: it is no number"},
                       {Value::boolean(true), "refused: it is not a boolean column"}};
    check(column_of(ColumnType::kDecimal), any);
    check(column_of(ColumnType::kDecimal), {{Value::number("1e400"), "decimal 1e400"},
                                            {Value::text("NaN"), "decimal NaN"},
                                            {Value::real(-kInfinity), "decimal -Infinity"}});
    check(column_of(ColumnType::kDecimal, 10, 2), {{Value::number("1.500"), "decimal 1.500"},
                                                   {Value::text("99999999.99"), "decimal 99999999.99"},
                                                   {Value::number("100000000"), "refused: the number is too large"},
                                                   {Value::number("1.005"), "refused: digits would be lost"},
                                                   {Value::real(0.125), "refused: digits would be lost"}});
}

TEST_CASE("a strict text column takes texts and the source of numbers, as elsewhere", "[bind]") {
    check(column_of(ColumnType::kText),
          {{Value::text("no"), "\"no\""},
           {Value::plain("no"), "\"no\""},
           {Value::number("1.10"), "\"1.10\""},
           {Value::integer(5), "\"5\""},
           {Value::json("[1]"), "\"[1]\""},
           {Value::encoded_text("ok", TextEncoding::kUtf8), "\"ok\""},
           {Value::encoded_text("\xFF", TextEncoding::kUtf8), "refused: it is not valid UTF-8"},
           {Value::encoded_text("a", TextEncoding::kUtf16le), "refused: it is not valid UTF-8"},
           {Value::boolean(true), "refused: it is not a boolean column"},
           {Value::real(1.5), "refused: it would become a text"},
           {Value::bytes("a"), "refused: it is no text"}});
}

TEST_CASE("a strict column of bytes takes bytes", "[bind]") {
    check(column_of(ColumnType::kBytes), {{Value::bytes("a"), "bytes 61"},
                                          {Value::text("a"), "refused: it is no binary data"},
                                          {Value::number("1"), "refused: it is no binary data"}});
}

TEST_CASE("dates, times, UUIDs and arrays are the engine's texts, and no numbers", "[bind]") {
    for (const auto& [type, what] :
         std::vector<std::pair<ColumnType, std::string>>{{ColumnType::kDate, "a date"},
                                                         {ColumnType::kTime, "a time"},
                                                         {ColumnType::kTimestamp, "a date and time"},
                                                         {ColumnType::kTimestampZone, "a date and time"},
                                                         {ColumnType::kInterval, "an interval"},
                                                         {ColumnType::kUuid, "a UUID"},
                                                         {ColumnType::kArray, "an array"}}) {
        const Value items[] = {Value::number("1")};
        check(column_of(type), {{Value::text("2024-01-01"), "\"2024-01-01\""},
                                {Value::plain("24:00:00"), "\"24:00:00\""},
                                {Value::plain("infinity"), "\"infinity\""},
                                {Value::number("20240101"), "refused: it is a number, not " + what},
                                {Value::boolean(true), "refused: it is a boolean, not " + what},
                                {Value::list(items, 1), "refused: it is a list, not " + what},
                                {Value::bytes("a"), "refused: it is bytes, not " + what}});
    }
    check(column_of(ColumnType::kEngineText), {{Value::text("[1,5)"), "\"[1,5)\""},
                                               {Value::number("1.10"), "\"1.10\""},
                                               {Value::integer(3), "\"3\""},
                                               {Value::json("{}"), "refused: it is a JSON text, not a text"}});
}

TEST_CASE("a strict JSON column takes every value as the document that it is", "[bind]") {
    const Value items[] = {Value::number("1.0"), Value::text("a")};
    const Value entries[] = {Value::text("k"), Value::null()};
    check(column_of(ColumnType::kJson), {{Value::text("a\"b"), R"x(""a\"b"")x"},
                                         {Value::plain("a"), R"x(""a"")x"},
                                         {Value::plain("1"), R"("1")"},
                                         {Value::number("1.50"), R"("1.50")"},
                                         {Value::boolean(true), R"("true")"},
                                         {Value::json("null"), R"("null")"},
                                         {Value::json(" { } "), R"(" { } ")"},
                                         {Value::list(items, 2), R"("[1.0,"a"]")"},
                                         {Value::map(entries, 1), R"("{"k":null}")"},
                                         {Value::real(kInfinity), "refused: JSON has no such number"},
                                         {Value::bytes("{}"), "refused: it is no JSON"}});
}

TEST_CASE("what is dumped from strict columns is bound to the same values", "[bind]") {
    struct Kept final : RecordWriter {
        std::vector<Value> values;
        const std::vector<Column>& columns;
        explicit Kept(const std::vector<Column>& of) : columns(of) {}
        void write(const Record& record) override {
            static Arena arena;
            for (std::size_t i = 0; i < record.fields.size(); ++i)
                values.push_back(bind_value(record.fields[i].value, columns[i], arena));
        }
        void finish() override {}
    };
    Table table;
    table.name = "t";
    table.key_kind = KeyKind::kNone;
    table.columns = {
        column_of(ColumnType::kDecimal, 10, 2), column_of(ColumnType::kJson), column_of(ColumnType::kJson),
        column_of(ColumnType::kJson),           column_of(ColumnType::kDate), column_of(ColumnType::kArray),
        column_of(ColumnType::kUnsigned),       column_of(ColumnType::kText), column_of(ColumnType::kBytes)};
    const std::vector<Value> stored = {Value::decimal("1.50"),
                                       Value::text("{\"a\":[1,2]}"),
                                       Value::text("\"a string\""),
                                       Value::text("{ \"a\": 1, \"a\": 2 }"),
                                       Value::text("2024-01-01 BC"),
                                       Value::text("[2:3]={7,8}"),
                                       Value::unsigned_integer(18446744073709551615U),
                                       Value::text("1.50"),
                                       Value::bytes(std::string_view("\0\xFF", 2))};
    Kept kept(table.columns);
    RecordPusher pusher(table, {0, 1, 2, 3, 4, 5, 6, 7, 8}, kept);
    pusher.take({{}, std::nullopt, stored});
    REQUIRE(kept.values.size() == stored.size());
    for (std::size_t i = 0; i < stored.size(); ++i) {
        INFO(i);
        CHECK(show(kept.values[i]) == show(stored[i]));
    }
}

TEST_CASE("a strict boolean column that also holds numbers takes them, and its booleans stay booleans", "[bind]") {
    Column column = column_of(ColumnType::kBoolean);
    column.also_numbers = true;
    check(column, {{Value::boolean(true), "true"},
                   {Value::number("1"), "true"},
                   {Value::number("-128"), "integer -128"},
                   {Value::plain("7"), "integer 7"},
                   {Value::plain("yes"), "true"},
                   {Value::number("1.5"), "refused: it is no integer"},
                   {Value::text("maybe"), "refused: it is no number"}});
}

TEST_CASE("bytes go into a strict column of its engine's texts only where they say what has no text", "[bind]") {
    Column column = column_of(ColumnType::kEngineText);
    CHECK(bound(Value::bytes(""), column) == "refused: it is no number");
    column.also_bytes = true;
    CHECK(bound(Value::bytes(""), column) == show(Value::bytes("")));
    CHECK(bound(Value::text("a"), column) == show(Value::text("a")));
}
