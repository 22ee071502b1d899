// SPDX-License-Identifier: MIT
// Django's value forms, rule by rule: what each kind of field takes and stores (facts 3.9), what it refuses, and how
// what is stored is written. In the tables below stored values are shown by shown(): i for integers, r for reals, t for
// texts.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "db/open.h"
#include "db/sqlite/test_database_test.h"
#include "fixture/dollar_forms.h"
#include "fixture/json/text.h"
#include "layout/django/value.h"

namespace dbfixture {
namespace {

constexpr auto kColumns =
    "CREATE TABLE t (bool bool NOT NULL, nbool bool NULL, integer integer NOT NULL, bigint bigint NULL, \"unsigned\" "
    "integer unsigned NULL, "
    "real real NULL, decimal decimal NULL, varchar varchar(9) NULL, text text NULL, date date NULL, datetime datetime "
    "NULL, "
    "time time NULL, uuid char(32) NULL, json text NULL CHECK (JSON_VALID(\"json\") OR \"json\" IS NULL), binary BLOB "
    "NULL, "
    "ip char(39) NULL, other geometry NULL)";

std::string shown(const Value& value) {
    switch (value.kind()) {
        case ValueKind::kNull:
            return "null";
        case ValueKind::kBoolean:
            return value.as_boolean() ? "true" : "false";
        case ValueKind::kInteger:
            return cat("i ", value.as_integer());
        case ValueKind::kReal: {
            std::string out = "r ";
            if (std::isfinite(value.as_real())) {
                append_real(out, value.as_real());
            } else {
                out += describe(value);
            }
            return out;
        }
        case ValueKind::kBytes:
            return cat("b ", value.as_text());
        case ValueKind::kEncodedText:
            return cat("raw ", value.as_text());
        case ValueKind::kText:
            return cat("t ", value.as_text());
        case ValueKind::kJson:
            return cat("document ", value.as_text());
        case ValueKind::kList:
        case ValueKind::kMap: {
            std::string out = "tree ";
            append_json_text(out, value);
            return out;
        }
        default:
            return cat("untyped ", describe(value));
    }
}

class Fields {
  public:
    Fields()
        : connection_(
              (database_.run(kColumns), open_database(DatabaseUrl(database_.path()), {OpenMode::kReadOnly, 200}))) {}

    const Column& column(std::string_view name) {
        const Table& table = connection_->schema().tables.at(0);
        return table.columns[table.find_column(name).value()];
    }
    static DjangoForm form(std::string_view name, const Column& column) {
        return name == "duration" ? DjangoForm::kDuration : django_form(column);
    }
    // What a field stores for a value of JSON, or for the text of an element of XML; "! why" if it refuses.
    std::string read(std::string_view name, const std::string& given, DjangoReadRules rules = {}) {
        const Column& of = column(name == "duration" ? "bigint" : name);
        Arena arena;
        DjangoReadNotes notes;
        try {
            Value value = rules.is_xml ? Value::text(given) : parse_json_value(given, arena);
            if (value.kind() == ValueKind::kMap) value = resolve_dollar_form(value, arena);  // as readers do
            const std::string out = shown(read_django_value(value, form(name, of), of, rules, notes, arena));
            return notes.naive_times > 0 ? out + " (naive)" : out;
        } catch (const Error& error) {
            return "! " + error.message;
        }
    }
    std::string read_value(std::string_view name, const Value& given) {
        const Column& of = column(name);
        Arena arena;
        DjangoReadNotes notes;
        return shown(read_django_value(given, form(name, of), of, {}, notes, arena));
    }
    std::string write(std::string_view name, const Value& stored, const DjangoWriteRules& rules = {}) {
        Arena arena;
        return shown(writer_of(form(name, column(name == "duration" ? "bigint" : name)))(stored, rules, arena));
    }

  private:
    TestDatabase database_;
    std::unique_ptr<Connection> connection_;
};

struct Given {
    const char* field;
    std::string given;
    std::string stored;  // "!" alone: refused, whatever the words
};

void check_reading(const std::vector<Given>& table, DjangoReadRules rules = {}) {
    Fields fields;
    for (const Given& row : table) {
        INFO(row.field << " takes " << row.given);
        const std::string seen = fields.read(row.field, row.given, rules);
        if (row.stored == "!") {
            CHECK(seen.substr(0, 1) == "!");
        } else {
            CHECK(seen == row.stored);
        }
    }
}

}  // namespace

TEST_CASE("a number field of Django's takes every spelling of a number that it keeps exactly, and no other",
          "[django][value]") {
    check_reading({
        {"integer", "0", "i 0"},
        {"integer", "-5", "i -5"},
        {"integer", "9223372036854775807", "i 9223372036854775807"},
        {"integer", "-9223372036854775808", "i -9223372036854775808"},
        {"integer", "9223372036854775808", "! the value 9223372036854775808 does not fit into 64 bits"},
        {"integer", "-9223372036854775809", "! the value -9223372036854775809 does not fit into 64 bits"},
        {"integer", "1.0", "i 1"},
        {"integer", "1e3", "i 1000"},
        {"integer", "1.5", "! the value 1.5 is not an integer"},
        {"integer", "1e19", "! the value 1e19 is not an integer"},
        {"integer", "-1e19", "! the value -1e19 is not an integer"},
        {"integer", "1e400", "!"},
        {"integer", "9.3e18", "!"},
        {"integer", "\"7\"", "i 7"},
        {"integer", "\" 7 \"", "i 7"},
        {"integer", "\"+7\"", "i 7"},
        {"integer", "\"007\"", "i 7"},
        {"integer", "\"1_000\"", "i 1000"},
        {"integer", "\"1__000\"", "!"},
        {"integer", "\"1_\"", "!"},
        {"integer", "\"_1\"", "!"},
        {"integer", "\"9223372036854775808\"", "!"},
        {"integer", "\"1.0\"", "!"},
        {"integer", "\"1e3\"", "!"},
        {"integer", "\"0x10\"", "!"},
        {"integer", "\"\"", "!"},
        {"integer", "\"a\"", "!"},
        {"integer", "[]", "!"},
        {"integer", "{}", "!"},
        {"integer", "true", "i 1"},
        {"integer", "null", "null"},
        {"bigint", "9223372036854775807", "i 9223372036854775807"},
        {"bigint", "1e19", "!"},
        {"bigint", "\"00:01:30\"", "! the value \"00:01:30\" is not an integer"},
        {"unsigned", "18446744073709551615", "!"},
        {"real", "1", "r 1.0"},
        {"real", "0.1", "r 0.1"},
        {"real", "-0.0", "r -0.0"},
        {"real", "9007199254740993", "! the value 9007199254740993 would lose digits in a floating-point field"},
        {"real", "9007199254740992", "r 9007199254740992.0"},
        {"real", "0.12345678901234567891", "r 0.12345678901234568"},
        {"real", "1e309", "!"},
        {"real", "\"1e3\"", "r 1000.0"},
        {"real", "\"Infinity\"", "r Infinity"},
        {"real", "\"-inf\"", "r -Infinity"},
        {"real", "\"nan\"", "! the value \"nan\" cannot be kept: the database has no NaN"},
        {"real", "\".5\"", "r 0.5"},
        {"real", "\"-.5\"", "r -0.5"},
        {"real", "\"5.\"", "r 5.0"},
        {"real", "\"\"", "!"},
        {"real", "\"0x10\"", "!"},
        {"real", "null", "null"},
        {"decimal", "\"12.3450\"", "r 12.345"},
        {"decimal", "\"12.00\"", "r 12.0"},
        {"decimal", "\"12\"", "i 12"},
        {"decimal", "12.5", "r 12.5"},
        {"decimal", "\"123456789012345\"", "i 123456789012345"},
        {"decimal", "\"9223372036854775807\"", "i 9223372036854775807"},
        {"decimal", "0.12345678901234567891", "! the value 0.12345678901234567891 has more digits than SQLite keeps"},
        {"decimal", "\"0.12345678901234567891\"", "!"},
        {"decimal", "\"9223372036854775809\"", "!"},
        {"decimal", "\"1e400\"", "!"},
        {"decimal", "\"NaN\"", "!"},
        {"decimal", "\"\"", "!"},
        {"decimal", "true", "!"},
        {"decimal", "null", "null"},
    });
}

TEST_CASE("a plain null of YAML is null in every field of Django's", "[django][value]") {
    Fields fields;
    for (const char* field : {"varchar", "integer", "real", "decimal", "nbool", "date", "uuid", "json", "binary"}) {
        for (const char* null : {"null", "~", ""}) {
            INFO(field << " takes " << null);
            CHECK(fields.read_value(field, Value::plain(null)) == "null");
        }
    }
    CHECK(fields.read_value("varchar", Value::plain("nul")) == "t nul");
}

TEST_CASE("true and 1.0 are no primary keys of Django's", "[django][value]") {
    check_reading(
        {{"integer", "true", "!"}, {"integer", "2", "i 2"}, {"integer", "\"2\"", "i 2"}, {"integer", "81.7", "!"}},
        {.use_tz = {}, .is_xml = false, .is_key = true});
}

TEST_CASE("a boolean field of Django's takes its two words in its own spellings", "[django][value]") {
    check_reading({
        {"bool", "true", "true"},   {"bool", "false", "false"},   {"bool", "1", "true"},
        {"bool", "0", "false"},     {"bool", "1.0", "true"},      {"bool", "0.0", "false"},
        {"bool", "\"1\"", "true"},  {"bool", "\"0\"", "false"},   {"bool", "\"t\"", "true"},
        {"bool", "\"f\"", "false"}, {"bool", "\"True\"", "true"}, {"bool", "\"False\"", "false"},
        {"bool", "\"true\"", "!"},  {"bool", "\"yes\"", "!"},     {"bool", "\"T\"", "!"},
        {"bool", "2", "!"},         {"bool", "-1", "!"},          {"bool", "0.5", "!"},
        {"bool", "\"\"", "!"},      {"bool", "[]", "!"},          {"nbool", "null", "null"},
        {"nbool", "\"\"", "null"},  {"nbool", "[]", "null"},      {"nbool", "{}", "null"},
        {"nbool", "[0]", "!"},
    });
}

TEST_CASE("a text field of Django's takes anything as Python writes it", "[django][value]") {
    check_reading({
        {"varchar", "\"a\"", "t a"},
        {"varchar", "\" a \"", "t  a "},
        {"varchar", "\"\"", "t "},
        {"varchar", "5", "t 5"},
        {"varchar", "1.10", "t 1.10"},
        {"varchar", "true", "t True"},
        {"varchar", "[]", "t []"},
        {"varchar", "null", "null"},
        {"text", "\"a\\nb\"", "t a\nb"},
        {"text", "\"null\"", "t null"},
        {"text", "{\"$text\": \"eA==\"}", "raw x"},
    });
}

TEST_CASE("date and time fields of Django's take ISO texts, and store them in one spelling", "[django][value]") {
    check_reading({
        {"date", "\"2006-06-16\"", "t 2006-06-16"},
        {"date", "\"2006-6-1\"", "t 2006-06-01"},
        {"date", "\"20060616\"", "t 2006-06-16"},
        {"date", "\"2006-W24-5\"", "t 2006-06-16"},
        {"date", "\"0001-02-03\"", "t 0001-02-03"},
        {"date", "\"2006-02-29\"", "!"},
        {"date", "\"2006-06-16 00:00:00\"", "!"},
        {"date", "20060616", "!"},
        {"date", "\"\"", "!"},
        {"date", "null", "null"},
        {"datetime", "\"2006-06-16T10:42:37Z\"", "t 2006-06-16 10:42:37"},
        {"datetime", "\"2006-06-16 10:42:37.5+00:00\"", "t 2006-06-16 10:42:37.500000"},
        {"datetime", "\"2006-06-16T10:42:37.1234567Z\"", "t 2006-06-16 10:42:37.123456"},
        {"datetime", "\"2006-06-16T00:42:37+02:00\"", "t 2006-06-15 22:42:37"},
        {"datetime", "\"2006-06-16T10:42-0130\"", "t 2006-06-16 12:12:00"},
        {"datetime", "\"2006-06-16T10:42:37.000000Z\"", "t 2006-06-16 10:42:37"},
        {"datetime", "\"2006-06-16T10:42:37\"", "t 2006-06-16 10:42:37 (naive)"},
        {"datetime", "\"2006-06-16\"", "t 2006-06-16 00:00:00 (naive)"},
        {"datetime", "\"2006-06-16T24:00:00Z\"", "!"},
        {"datetime", "\"2006-06-16T10:42:60Z\"", "!"},
        {"datetime", "5", "!"},
        {"datetime", "\"\"", "!"},
        {"time", "\"10:42\"", "t 10:42:00"},
        {"time", "\"10:42:37.000005\"", "t 10:42:37.000005"},
        {"time", "\"10:42:37.5\"", "t 10:42:37.500000"},
        {"time", "\"10:42:37+02:00\"", "t 10:42:37"},
        {"time", "\"25:00\"", "!"},
        {"time", "\"\"", "!"},
        {"time", "45045", "!"},
        {"duration", "\"1 02:00:03.4\"", "i 93603400000"},
        {"duration", "\"-1 23:59:59.999999\"", "i -1"},
        {"duration", "\"00:00:00\"", "i 0"},
        {"duration", "\"90\"", "i 90000000"},
        {"duration", "\"3 days, 0:00:01\"", "i 259201000000"},
        {"duration", "\"P1DT2H\"", "i 93600000000"},
        {"duration", "\"P1W\"", "i 604800000000"},
        {"duration", "\"-PT1S\"", "i -1000000"},
        {"duration", "\"PT-1S\"", "!"},
        {"duration", "90", "!"},
        {"duration", "\"\"", "!"},
    });
}

TEST_CASE("with USE_TZ off a time of Django's has no zone", "[django][value]") {
    check_reading({{"datetime", "\"2006-06-16T10:42:37\"", "t 2006-06-16 10:42:37"},
                   {"datetime", "\"2006-06-16T10:42:37Z\"", "!"}},
                  {.use_tz = false, .is_xml = false, .is_key = false});
}

TEST_CASE("the other fields of Django's take their text forms and store them as Django does", "[django][value]") {
    check_reading({
        {"uuid", "\"12345678-1234-5678-1234-567812345678\"", "t 12345678123456781234567812345678"},
        {"uuid", "\"{12345678-1234-5678-1234-56781234567A}\"", "t 1234567812345678123456781234567a"},
        {"uuid", "\"urn:uuid:12345678-1234-5678-1234-567812345678\"", "t 12345678123456781234567812345678"},
        {"uuid", "255", "t 000000000000000000000000000000ff"},
        {"uuid", "\"1234\"", "!"},
        {"uuid", "\"1234567812345678123456781234567g\"", "!"},
        {"uuid", "\"\"", "!"},
        {"uuid", "null", "null"},
        {"json", "{\"b\": [1, 2.50, null, true, \"é\"], \"a\": {}}",
         "t {\"b\": [1, 2.5, null, true, \"\\u00e9\"], \"a\": {}}"},
        {"json", "\"x\"", "t \"x\""},
        {"json", "5", "t 5"},
        {"json", "null", "null"},
        {"binary", "\"AP8=\"", std::string("b \0\xff", 4)},
        {"binary", "\"\"", "b "},
        {"binary", "\"AP8\"", "!"},
        {"ip", "\" 127.0.0.1 \"", "t 127.0.0.1"},
        {"ip", "\"2001:DB8:0:0:0:0:0:1\"", "t 2001:db8::1"},
        {"ip", "\"::zz\"", "!"},
        {"ip", "5", "!"},
    });
}

TEST_CASE("in XML every value of Django's is a text, and blanks around it do not count", "[django][value]") {
    const DjangoReadRules xml{.use_tz = {}, .is_xml = true, .is_key = false};
    check_reading({{"integer", " 5\n", "i 5"},
                   {"bool", " True ", "true"},
                   {"bool", "true", "!"},
                   {"real", " 1.5 ", "r 1.5"},
                   {"decimal", "9.90", "r 9.9"},
                   {"varchar", " a ", "t  a "},
                   {"date", " 2006-06-16 ", "t 2006-06-16"},
                   {"json", " {\"a\":1} ", "t {\"a\": 1}"},
                   {"json", "{", "!"},
                   {"binary", " AP8= ", std::string("b \0\xff", 4)},
                   {"integer", "1e19", "!"},
                   {"decimal", "0.12345678901234567891", "!"}},
                  xml);
}

TEST_CASE("raw forms say what is stored, in whatever field of Django's", "[django][value]") {
    check_reading({
        {"integer", "{\"$text\": \"YWJj\"}", "raw abc"},
        {"integer", "{\"$text\": \"Nw==\"}", "i 7"},
        {"date", "{\"$text\": \"eA==\"}", "raw x"},
        {"bool", "{\"$binary\": \"AP8=\"}", std::string("b \0\xff", 4)},
        {"real", "{\"$real\": \"-Infinity\"}", "r -Infinity"},
        {"json", "{\"$text\": \"eyJhIjoxfQ==\"}", "raw {\"a\":1}"},
        {"json", "{\"$json\": \"{\\\"a\\\":1}\"}", "t {\"a\":1}"},
        {"json", "{\"$other\": 1}", "!"},
    });
}

TEST_CASE("what Django stores is written in Django's form, and anything else raw", "[django][value]") {
    Fields fields;
    const auto text = [&](const char* field, const char* stored, const DjangoWriteRules& rules = {}) {
        return fields.write(field, Value::text(stored), rules);
    };
    const auto integer = [&](const char* field, std::int64_t stored, const DjangoWriteRules& rules = {}) {
        return fields.write(field, Value::integer(stored), rules);
    };
    const auto real = [&](const char* field, double stored, const DjangoWriteRules& rules = {}) {
        return fields.write(field, Value::real(stored), rules);
    };
    const DjangoWriteRules exact{.use_tz = true, .json_text = false, .exact = true, .places = -1};
    const auto places = [](int count) {
        return DjangoWriteRules{.use_tz = true, .json_text = false, .exact = false, .places = count};
    };
    for (const char* field : {"bool", "integer", "real", "decimal", "varchar", "date", "datetime", "time", "duration",
                              "uuid", "json", "binary", "ip"})
        CHECK(fields.write(field, Value::null()) == "null");

    CHECK(fields.write("bool", Value::boolean(true)) == "true");
    CHECK(integer("bool", 5) == "raw 5");
    CHECK(text("bool", "true") == "raw true");

    CHECK(integer("integer", -5) == "i -5");
    CHECK(text("integer", "abc") == "raw abc");
    CHECK(real("integer", 1.5) == "raw 1.5");

    CHECK(real("real", 0.1) == "r 0.1");
    CHECK(real("real", -std::numeric_limits<double>::infinity()) == "t -Infinity");
    CHECK(integer("real", 1) == "raw 1");

    CHECK(real("decimal", 9.9) == "t 9.9");
    CHECK(integer("decimal", 5) == "t 5");
    CHECK(real("decimal", 9.9, places(2)) == "t 9.90");
    CHECK(integer("decimal", 0, places(2)) == "t 0.00");
    CHECK(integer("decimal", -12, places(3)) == "t -12.000");
    CHECK(real("decimal", 1.005, places(2)) == "t 1.005");
    CHECK(real("decimal", 2.0, places(0)) == "t 2");
    CHECK(integer("decimal", 2, places(0)) == "t 2");
    CHECK(real("decimal", 1e20, places(2)) == "t 1e+20");
    CHECK(text("decimal", "x", places(2)) == "raw x");

    CHECK(text("varchar", " a ") == "t  a ");
    CHECK(integer("varchar", 5) == "raw 5");

    CHECK(text("date", "2006-06-16") == "t 2006-06-16");
    for (const char* odd : {"2006-6-16", "2006-02-29", "2006-06-16 00:00:00", "garbage", ""})
        CHECK(text("date", odd) == cat("raw ", odd));

    CHECK(text("datetime", "2006-06-16 10:42:37") == "t 2006-06-16T10:42:37Z");
    CHECK(text("datetime", "2006-06-16 10:42:37.000005") == "t 2006-06-16T10:42:37.000005Z");
    CHECK(text("datetime", "2006-06-16 10:42:37",
               {.use_tz = false, .json_text = false, .exact = false, .places = -1}) == "t 2006-06-16T10:42:37");
    CHECK(text("datetime", "2026-11-26 07:50:57.632") == "t 2026-11-26T07:50:57.632000Z");
    CHECK(text("datetime", "2026-11-26 07:50:57.000") == "t 2026-11-26T07:50:57Z");
    CHECK(text("datetime", "2026-11-26 07:50:57.6") == "t 2026-11-26T07:50:57.600000Z");
    CHECK(text("datetime", "2026-11-26 07:50:57.63215") == "t 2026-11-26T07:50:57.632150Z");
    CHECK(text("datetime", "2026-11-26 07:50:57.632", exact) == "raw 2026-11-26 07:50:57.632");
    for (const char* odd : {"2006-06-16T10:42:37", "2006-06-16 10:42", "2006-06-16 10:42:37.000000",
                            "2006-06-16 10:42:37.1234567", "2006-06-16 24:00:00", "2006-06-16 10:42:37Z", "2006-06-16",
                            "2006-06-31 10:42:37.632", "2006-06-16 10:42:37.", "2006-06-16 10:42:37.1x"})
        CHECK(text("datetime", odd) == cat("raw ", odd));

    CHECK(text("time", "10:42:37") == "t 10:42:37");
    CHECK(text("time", "10:42:37.632") == "t 10:42:37.632000");
    CHECK(text("time", "10:42:37.0") == "t 10:42:37");
    CHECK(text("time", "10:42:37.632", exact) == "raw 10:42:37.632");
    for (const char* odd : {"10:42", "25:00:00", "10:42:37.000000", "1:42:37.5"})
        CHECK(text("time", odd) == cat("raw ", odd));

    CHECK(integer("duration", 93603400000) == "t 1 02:00:03.400000");
    CHECK(integer("duration", -1) == "t -1 23:59:59.999999");
    CHECK(integer("duration", 0) == "t 00:00:00");
    CHECK(text("duration", "x") == "raw x");

    CHECK(text("uuid", "12345678123456781234567812345678") == "t 12345678-1234-5678-1234-567812345678");
    for (const char* odd : {"1234567812345678123456781234567A", "12345678-1234-5678-1234-567812345678", "1234"})
        CHECK(text("uuid", odd) == cat("raw ", odd));

    CHECK(text("json", "{\"a\": [1, 2.5, \"\\u00e9\"]}") == "tree {\"a\":[1,2.5,\"é\"]}");
    CHECK(text("json", "{\"a\": 1}", {.use_tz = true, .json_text = true, .exact = false, .places = -1}) ==
          "t {\"a\": 1}");
    // Another spelling than Python's is kept as the document that it is; what is none, as a text.
    for (const char* odd : {"{\"a\":1}", "null", "{\"$text\": \"eA==\"}", "\"é\""})
        CHECK(text("json", odd) == cat("document ", odd));
    for (const char* odd : {"{bad", "1.50", ""})
        CHECK(text("json", odd) == cat("raw ", odd));

    CHECK(fields.write("binary", Value::bytes(std::string_view("\0\xff", 2))) == "t AP8=");
    CHECK(fields.write("binary", Value::bytes("")) == "t ");
    CHECK(text("binary", "abc") == "raw abc");

    CHECK(text("ip", "2001:db8::1") == "t 2001:db8::1");
    for (const char* odd : {"2001:DB8::1", " 127.0.0.1", "::zz"})
        CHECK(text("ip", odd) == cat("raw ", odd));
}

}  // namespace dbfixture
