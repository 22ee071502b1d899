// SPDX-License-Identifier: MIT
#include "layout/django/server_value.h"

#include <catch2/catch.hpp>

#include "base/cat.h"
#include "base/error.h"
#include "fixture/json/text.h"

namespace dbfixture {
namespace {

Column column_of(std::string declared) {
    Column column;
    column.declared = std::move(declared);
    column.strict = true;
    return column;
}

}  // namespace

TEST_CASE("moments of a server are written as Django writes them", "[django]") {
    CHECK(django_moment("2020-01-31 01:02:03+00", true) == "2020-01-31T01:02:03Z");
    CHECK(django_moment("2020-01-31 01:02:03.5+00", true) == "2020-01-31T01:02:03.500000Z");
    CHECK(django_moment("2020-01-31 01:02:03.000001+00", false) == "2020-01-31T01:02:03.000001");
    CHECK(django_moment("2020-01-31 01:02:03", true) == "2020-01-31T01:02:03");
    for (const char* const none : {"infinity", "-infinity", "0044-03-15 10:00:00+00 BC", "10000-01-01 00:00:00+00", ""})
        CHECK_FALSE(django_moment(none, true).has_value());
    CHECK(django_time("01:02:03.5") == "01:02:03.500000");
    CHECK_FALSE(django_time("24:00:00").has_value());
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

TEST_CASE("arrays, hstores and ranges are JSON in a string, as value_to_string() gives it, and come back", "[django]") {
    Arena arena;
    const std::tuple<std::string, std::string, std::string> arrays[] = {
        {"integer[]", "{1,NULL,-3}", R"(["1", null, "-3"])"},
        {"text[]", R"({a,"b c","NULL","q\"\\","",NULL})", R"(["a", "b c", "NULL", "q\"\\", "", null])"},
        {"boolean[]", "{t,f}", R"(["True", "False"])"},
        {"double precision[]", "{1,0.1}", R"(["1.0", "0.1"])"},
        {"integer[]", "{{1,2},{3,4}}", R"(["[\"1\", \"2\"]", "[\"3\", \"4\"]"])"},
        {"character varying(3)[]", "{}", "[]"},
    };
    const std::string back[] = {R"({"1",NULL,"-3"})",       R"({"a","b c","NULL","q\"\\","",NULL})",
                                R"({"True","False"})",      R"({"1.0","0.1"})",
                                R"({{"1","2"},{"3","4"}})", "{}"};
    for (std::size_t at = 0; at < std::size(arrays); ++at) {
        const auto& [type, stored, written] = arrays[at];
        INFO(stored);
        CHECK(django_array(stored, column_of(type), arena) == written);
        CHECK(array_text(parse_json_value(written, arena), column_of(type), arena) == back[at]);
    }
    for (const char* const none : {"[2:3]={7,8}", "{1", "{1}x", ""})
        CHECK_FALSE(django_array(none, column_of("integer[]"), arena).has_value());
    CHECK_FALSE(django_array("{{a},{b}}", column_of("text[]"), arena).has_value());
    CHECK_FALSE(django_array("{192.168.0.1}", column_of("inet[]"), arena).has_value());

    CHECK(django_hstore(R"("a"=>"1", "b\""=>NULL, "c"=>"")", arena) == R"({"a": "1", "b\"": null, "c": ""})");
    CHECK(django_hstore("", arena) == "{}");
    CHECK(hstore_text(parse_json_value(R"({"a": "1", "b\"": null})", arena)) == R"("a"=>"1", "b\""=>NULL)");

    CHECK(django_range("[1,5)", arena) == R"_({"bounds": "[)", "lower": "1", "upper": "5"})_");
    CHECK(django_range("(,5]", arena) == R"_({"bounds": "(]", "lower": null, "upper": "5"})_");
    CHECK(django_range("empty", arena) == R"_({"empty": true})_");
    CHECK(django_range(R"_(["2020-01-01 00:00:00+00","2020-01-02 00:00:00.5+00"))_", arena) ==
          R"_({"bounds": "[)", "lower": "2020-01-01T00:00:00+00:00", "upper": "2020-01-02T00:00:00.500000+00:00"})_");
    CHECK(range_text(parse_json_value(R"_({"bounds": "[)", "lower": "1", "upper": null})_", arena)) == R"_(["1",))_");
    CHECK(range_text(parse_json_value(R"_({"empty": true})_", arena)) == "empty");
    CHECK_THROWS_AS(range_text(parse_json_value("[1]", arena)), Error);
    CHECK_THROWS_AS(array_text(parse_json_value("{\"a\": 1}", arena), column_of("integer[]"), arena), Error);
}

}  // namespace dbfixture
