// SPDX-License-Identifier: MIT
// Tables of every kind under a load: conflict clauses, indexes that are built after many rows, sequences, records of
// different columns, triggers among many rows.
#include <catch2/catch.hpp>

#include "ops/loading_test.h"

namespace dbfixture {
namespace {

std::string record(int key, const std::string& fields) {
    return cat("{\"model\": \"t\", \"pk\": ", key, ", \"fields\": {", fields, "}}");
}

std::string list(const std::vector<std::string>& records) {
    std::string out = "[";
    for (const std::string& each : records)
        append(out, cat(out.size() == 1 ? "\n" : ",\n", each));
    return out + "]";
}

// Enough that indexes are built at the end.
std::vector<std::string> many_records(const std::string& end = "") {
    std::vector<std::string> records;
    for (int id = 1; id <= 6000; ++id)
        records.push_back(record(id, cat("\"a\": \"w", id, "\", \"b\": null", end)));
    return records;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

}  // namespace

TEST_CASE("a collision among many new rows is named, whatever index says so", "[ops][load]") {
    const char* tables[] = {
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT); CREATE UNIQUE INDEX i ON t(a)",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT)",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT) WITHOUT ROWID; CREATE UNIQUE INDEX i ON t(a)",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT); CREATE UNIQUE INDEX i ON t(a) WHERE b IS NULL",
    };
    for (const char* sql : tables) {
        INFO(sql);
        TestDatabase database(sql);
        std::vector<std::string> records = many_records();
        records.push_back(record(7000, R"("a": "w17", "b": null)"));
        CHECK(first_line(failure(database, list(records))) ==
              "6 f1.json:6002: record 6001 (t pk=7000): another row has the same \"a\": \"w17\"");
    }
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT); CREATE UNIQUE INDEX i ON t(lower(a))");
    std::vector<std::string> records = many_records();
    records.push_back(record(7000, R"("a": "W17", "b": null)"));
    CHECK_THAT(failure(database, list(records)), Catch::StartsWith("6 f1.json:6002: record 6001 (t pk=7000): "));
}

TEST_CASE("a collision that only an index built at the end finds is compared as the index does", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT); CREATE UNIQUE INDEX i ON t(a COLLATE NOCASE); CREATE "
        "UNIQUE INDEX j ON t(b)");
    std::vector<std::string> records = many_records();  // NULL in each b: no collision
    records.push_back(record(7000, R"("a": "W17", "b": "x")"));
    CHECK_THAT(first_line(failure(database, list(records))),
               Catch::StartsWith("6 f1.json:6002: record 6001 (t pk=7000): another row has the same \"a\": "));
    records.back() = record(7000, R"("a": "new", "b": "x")");
    records.push_back(record(7001, R"("a": "newer", "b": "x")"));
    CHECK(first_line(failure(database, list(records))) ==
          "6 f1.json:6003: record 6002 (t pk=7001): another row has the same \"b\": \"x\"");
}

TEST_CASE("many new rows beside old ones collide by name as well", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT); CREATE UNIQUE INDEX i ON t(a); INSERT INTO t VALUES "
        "(9000, 'w17', NULL)");
    CHECK(first_line(failure(database, list(many_records()))) ==
          "6 f1.json:18: record 17 (t pk=17): another row has the same \"a\": \"w17\"");
}

TEST_CASE("a conflict clause of the schema deletes no row, whether one is inserted or updated", "[ops][load]") {
    for (const char* clause : {"REPLACE", "IGNORE"}) {
        TestDatabase database(cat("CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE ON CONFLICT ", clause,
                                  "); INSERT INTO t VALUES (1, 'a'), (2, 'b')"));
        CHECK(first_line(failure(database, list({record(2, R"("u": "a")")}))) ==
              "6 f1.json:2: record 1 (t pk=2): another row has the same \"u\": \"a\"");
        CHECK(first_line(failure(database, list({record(3, R"("u": "a")")}))) ==
              "6 f1.json:2: record 1 (t pk=3): another row has the same \"u\": \"a\"");
    }
}

TEST_CASE("a sequence that has no number yet gets one, though rows are only changed", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, x); INSERT INTO t VALUES (10, 1); DELETE FROM "
        "sqlite_sequence");
    CHECK(load_into(database, list({record(10, "\"x\": 2")})) == "0/1/0");
    CHECK(database.rows("SELECT * FROM sqlite_sequence") == "t|10\n");
}

TEST_CASE("records of one table may have other columns, or none, in turn", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, x DEFAULT 'dx', y DEFAULT 'dy'); CREATE TABLE k(a, b, x, PRIMARY KEY "
        "(a, "
        "b))");
    CHECK(load_into(database, R"([{"model": "t", "fields": {"x": 1}}, {"model": "t", "pk": 77, "fields": {"x": 2}},
                                  {"model": "t", "pk": 5, "fields": {"y": 3}}, {"model": "t", "pk": 6, "fields": {"x": 4}},
                                  {"model": "t", "pk": 7, "fields": {"y": 5, "x": 6}}, {"model": "t", "pk": 8, "fields": {}},
                                  {"model": "t", "pk": 9, "fields": {"x": 7, "y": 8}}, {"model": "t", "fields": {"y": 9}}])") ==
          "8/0/0");
    CHECK(database.rows("SELECT * FROM t") == "1|1|dy\n5|dx|3\n6|4|dy\n7|6|5\n8|dx|dy\n9|7|8\n77|2|dy\n78|dx|9\n");
    CHECK(first_line(failure(database, R"([{"model": "k", "pk": [1, null], "fields": {"x": 1}}])")) ==
          "6 f1.json:1: record 1 (k pk=[1,null]): a record of table \"k\" whose key contains null needs a \"rowid\"");
}

TEST_CASE("what a trigger refuses among many new rows is named", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INT); CREATE TRIGGER x BEFORE INSERT ON t WHEN new.n = 251 BEGIN "
        "SELECT "
        "raise(ABORT, 'not this one'); END");
    std::vector<std::string> records;
    for (int id = 1; id <= 400; ++id)
        records.push_back(record(id, cat("\"n\": ", id)));
    LoadRequest request = request_for({list(records)});
    request.fire_triggers = true;
    CHECK_THAT(failure(database, request),
               Catch::StartsWith("6 f1.json:252: record 251 (t pk=251): ") && Catch::Contains("not this one"));
}

}  // namespace dbfixture
