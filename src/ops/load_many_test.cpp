// SPDX-License-Identifier: MIT
// Long runs of new rows go in by statements of many rows. What they hold must end as if each were written alone.
#include <catch2/catch.hpp>

#include "base/cat.h"
#include "base/error.h"
#include "db/open.h"
#include "db/sqlite/test_database_test.h"
#include "ops/load.h"

namespace dbfixture {
namespace {

constexpr int kRows = 400;
constexpr int kOdd = 251;  // the record that is not like the others, amid a statement of many rows

std::string record(int key, const std::string& fields) {
    return cat(R"({"model": "t", "pk": )", key, R"(, "fields": {)", fields, "}}\n");
}

// Records 1 to 400, line by line, each with its number as `n`; `odd` stands in place of record 251.
std::string fixture_with(const std::string& odd) {
    std::string out;
    for (int i = 1; i <= kRows; ++i)
        out += i == kOdd ? odd : record(i, cat("\"n\": ", i));
    return out;
}

std::string load_into(TestDatabase& database, const std::string& fixture) {
    LoadRequest request;
    request.fixtures.push_back({"f.jsonl", find_format("jsonl"), [fixture] { return open_memory_source(fixture); }});
    const auto connection = open_database(DatabaseUrl(database.path()), {OpenMode::kReadWrite, 200});
    const std::string before = database.content();
    try {
        const TableCounts counts = load(*connection, request).report.tables.at(0);
        return cat(counts.inserted, "/", counts.updated, "/", counts.unchanged);
    } catch (const Error& error) {
        CHECK(database.content() == before);
        return format_error(error);
    }
}

}  // namespace

TEST_CASE("a key twice among many new rows: the last record wins", "[ops][load]") {
    for (const char* sql :
         {"CREATE TABLE t(id INTEGER PRIMARY KEY, n INT)",
          "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, n INT)",
          "CREATE TABLE t(id INT PRIMARY KEY, n INT) WITHOUT ROWID", "CREATE TABLE t(id INT PRIMARY KEY, n INT)",
          "CREATE TABLE t(id INTEGER PRIMARY KEY, n INT) STRICT"}) {
        CAPTURE(sql);
        TestDatabase database(sql);
        CHECK(load_into(database, fixture_with(record(7, "\"n\": -7"))) == "399/1/0");
        CHECK(database.rows("SELECT count(*), sum(n), min(n), (SELECT n FROM t WHERE id = 7) FROM t") ==
              cat("399|", kRows * (kRows + 1) / 2 - kOdd - 14, "|-7|-7\n"));
    }
}

TEST_CASE("a row that its table refuses is named among many", "[ops][load]") {
    struct Case {
        std::string columns, odd, error;
    };
    const Case cases[] = {
        {"n INT NOT NULL", "\"n\": null", "column \"n\" must not be null"},
        {"n INT CHECK (n <> -1)", "\"n\": -1", "the row breaks a check of table \"t\""},
        {"n INT UNIQUE", "\"n\": 9", "another row has the same \"n\": 9"},
        // An expression that fails, rather than one that is false.
        {"n CHECK (json_extract(n, '$') IS NOT NULL)", "\"n\": \"{\"", "malformed JSON"},
        {"n INT) STRICT; CREATE TABLE other(x", "\"n\": \"a\"", "a"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.columns);
        TestDatabase database(cat("CREATE TABLE t(id INTEGER PRIMARY KEY, ", each.columns, ")"));
        const std::string said = load_into(database, fixture_with(record(kOdd, each.odd)));
        CAPTURE(said);
        CHECK(said.find(cat("f.jsonl:", kOdd, ": record ", kOdd, " (t pk=", kOdd, "): ")) != std::string::npos);
        CHECK(said.find(each.error) != std::string::npos);
    }
}

TEST_CASE("a reference to nothing among many new rows is named", "[ops][load]") {
    for (const char* key : {"id INTEGER PRIMARY KEY", "id INT PRIMARY KEY"}) {
        CAPTURE(key);
        TestDatabase database(cat("CREATE TABLE t(", key, ", n INT REFERENCES t(id))"));
        const std::string said = load_into(database, fixture_with(record(kOdd, "\"n\": 1000")));
        CHECK(said.find(cat("f.jsonl:", kOdd, ": record ", kOdd, " (t pk=", kOdd, "): ")) != std::string::npos);
        CHECK(said.find("1000") != std::string::npos);
    }
}

TEST_CASE("rows addressed by a hidden rowid go in by many too", "[ops][load]") {
    TestDatabase database("CREATE TABLE t(n INT UNIQUE)");
    CHECK(load_into(database, fixture_with(record(kOdd, "\"n\": -1"))) == "400/0/0");
    CHECK(database.rows("SELECT count(*), sum(rowid = n), (SELECT rowid FROM t WHERE n = -1) FROM t") ==
          "400|399|251\n");
}

}  // namespace dbfixture
