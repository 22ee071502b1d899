// SPDX-License-Identifier: MIT
#include "layout/django/server_value.h"

#include <catch2/catch.hpp>
#include <utility>

#include "base/cat.h"
#include "base/error.h"
#include "fixture/json/text.h"
#include "layout/django/server_items.h"
#include "layout/django/value.h"

namespace dbfixture {
namespace {

Column column_of(std::string declared, ColumnType type) {
    Column column;
    column.declared = std::move(declared);
    column.type = type;
    column.strict = true;
    return column;
}

// The server's text that the record's value becomes, or the refusal.
std::string read(const std::string& json, const Column& column, const DjangoReadRules& rules = {}) {
    Arena arena;
    DjangoReadNotes notes;
    try {
        const Value value =
            read_django_value(parse_json_value(json, arena), django_form(column), column, rules, notes, arena);
        return cat(value.has_text() ? std::string(value.as_text()) : describe(value),
                   notes.naive_times == 0 ? "" : ", taken as UTC");
    } catch (const Error& error) {
        return cat(error.message, error.hint.empty() ? "" : ": ", error.hint);
    }
}

// What is written of the server's text; "raw" for a raw form.
std::string written(const std::string& stored, const Column& column) {
    Arena arena;
    DjangoWriteRules rules;
    rules.server = &column;
    const Value value = writer_of(django_form(column))(Value::text(stored), rules, arena);
    return value.kind() == ValueKind::kText ? std::string(value.as_text()) : "raw";
}

std::string shape(const std::string& stored, const Column& column) {
    Arena arena;
    DjangoWriteRules rules;
    rules.server = &column;
    const Value value = writer_of(django_form(column))(Value::text(stored), rules, arena);
    return value.kind() == ValueKind::kMap || value.kind() == ValueKind::kList ? "a document" : "raw";
}

// Both ways: Django's form, and the server's text that comes of it, which may quote more.
std::string there_and_back(const std::string& stored, const Column& column, const std::string& form) {
    Arena arena;
    DjangoReadNotes notes;
    const std::string out = written(stored, column);
    if (out != form) return out;
    return std::string(read_django_value(Value::text(out), django_form(column), column, {}, notes, arena).as_text());
}

}  // namespace

TEST_CASE("moments of a server are written as Django writes them", "[django]") {
    const Column zoned = column_of("timestamp with time zone", ColumnType::kTimestampZone);
    const Column plain = column_of("timestamp without time zone", ColumnType::kTimestamp);
    CHECK(written("2020-01-31 01:02:03+00", zoned) == "2020-01-31T01:02:03Z");
    CHECK(written("2020-01-31 01:02:03.5+00", zoned) == "2020-01-31T01:02:03.500000Z");
    CHECK(written("2020-01-31 01:02:03.000001", plain) == "2020-01-31T01:02:03.000001");
    for (const char* const none : {"infinity", "-infinity", "0044-03-15 10:00:00+00 BC", "10000-01-01 00:00:00+00", ""})
        CHECK(written(none, zoned) == "raw");
    CHECK(written("01:02:03.5", column_of("time without time zone", ColumnType::kTime)) == "01:02:03.500000");
    CHECK(written("24:00:00", column_of("time without time zone", ColumnType::kTime)) == "raw");
}

TEST_CASE("a time without a zone is a moment where its zone is known", "[django]") {
    const Column zoned = column_of("timestamp with time zone", ColumnType::kTimestampZone);
    const auto rules = [](std::optional<bool> use_tz, std::string_view zone) {
        return DjangoReadRules{.use_tz = use_tz, .is_xml = false, .is_key = false, .time_zone = zone};
    };
    const std::string naive = R"("2020-01-31T01:02:03.500")";
    CHECK(read(naive, zoned) == "2020-01-31 01:02:03.5+00, taken as UTC");
    CHECK(read(naive, zoned, rules(true, "Asia/Kolkata")) == "2020-01-31 01:02:03.500000 Asia/Kolkata");
    CHECK(read(naive, zoned, rules(false, "Asia/Kolkata")) == "2020-01-31 01:02:03.500000 Asia/Kolkata");
    CHECK(read(naive, zoned, rules(false, "")) ==
          "the value \"2020-01-31T01:02:03.500\" has no time zone, and the database keeps moments: write the project's "
          "TIME_ZONE as \"time_zone: ZONE\" under \"django:\" in the config");
    CHECK(read(R"("2020-01-31T01:02:03+05:30")", zoned, rules(false, "")) == "2020-01-30 19:32:03+00");
    const Column plain = column_of("timestamp without time zone", ColumnType::kTimestamp);
    CHECK(read(naive, plain, rules(true, "Asia/Kolkata")) == "2020-01-31 01:02:03.5");
}

TEST_CASE("intervals of a server are durations where Django would store them so", "[django]") {
    const std::pair<std::string, std::int64_t> spans[] = {{"00:00:00", 0},
                                                          {"04:05:06", 14706000000},
                                                          {"1 day", 86400000000},
                                                          {"3 days 04:05:06.5", 273906500000},
                                                          {"-1 days +23:59:59.5", -500000},
                                                          {"-1 days", -86400000000}};
    for (const auto& [text, span] : spans) {
        INFO(text);
        CHECK(interval_span(text) == span);
        CHECK(interval_text(span) == text);
    }
    // Not as Django would store the same time.
    for (const char* const none : {"36:00:00", "-00:00:01", "1 mon", "1 year 2 mons", "1 day -00:00:01", "x"})
        CHECK_FALSE(interval_span(none).has_value());
}

TEST_CASE("arrays are lists of what value_to_string() gives of their items, and come back", "[django]") {
    struct Case {
        std::string type, stored, form, back;
    };
    const Case cases[] = {
        {"integer[]", "{1,NULL,-3}", R"(["1", null, "-3"])", R"({"1",NULL,"-3"})"},
        {"text[]", R"({a,"b c","NULL","q\"\\","",NULL})", R"(["a", "b c", "NULL", "q\"\\", "", null])",
         R"({"a","b c","NULL","q\"\\","",NULL})"},
        {"text[]", R"({"[\"1\"]"})", R"(["[\"1\"]"])", R"({"[\"1\"]"})"},
        {"text[][]", "{{a},{b}}", R"(["[\"a\"]", "[\"b\"]"])", R"({{"a"},{"b"}})"},
        {"text[][]", "{}", "[]", "{}"},
        {"boolean[]", "{t,f}", R"(["True", "False"])", R"({"t","f"})"},
        {"double precision[]", "{1,0.1,NaN,-Infinity}", R"(["1.0", "0.1", "nan", "-inf"])",
         R"({"1.0","0.1","NaN","-Infinity"})"},
        {"numeric(5,2)[]", "{1.50}", R"(["1.50"])", R"({"1.50"})"},
        {"timestamp with time zone[]", R"({"2020-01-31 01:02:03.5+00"})", R"(["2020-01-31T01:02:03.500000+00:00"])",
         R"({"2020-01-31 01:02:03.5+00"})"},
        {"interval[]", R"({"-1 days +23:59:59.5"})", R"(["-1 23:59:59.500000"])", R"({"-1 days +23:59:59.5"})"},
        {"bytea[]", R"({"\\x00ff"})", R"(["AP8="])", R"({"\\x00ff"})"},
        {"jsonb[]", R"({"{\"a\": [1.10]}"})", R"([{"a": [1.10]}])", R"({"{\"a\":[1.10]}"})"},
        {"inet[]", "{192.168.0.1}", R"(["192.168.0.1"])", R"({"192.168.0.1"})"},
        {"app.hstore[]", R"({"\"a\"=>NULL"})", R"(["{\"a\": null}"])", R"({"\"a\"=>NULL"})"},
        {"int4range[]", R"-({"[1,5)"})-", R"(["{\"bounds\": \"[)\", \"lower\": \"1\", \"upper\": \"5\"}"])",
         R"-({"[\"1\",\"5\")"})-"},
    };
    for (const Case& one : cases) {
        INFO(one.type << " " << one.stored);
        CHECK(there_and_back(one.stored, column_of(one.type, ColumnType::kArray), one.form) == one.back);
    }
    for (const char* const none : {"[2:3]={7,8}", "{1", "{1}x", "", "{{1,2}}"})
        CHECK(written(none, column_of("integer[]", ColumnType::kArray)) == "raw");
    CHECK(written("{infinity}", column_of("date[]", ColumnType::kArray)) == "raw");
    CHECK(written("{{1}}", column_of("integer[][][]", ColumnType::kArray)) == "raw");

    const Column numbers = column_of("integer[]", ColumnType::kArray);
    CHECK(read("[1, null]", numbers) == R"({"1",NULL})");
    CHECK(read(R"("{7,8}")", numbers) == "{7,8}");
    CHECK(read(R"("[2:3]={7,8}")", numbers) == "[2:3]={7,8}");
    CHECK(read(R"(["x"])", numbers) == "the value \"x\" is not an integer");
    CHECK(read(R"([1, "2"])", column_of("integer[][]", ColumnType::kArray)) == "the value is no list");
}

TEST_CASE("maps and ranges are JSON in a string, and come back", "[django]") {
    const Column map = column_of("hstore", ColumnType::kEngineText);
    CHECK(there_and_back(R"("a"=>"1", "b\""=>NULL, "c"=>"")", map, R"({"a": "1", "b\"": null, "c": ""})") ==
          R"("a"=>"1", "b\""=>NULL, "c"=>"")");
    CHECK(there_and_back("", map, "{}") == "");
    CHECK(read(R"({"a": true, "b": 1.50})", map) == R"("a"=>"True", "b"=>"1.50")");
    CHECK(read(R"({"a": []})", map) == "the value is no map of texts");

    const Column numbers = column_of("int4range", ColumnType::kEngineText);
    const std::string both = R"-({"bounds": "[)", "lower": "1", "upper": "5"})-";
    CHECK(there_and_back("[1,5)", numbers, both) == R"-(["1","5"))-");
    const std::string upper = R"-({"bounds": "(]", "lower": null, "upper": "5"})-";
    CHECK(there_and_back("(,5]", numbers, upper) == R"-((,"5"])-");
    CHECK(there_and_back("empty", numbers, R"-({"empty": true})-") == "empty");
    CHECK(read(R"-("[1,5]")-", numbers) == "[1,5]");
    CHECK(read("[1, 5]", numbers) == R"-(["1","5"))-");
    CHECK(read("[1]", numbers) == "the value is no range");
    CHECK(read(R"-({"bounds": "<>", "lower": "1", "upper": "5"})-", numbers) == "the value is no range");
    CHECK(read(R"-({"bounds": "[)", "lower": "x", "upper": "5"})-", numbers) == "the value \"x\" is not an integer");
    const Column moments = column_of("tstzrange", ColumnType::kEngineText);
    const std::string span =
        R"-({"bounds": "[)", "lower": "2020-01-01T00:00:00+00:00", "upper": "2020-01-02T00:00:00.500000+00:00"})-";
    CHECK(there_and_back(R"-(["2020-01-01 00:00:00+00","2020-01-02 00:00:00.5+00"))-", moments, span) ==
          R"-(["2020-01-01 00:00:00+00","2020-01-02 00:00:00.5+00"))-");
    CHECK(written("[2020-01-01,infinity)", column_of("daterange", ColumnType::kEngineText)) == "raw");
}

TEST_CASE("addresses are written as Django writes them where it reads them", "[django]") {
    const Column address = column_of("inet", ColumnType::kEngineText);
    for (const char* const one : {"10.0.0.1", "::1", "::ffff:10.0.0.1", "2001:db8::ff00:42:8329", "10.0.0.0/8"})
        CHECK(there_and_back(one, address, one) == one);
    CHECK(written("::1/64", address) == "raw");
}

TEST_CASE("a UUID that is a number has its dashes where the server's type has", "[django]") {
    CHECK(read("255", column_of("uuid", ColumnType::kUuid)) == "00000000-0000-0000-0000-0000000000ff");
}

TEST_CASE("a JSON column of a server keeps every digit, and a $ of any document", "[django]") {
    const Column document = column_of("jsonb", ColumnType::kJson);
    CHECK(shape(R"({"a":[1.10]})", document) == "a document");
    CHECK(shape(R"({"$json":"1"})", document) == "raw");
    CHECK(shape("null", document) == "raw");
    CHECK(shape(R"({"a":[1.10]})", column_of("json", ColumnType::kJson)) == "a document");
    CHECK(shape(R"({"a" : [1.10]})", column_of("json", ColumnType::kJson)) == "raw");
    CHECK(read(R"({"$ref": 1.10, "a": [12345678901234567890.5]})", document) ==
          R"({"$ref":1.10,"a":[12345678901234567890.5]})");
}

}  // namespace dbfixture
