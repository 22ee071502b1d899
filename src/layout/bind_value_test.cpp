// SPDX-License-Identifier: MIT
// Every rule by which a fixture's value becomes a column's (DESIGN 2), as a table: the value, and what each type of
// column makes of it.
#include "layout/bind_value.h"

#include <array>
#include <catch2/catch.hpp>
#include <limits>

#include "base/error.h"
#include "fixture/reading_test.h"

using namespace dbfixture;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Columns {
    Column untyped, boolean, integer, real, numeric, text, bytes;
    Columns()
        : untyped(make("", ColumnType::kUntyped)),
          boolean(make("BOOLEAN", ColumnType::kBoolean)),
          integer(make("INTEGER", ColumnType::kInteger)),
          real(make("REAL", ColumnType::kReal)),
          numeric(make("DECIMAL(10, 2)", ColumnType::kNumeric)),
          text(make("TEXT", ColumnType::kText)),
          bytes(make("BLOB", ColumnType::kBytes)) {}
    static Column make(std::string declared, ColumnType type) {
        Column column;
        column.name = "c";
        column.declared = std::move(declared);
        column.type = type;
        return column;
    }
};

// What becomes of the value, as the reading tests show values; "refused" and why.
std::string bound(const Value& value, const Column& column) {
    Arena arena;
    try {
        return show(bind_value(value, column, arena));
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::kInput);
        const std::size_t why = error.message.rfind(": ");
        return "refused" + (why == std::string::npos ? "" : error.message.substr(why));
    }
}

// For untyped, BOOLEAN, INTEGER, REAL, DECIMAL, TEXT and BLOB columns, in this order; "=" is what stands before it.
struct Rule {
    Value value;
    std::array<std::string, 7> expected;
};

void check(const std::vector<Rule>& rules) {
    const Columns columns;
    const Column* const all[] = {&columns.untyped, &columns.boolean, &columns.integer, &columns.real,
                                 &columns.numeric, &columns.text,    &columns.bytes};
    for (const Rule& rule : rules) {
        std::string before;
        for (std::size_t i = 0; i < rule.expected.size(); ++i) {
            const std::string& expected = rule.expected[i] == "=" ? before : rule.expected[i];
            INFO(show(rule.value) << " into a column of type \"" << all[i]->declared << "\"");
            CHECK(bound(rule.value, *all[i]) == expected);
            before = expected;
        }
    }
}

const std::string kLost = "refused: digits would be lost";
const std::string kLarge = "refused: the number is too large";
const std::string kBits = "refused: integers have 64 bits";
const std::string kNoBoolean = "refused: it is no boolean";
const std::string kNoBooleanColumn = "refused: it is not a boolean column";
const std::string kTwoReaders = "refused: one YAML reader takes it for a number, another for a text";

}  // namespace

TEST_CASE("a typed value is kept in every column that does not change it", "[bind]") {
    check({
        {Value::null(), {"null", "=", "=", "=", "=", "=", "="}},
        {Value::integer(-5), {"integer -5", "=", "=", "=", "=", "=", "="}},
        {Value::bytes("\x01"), {"bytes 01", "=", "=", "=", "=", "=", "="}},
        {Value::encoded_text("x", TextEncoding::kUtf16le), {"utf16le 78", "=", "=", "=", "=", "=", "="}},
        {Value::encoded_text("12", TextEncoding::kUtf8), {"utf8 3132", "=", "=", "=", "=", "=", "="}},
        {Value::real(1.5), {"real 1.5", "=", "=", "=", "=", "refused: it would become a text", "real 1.5"}},
        {Value::real(kInfinity),
         {"real Infinity", "=", "=", "=", "=", "refused: it would become a text", "real Infinity"}},
        {Value::real(-kInfinity),
         {"real -Infinity", "=", "=", "=", "=", "refused: it would become a text", "real -Infinity"}},
        {Value::real(std::numeric_limits<double>::quiet_NaN()),
         {"refused: no column keeps NaN", "=", "=", "=", "=", "=", "="}},
        {Value::boolean(true), {"true", "=", kNoBooleanColumn, "=", "=", "=", "="}},
        {Value::boolean(false), {"false", "=", kNoBooleanColumn, "=", "=", "=", "="}},
    });
}

TEST_CASE("a number keeps every digit or is refused, and is its own spelling in a text column", "[bind]") {
    const auto number = [](std::string_view text) { return Value::number(text); };
    check({
        {number("1"), {"integer 1", "=", "=", "real 1.0", "integer 1", "\"1\"", "integer 1"}},
        {number("-0"), {"integer 0", "=", "=", "real -0.0", "integer 0", "\"-0\"", "integer 0"}},
        {number("9223372036854775807"),
         {"integer 9223372036854775807", "=", "=", kLost, "integer 9223372036854775807", "\"9223372036854775807\"",
          "integer 9223372036854775807"}},
        {number("-9223372036854775808"),
         {"integer -9223372036854775808", "=", "=", "real -9.223372036854776e+18", "integer -9223372036854775808",
          "\"-9223372036854775808\"", "integer -9223372036854775808"}},
        {number("9223372036854775808"),
         {kBits, "=", "=", "real 9.223372036854776e+18", kBits, "\"9223372036854775808\"", kBits}},
        {number("123456789012345678901"), {kBits, "=", "=", kLost, kBits, "\"123456789012345678901\"", kBits}},
        {number("9007199254740992"),
         {"integer 9007199254740992", "=", "=", "real 9007199254740992.0", "integer 9007199254740992",
          "\"9007199254740992\"", "integer 9007199254740992"}},
        {number("9007199254740993"),
         {"integer 9007199254740993", "=", "=", kLost, "integer 9007199254740993", "\"9007199254740993\"",
          "integer 9007199254740993"}},
        {number("1.10"), {"real 1.1", "=", "=", "=", "=", "\"1.10\"", "real 1.1"}},
        {number("0.1234567890123456789"), {kLost, "=", "=", "=", "=", "\"0.1234567890123456789\"", kLost}},
        {number("0.30000000000000004"),
         {"real 0.30000000000000004", "=", "=", "=", "=", "\"0.30000000000000004\"", "real 0.30000000000000004"}},
        {number("1e5"), {"real 100000.0", "=", "=", "=", "=", "\"1e5\"", "real 100000.0"}},
        {number("1e999"), {kLarge, "=", "=", "=", "=", "\"1e999\"", kLarge}},
        {number("-1e999"), {kLarge, "=", "=", "=", "=", "\"-1e999\"", kLarge}},
        {number("1e-999"), {kLost, "=", "=", "=", "=", "\"1e-999\"", kLost}},
        {number("5e-324"), {"real 5e-324", "=", "=", "=", "=", "\"5e-324\"", "real 5e-324"}},
        {number("4e-324"), {kLost, "=", "=", "=", "=", "\"4e-324\"", kLost}},
        {number("0e999"), {"real 0.0", "=", "=", "=", "=", "\"0e999\"", "real 0.0"}},
        {Value::decimal("1.10"), {"real 1.1", "=", "=", "=", "=", "\"1.10\"", "real 1.1"}},
        {Value::decimal("0.1234567890123456789"), {kLost, "=", "=", "=", "=", "\"0.1234567890123456789\"", kLost}},
    });
}

TEST_CASE("a text that the database would turn into a number is refused where digits would be lost", "[bind]") {
    const auto text = [](std::string_view t) { return Value::text(t); };
    check({
        {text(""), {"\"\"", kNoBoolean, "\"\"", "=", "=", "=", "="}},
        {text("abc"), {"\"abc\"", kNoBoolean, "\"abc\"", "=", "=", "=", "="}},
        {text("1_000"), {"\"1_000\"", kNoBoolean, "\"1_000\"", "=", "=", "=", "="}},
        {text("12"), {"\"12\"", "integer 12", "\"12\"", "=", "=", "=", "="}},
        {text("true"), {"\"true\"", "true", "\"true\"", "=", "=", "=", "="}},
        {text("no"), {"\"no\"", "false", "\"no\"", "=", "=", "=", "="}},
        {text("null"), {"\"null\"", kNoBoolean, "\"null\"", "=", "=", "=", "="}},
        {text("9007199254740992"),
         {"\"9007199254740992\"", "integer 9007199254740992", "\"9007199254740992\"", "=", "=", "=", "="}},
        {text("9007199254740993"),
         {"\"9007199254740993\"", "integer 9007199254740993", "\"9007199254740993\"", kLost, "\"9007199254740993\"",
          "=", "="}},
        {text(" +9007199254740993 "),
         {"\" +9007199254740993 \"", kNoBoolean, "\" +9007199254740993 \"", kLost, "\" +9007199254740993 \"", "=",
          "="}},
        {text("9223372036854775807"),
         {"\"9223372036854775807\"", "integer 9223372036854775807", "\"9223372036854775807\"", kLost,
          "\"9223372036854775807\"", "=", "="}},
        {text("123456789012345678901"),
         {"\"123456789012345678901\"", kBits, kLost, "=", "=", "\"123456789012345678901\"", "="}},
        {text("0.1234567890123456789"),
         {"\"0.1234567890123456789\"", kLost, "=", "=", "=", "\"0.1234567890123456789\"", "="}},
        {text("1e999"), {"\"1e999\"", kLarge, "=", "=", "=", "\"1e999\"", "="}},
    });
}

TEST_CASE("a plain YAML scalar takes its type from the column", "[bind]") {
    const auto plain = [](std::string_view text) { return Value::plain(text); };
    check({
        {plain(""), {"null", "=", "=", "=", "=", "=", "="}},
        {plain("~"), {"null", "=", "=", "=", "=", "=", "="}},
        {plain("no"), {"\"no\"", "false", "\"no\"", "=", "=", "=", "="}},
        {plain("true"), {"true", "=", kNoBooleanColumn, "=", "=", "\"true\"", kNoBooleanColumn}},
        {plain("012"), {"integer 12", "=", "=", "=", "=", "\"012\"", "integer 12"}},
        {plain("+1"), {"integer 1", "=", "=", "=", "=", "\"+1\"", "integer 1"}},
        {plain("0x1F"), {"integer 31", "=", "=", "=", "=", "\"0x1F\"", "integer 31"}},
        {plain("0o17"), {"integer 15", "=", "=", "=", "=", "\"0o17\"", "integer 15"}},
        {plain(".5"), {"real 0.5", "=", "=", "=", "=", "\".5\"", "real 0.5"}},
        {plain("1e3"), {"real 1000.0", "=", "=", "=", "=", "\"1e3\"", "real 1000.0"}},
        {plain("1.10"), {"real 1.1", "=", "=", "=", "=", "\"1.10\"", "real 1.1"}},
        {plain(".inf"), {"real Infinity", "=", "=", "=", "=", "\".inf\"", "real Infinity"}},
        {plain("9223372036854775808"),
         {kBits, "=", "=", "real 9.223372036854776e+18", kBits, "\"9223372036854775808\"", kBits}},
        {plain("2024-01-01"), {"\"2024-01-01\"", kNoBoolean, "\"2024-01-01\"", "=", "=", "=", "="}},
        {plain("1_000"), {"\"1_000\"", kNoBoolean, kTwoReaders, "=", "=", "\"1_000\"", "="}},
        {plain("1,000"), {"\"1,000\"", kNoBoolean, kTwoReaders, "=", "=", "\"1,000\"", "="}},
        {plain("0b1"), {"\"0b1\"", kNoBoolean, kTwoReaders, "=", "=", "\"0b1\"", "="}},
        {plain("-0x1F"), {"\"-0x1F\"", kNoBoolean, kTwoReaders, "=", "=", "\"-0x1F\"", "="}},
        {plain("1:30"), {"\"1:30\"", kNoBoolean, kTwoReaders, "=", "=", "\"1:30\"", "="}},
    });
    const Column date = Columns::make("TIME", ColumnType::kNumeric);
    CHECK(bound(plain("12:30:45"), date) == "\"12:30:45\"");
}

TEST_CASE("a list or a map is its JSON text, and a JSON text is kept in its spelling", "[bind]") {
    const Value items[] = {Value::plain("1"), Value::plain("x"), Value::number("1.50"), Value::null()};
    const Value map[] = {Value::text("a"), Value::plain("true")};
    const Value dollar[] = {Value::text("$a"), Value::number("1")};
    const std::string list_text = show(Value::text(R"([1,"x",1.50,null])"));
    const std::string map_text = show(Value::text(R"({"a":true})"));
    const std::string json_text = show(Value::text(R"( {"a": 1} )"));
    check({
        {Value::list(items, 4), {list_text, "refused: it is a list", "=", "=", list_text, "=", "="}},
        {Value::map(map, 1), {map_text, "refused: it is a map", "=", "=", map_text, "=", "="}},
        {Value::json(R"( {"a": 1} )"), {json_text, "refused: it is a JSON text", "=", "=", json_text, "=", "="}},
    });
    const Columns columns;
    CHECK(bound(Value::map(dollar, 1), columns.text) == "refused");
}

TEST_CASE("a row number is an integer, however it is spelled", "[bind]") {
    CHECK(bind_row_number(Value::integer(-7)) == -7);
    CHECK(bind_row_number(Value::number("7")) == 7);
    CHECK(bind_row_number(Value::plain("7")) == 7);
    CHECK(bind_row_number(Value::text("7")) == 7);
    for (const Value& value : {Value::number("1.5"), Value::text("x"), Value::plain("9223372036854775808"),
                               Value::boolean(true), Value::real(1), Value::null()})
        CHECK_THROWS_AS(bind_row_number(value), Error);
}

TEST_CASE("a key on a command line is read by its column", "[bind]") {
    const Columns columns;
    Arena arena;
    CHECK(show(bind_typed_key("7", columns.integer, arena)) == "integer 7");
    CHECK(show(bind_typed_key("7", columns.text, arena)) == "\"7\"");
    CHECK(show(bind_typed_key("1.5", columns.real, arena)) == "real 1.5");
    CHECK(show(bind_typed_key("1-3", columns.integer, arena)) == "\"1-3\"");
}
