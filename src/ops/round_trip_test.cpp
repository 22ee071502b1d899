// SPDX-License-Identifier: MIT
// The property that the tool stands on (DESIGN 13): dump, empty, load gives the same database, for random schemas and
// values, in every format. The seed of a failure is printed; DBFIXTURE_SEED=n runs that one alone, DBFIXTURE_SEEDS=n
// that many.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "base/error.h"
#include "base/places_test.h"
#include "db/open.h"
#include "db/sqlite/test_database_test.h"
#include "ops/diff/diff.h"
#include "ops/dump.h"
#include "ops/load.h"

namespace dbfixture {
namespace {

class RandomDatabase {
  public:
    explicit RandomDatabase(unsigned seed) : random_(seed) {}

    struct Made {
        std::string schema;
        std::vector<std::string> rows;  // some are refused, by STRICT for example
    };

    Made make() {
        Made out;
        const unsigned encoding = pick(8);
        if (encoding == 0) out.schema += "PRAGMA encoding = 'UTF-16le';";
        if (encoding == 1) out.schema += "PRAGMA encoding = 'UTF-16be';";
        const unsigned tables = 1 + pick(4);
        for (unsigned i = 0; i < tables; ++i)
            table(i, out);
        return out;
    }

  private:
    unsigned pick(unsigned below) { return std::uniform_int_distribution<unsigned>(0, below - 1)(random_); }
    template <std::size_t N>
    std::string one_of(const char* const (&choices)[N]) {
        return choices[pick(N)];
    }

    static std::string quoted(const std::string& name) {
        std::string out = "\"";
        for (const char c : name)
            out += c == '"' ? std::string("\"\"") : std::string(1, c);
        return out + "\"";
    }

    std::string name(unsigned number) {
        static const char* const kOdd[] = {"a",       "select",      "with space", "sla/sh.csv", "ünïcödé",
                                           "quo\"te", "apo'strophe", "[brackets]", "dot.ted",    "model",
                                           "pk",      "fields",      "rowid",      "日本",       "a,b",
                                           "x: y",    "null",        "#c",         "$binary",    "semi;colon"};
        return one_of(kOdd) + (pick(3) == 0 ? "" : "_") + std::to_string(number);
    }

    std::string text() {
        static const char* const kTexts[] = {"",
                                             " ",
                                             "a",
                                             "true",
                                             "no",
                                             "null",
                                             "~",
                                             "1",
                                             "01",
                                             "1.0",
                                             "1e5",
                                             "-",
                                             "--- x",
                                             "a: b",
                                             "a #b",
                                             "é",
                                             "日本語",
                                             "\xF0\x9F\x98\x80",
                                             "<a&b>",
                                             "\"",
                                             "'",
                                             "\\",
                                             "\n",
                                             "a\n",
                                             "\r\n",
                                             "\t",
                                             "\x01",
                                             "\x7F",
                                             "{}",
                                             "[1, 2]",
                                             "{\"$real\": 1}",
                                             "2024-01-01",
                                             "12:30:45",
                                             "=",
                                             "<<",
                                             " lead",
                                             "trail ",
                                             "\xC2\x85",
                                             "\xE2\x80\xA8",
                                             "\xEF\xBB\xBF",
                                             "\xEF\xBF\xBF",
                                             "0x1F",
                                             "1_000",
                                             ".inf",
                                             "yes",
                                             "\x1B[0m",
                                             "a\n  b\n\nc",
                                             "]]>",
                                             "%",
                                             "@x",
                                             "!t",
                                             "&a",
                                             "*a",
                                             "|",
                                             ">"};
        std::string out = one_of(kTexts);
        if (pick(6) == 0) out += one_of(kTexts);
        if (pick(40) == 0) out += std::string("\0z", 2);
        if (pick(40) == 0) out += "\xFF\xC3";  // not UTF-8
        if (pick(60) == 0) out += std::string(5000, 'x');
        return out;
    }

    std::string hex(const std::string& bytes) {
        static const char* const kDigits = "0123456789ABCDEF";
        std::string out;
        for (const char c : bytes) {
            out += kDigits[static_cast<unsigned char>(c) >> 4];
            out += kDigits[c & 15];
        }
        return out;
    }

    std::string value() {
        static const char* const kIntegers[] = {
            "0", "1", "-1", "2", "9223372036854775807", "-9223372036854775808", "9007199254740993", "42"};
        static const char* const kReals[] = {"0.0",
                                             "1.0",
                                             "-1.5",
                                             "0.1",
                                             "1e300",
                                             "-1e-300",
                                             "9e999",
                                             "-9e999",
                                             "123456789.123456789",
                                             "0.30000000000000004",
                                             "5e-324",
                                             "1e16",
                                             "1e15",
                                             "9007199254740992.0",
                                             "-0.0"};
        switch (pick(8)) {
            case 0:
                return "NULL";
            case 1:
            case 2:
                return one_of(kIntegers);
            case 3:
                return one_of(kReals);
            case 4:
                return "x'" + hex(text()) + "'";
            default:
                return "CAST(x'" + hex(text()) + "' AS TEXT)";
        }
    }

    void table(unsigned number, Made& out) {
        static const char* const kTypes[] = {"",         "INTEGER", "TEXT",   "BLOB",        "REAL",
                                             "NUMERIC",  "BOOLEAN", "bool",   "VARCHAR(10)", "DECIMAL(10, 2)",
                                             "DATETIME", "JSON",    "DOUBLE", "INT",         "FLOATING POINT"};
        static const char* const kStrict[] = {"INTEGER", "TEXT", "BLOB", "REAL", "ANY", "INT"};
        const bool strict = pick(6) == 0;
        const std::string table_name = quoted("t" + std::to_string(number) + name(number));
        const unsigned columns = 1 + pick(5);
        std::vector<std::string> names, definitions;
        for (unsigned i = 0; i < columns; ++i) {
            names.push_back(quoted(name(i)));
            definitions.push_back(names.back() + " " + (strict ? one_of(kStrict) : one_of(kTypes)) +
                                  (pick(8) == 0 ? " COLLATE NOCASE" : "") + (pick(10) == 0 ? " UNIQUE" : "") +
                                  (pick(8) == 0 ? " DEFAULT 'd'" : ""));
        }
        std::string body;
        std::string suffix;
        const unsigned key = pick(7);
        if (key == 0) {
            body = "\"the id\" INTEGER PRIMARY KEY AUTOINCREMENT, ";
        } else if (key == 1) {
            body = "id INTEGER PRIMARY KEY, ";
        }
        for (unsigned i = 0; i < columns; ++i)
            body += (i == 0 ? "" : ", ") + definitions[i];
        if (pick(6) == 0) body += std::string(", gen ") + (strict ? "ANY" : "") + " AS (" + names[0] + ")";
        if (key == 2) body += ", PRIMARY KEY (" + names[0] + ")";
        if (key == 3 && columns > 1) body += ", PRIMARY KEY (" + names[1] + ", " + names[0] + ")";
        if (key == 4) {
            body += ", PRIMARY KEY (" + names[columns - 1] + (columns > 1 ? ", " + names[0] : "") + ")";
            suffix = " WITHOUT ROWID";
        }
        if (pick(4) == 0) body += ", FOREIGN KEY (" + names[0] + ") REFERENCES " + table_name + "(" + names[0] + ")";
        if (strict) suffix += suffix.empty() ? " STRICT" : ", STRICT";
        out.schema += "CREATE TABLE " + table_name + "(" + body + ")" + suffix + ";";
        if (pick(3) == 0)
            out.schema += "CREATE INDEX " + quoted("i" + std::to_string(number)) + " ON " + table_name + "(" +
                          names[columns - 1] + ");";
        const unsigned rows = pick(12);
        for (unsigned r = 0; r < rows; ++r) {
            std::string values;
            for (unsigned i = 0; i < columns; ++i)
                values += (i == 0 ? "" : ", ") + value();
            std::string into;
            for (unsigned i = 0; i < columns; ++i)
                into += (i == 0 ? "" : ", ") + names[i];
            out.rows.push_back("INSERT INTO " + table_name + "(" + into + ") VALUES (" + values + ")");
        }
        if (rows > 3 && pick(3) == 0 && suffix.find("ROWID") == std::string::npos)
            out.rows.push_back("DELETE FROM " + table_name + " WHERE _rowid_ = 2");
    }

    std::mt19937 random_;
};

std::string dump_all(const std::string& path, const Format& format) {
    const auto connection = open_database(DatabaseUrl(path), {});
    const ReadView view(*connection);
    std::vector<std::string> warnings;
    SelectionOptions selection;
    selection.all = true;
    DumpOptions options;
    options.tables = select_tables(connection->schema(), selection, warnings);
    options.format = &format;
    std::string out;
    const auto sink = open_memory_sink(out);
    dump(*connection, options, *sink);
    sink->finish();
    return out;
}

LoadSummary load_text(const std::string& path, const std::string& text, const Format& format) {
    const auto connection = open_database(DatabaseUrl(path), {OpenMode::kReadWrite});
    LoadRequest request;
    request.fixtures.push_back({"dump", &format, [&text] { return open_memory_source(text); }});
    request.allow_orphans = true;
    return load(*connection, request);
}

class NoSink final : public DiffSink {
  public:
    void take(const OtherDifference&) override {}
    void begin_table(const ComparedTable&) override {}
    void take(const RowDifference&) override {}
    void end_table(const TableCount&) override {}
    void not_compared(const std::string&, const std::string&) override {}
};

// Of `fixture`, or of the database `other` where that is none, against the database.
bool differs(const std::string& path, const std::string& other, const FixtureInput* fixture) {
    const auto connection = open_database(DatabaseUrl(path), {});
    const auto second = fixture == nullptr ? open_database(DatabaseUrl(other), {}) : nullptr;
    DiffSide a, b;
    a.is_fixture = fixture != nullptr;
    if (fixture != nullptr) a.fixtures = {*fixture};
    a.connection = fixture != nullptr ? connection.get() : second.get();
    b.connection = connection.get();
    NoSink sink;
    return compare(a, b, {}, sink).any();
}

// Of "INSERT INTO "table"("column", ...": gives all rows another value in the first column.
std::string update_of(const std::string& insert) {
    const auto name_at = [&insert](std::size_t at) {
        std::size_t end = at + 1;
        for (; insert[end] != '"' || insert[end + 1] == '"'; ++end)
            end += insert[end] == '"' ? 1 : 0;
        return insert.substr(at, end + 1 - at);
    };
    const std::string table = name_at(insert.find('"'));
    const std::string column = name_at(insert.find('"') + table.size() + 1);
    return "UPDATE " + table + " SET " + column + " = 'zz'";
}

// What was loaded is equal, as a fixture and as a database; with another value it is not.
void check_difference(const TestDatabase& database, TestDatabase& copy, const std::string& text, const Format& format,
                      const std::string& change, const std::string& before) {
    const FixtureInput fixture{"dump", &format, [&text] { return open_memory_source(text); }};
    REQUIRE_FALSE(differs(copy.path(), "", &fixture));
    REQUIRE_FALSE(differs(copy.path(), database.path(), nullptr));
    copy.attempt({change});
    const bool changed = copy.content(false) != before;
    INFO(copy.content(false));
    REQUIRE(differs(copy.path(), "", &fixture) == changed);
    REQUIRE(differs(copy.path(), database.path(), nullptr) == changed);
}

void check_seed(unsigned seed) {
    const auto made = RandomDatabase(seed).make();
    TestDatabase database(made.schema);
    database.attempt(made.rows);
    const std::string before = database.content(false);
    for (const Format& format : all_formats()) {
        INFO("seed " << seed << ", format " << format.name << "\n" << before);
        try {
            const std::string text = dump_all(database.path(), format);
            INFO(text);
            const auto copy = database.empty_copy();
            load_text(copy->path(), text, format);
            REQUIRE(copy->content(false) == before);
            REQUIRE(dump_all(copy->path(), format) == text);
            const LoadSummary again = load_text(copy->path(), text, format);
            for (const TableCounts& counts : again.report.tables) {
                REQUIRE(counts.inserted == 0);
                REQUIRE(counts.updated == 0);
            }
            REQUIRE(copy->content(false) == before);
            if (!made.rows.empty())
                check_difference(database, *copy, text, format, update_of(made.rows.front()), before);
        } catch (const Error& error) {
            FAIL(format_error(error));
        }
    }
}

}  // namespace

TEST_CASE("what is dumped loads back as it was, for random schemas and values", "[ops][random][parts:4]") {
    const char* one = std::getenv("DBFIXTURE_SEED");
    if (one != nullptr) return check_seed(static_cast<unsigned>(std::atoi(one)));
    const char* given = std::getenv("DBFIXTURE_SEEDS");
    const unsigned count = given == nullptr ? 150 : static_cast<unsigned>(std::atoi(given));
    for (unsigned seed = 1; seed <= count; ++seed) {
        if (in_this_part(seed)) check_seed(seed);
    }
}

}  // namespace dbfixture
