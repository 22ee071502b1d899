// SPDX-License-Identifier: MIT
// The rules of set_aside.h, each by its number.
#include "db/sqlite/set_aside.h"

#include <catch2/catch.hpp>

#include "ops/loading_test.h"

namespace dbfixture {
namespace {

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

std::string record(const std::string& key, const std::string& fields) {
    return cat("{\"model\": \"t\", \"pk\": ", key, ", \"fields\": {", fields, "}}");
}

std::string list(const std::vector<std::string>& records) {
    std::string out = "[";
    for (const std::string& each : records)
        append(out, cat(out.size() == 1 ? "\n" : ",\n", each));
    return out + "]";
}

}  // namespace

TEST_CASE("rule 1: a row waits for a value that a later record gives up, whatever addresses it", "[set_aside]") {
    TestDatabase database("CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    CHECK(load_into(database, list({record("3", R"("u": "a")"), record("1", R"("u": "b")"),
                                    record("2", R"("u": "c")")})) == "1/2/0");
    CHECK(database.rows("SELECT * FROM t") == "1|b\n2|c\n3|a\n");
    // The database numbers this one.
    CHECK(load_into(database, list({record("null", R"("u": "c")"), record("2", R"("u": "d")")})) == "1/1/0");
    CHECK(database.rows("SELECT * FROM t") == "1|b\n2|d\n3|a\n4|c\n");
}

TEST_CASE("rule 6: a row without any address that collides is named", "[set_aside]") {
    TestDatabase database("CREATE TABLE t(rowid UNIQUE, oid, _rowid_); INSERT INTO t VALUES ('a', 1, 1)");
    CHECK(first_line(failure(database, R"([{"model": "t", "fields": {"rowid": "a"}}])")) ==
          "6 f1.json:1: record 1 (t): another row has the same \"rowid\": \"a\"");
    CHECK(load_into(database, R"([{"model": "t", "fields": {"rowid": "b"}}])") == "1/0/0");
}

TEST_CASE("rule 2: a later record of a key waits behind the one that waits, and wins", "[set_aside]") {
    for (const char* key : {"id INTEGER PRIMARY KEY", "id TEXT PRIMARY KEY", "id INT PRIMARY KEY"}) {
        for (const char* end : {"", " WITHOUT ROWID"}) {
            INFO(key << end);
            TestDatabase database(cat("CREATE TABLE t(", key, ", u UNIQUE, v)", end,
                                      "; INSERT INTO t VALUES ('1', 'a', 0), ('2', 'b', 0)"));
            const bool text = std::string(key).find("TEXT") != std::string::npos;
            const std::string one = text ? "\"1\"" : "1";
            const std::string two = text ? "\"2\"" : "2";
            CHECK(load_into(database, list({record(one, R"("u": "b", "v": 1)"), record(one, R"("u": "b", "v": 2)"),
                                            record(two, R"("u": "a", "v": 1)"), record(two, R"("u": "a", "v": 2)")})) ==
                  "0/4/0");
            CHECK(database.rows("SELECT * FROM t ORDER BY 1") == "1|b|2\n2|a|2\n");
        }
    }
}

TEST_CASE("rule 2: a later record of a hidden key waits, too", "[set_aside]") {
    TestDatabase database("CREATE TABLE t(u UNIQUE, v); INSERT INTO t(rowid, u, v) VALUES (1, 'a', 0), (2, 'b', 0)");
    CHECK(load_into(database, list({record("1", R"("u": "b", "v": 1)"), record("1", R"("u": "z", "v": 2)"),
                                    record("2", R"("u": "a", "v": 1)")})) == "0/3/0");
    CHECK(database.rows("SELECT rowid, u, v FROM t ORDER BY 1") == "1|z|2\n2|a|1\n");
}

TEST_CASE("rule 2: a later record waits among many new rows, too", "[set_aside]") {
    TestDatabase database("CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE)");
    std::vector<std::string> records;
    for (int id = 1; id <= 400; ++id) {
        records.push_back(record(std::to_string(id), cat("\"u\": ", id)));
        if (id == 50) records.push_back(record("1000", "\"u\": 1"));  // waits for the last
    }
    for (int id = 1000; id < 1100; ++id)
        records.push_back(record(std::to_string(id), cat("\"u\": ", id)));
    records.push_back(record("1", "\"u\": 2000"));
    load_into(database, list(records));
    CHECK(database.rows("SELECT * FROM t WHERE id IN (1, 1000) OR u = 1") == "1|2000\n1000|1000\n");
}

TEST_CASE("rule 2: what only a later record of a key makes free is found in another round", "[set_aside]") {
    TestDatabase database("CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    load_into(database, list({record("1", R"("u": "b")"), record("3", R"("u": "b")"), record("1", R"("u": "c")"),
                              record("2", R"("u": "z")")}));
    CHECK(database.rows("SELECT * FROM t") == "1|c\n2|z\n3|b\n");
}

TEST_CASE("rule 2: a key in another spelling is the same key", "[set_aside]") {
    TestDatabase database(
        "CREATE TABLE t(id TEXT COLLATE NOCASE PRIMARY KEY, u UNIQUE); INSERT INTO t VALUES ('a', 1), ('b', 2)");
    load_into(database, list({record("\"a\"", "\"u\": 2"), record("\"A\"", "\"u\": 3"), record("\"b\"", "\"u\": 1")}));
    CHECK(database.rows("SELECT * FROM t ORDER BY 1") == "A|3\nb|1\n");
}

TEST_CASE("rule 3: chains of values resolve from either end", "[set_aside]") {
    for (const bool upwards : {true, false}) {
        TestDatabase database(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, u INT UNIQUE); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i "
            "+ "
            "1 FROM n WHERE i < 500) INSERT INTO t SELECT i, i FROM n");
        std::vector<std::string> records;
        for (int i = 1; i <= 500; ++i) {
            const int id = upwards ? i : 501 - i;
            records.push_back(record(std::to_string(id), cat("\"u\": ", id + 1)));
        }
        CHECK(load_into(database, list(records)) == "0/500/0");
        CHECK(database.rows("SELECT count(*), sum(u = id + 1) FROM t") == "500|500\n");
    }
}

TEST_CASE("rule 4: rows of a ring are put back under the rowids that they had", "[set_aside]") {
    TestDatabase database(
        "CREATE TABLE t(k TEXT PRIMARY KEY, u UNIQUE, v DEFAULT 'd'); INSERT INTO t(rowid, k, u, v) VALUES (70, 'a', "
        "1, "
        "'x'), (5, 'b', 2, 'y'), (9, 'c', 3, 'z');"
        "CREATE TABLE h(u UNIQUE); INSERT INTO h(rowid, u) VALUES (7, 1), (3, 2)");
    CHECK(load_into(database,
                    list({record("\"a\"", "\"u\": 2, \"v\": \"x\""), record("\"b\"", "\"u\": 3"),
                          record("\"c\"", "\"u\": 1, \"v\": null"), R"({"model": "h", "pk": 7, "fields": {"u": 2}})",
                          R"({"model": "h", "pk": 3, "fields": {"u": 1}})"})) == "0/5/0");
    CHECK(database.rows("SELECT rowid, k, u, ifnull(v, 'null') FROM t ORDER BY k") ==
          "70|a|2|x\n5|b|3|d\n9|c|1|null\n");
    CHECK(database.rows("SELECT rowid, u FROM h ORDER BY 1") == "3|1\n7|2\n");
}

TEST_CASE("rule 4: rows beside a key that contains null are put back, too", "[set_aside]") {
    TestDatabase database(
        "CREATE TABLE t(a, b, u UNIQUE, PRIMARY KEY (a, b)); INSERT INTO t(rowid, a, b, u) VALUES (4, 1, NULL, 'x'), "
        "(8, "
        "2, NULL, 'y')");
    CHECK(load_into(database, R"([{"model": "t", "pk": [1, null], "rowid": 4, "fields": {"u": "y"}},
                                  {"model": "t", "pk": [2, null], "rowid": 8, "fields": {"u": "x"}}])") == "0/2/0");
    CHECK(database.rows("SELECT rowid, a, u FROM t ORDER BY 1") == "4|1|y\n8|2|x\n");
}

TEST_CASE("a row whose key contains null becomes the one that has its rowid", "[set_aside]") {
    TestDatabase database(
        "CREATE TABLE t(a, b, v, PRIMARY KEY (a, b)); INSERT INTO t(rowid, a, b, v) VALUES (4, NULL, 1, 'old')");
    CHECK(load_into(database, R"([{"model": "t", "pk": [2, null], "rowid": 4, "fields": {"v": "new"}}])") == "0/1/0");
    CHECK(database.rows("SELECT rowid, * FROM t") == "4|2||new\n");
}

TEST_CASE("rule 4: nobody's children go while the rows of a ring are away", "[set_aside]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE); INSERT INTO t VALUES (1, 'a'), (2, 'b'); CREATE TABLE c(id "
        "INTEGER PRIMARY KEY, t REFERENCES t ON DELETE CASCADE); INSERT INTO c VALUES (1, 1), (2, 2);"
        "CREATE TABLE log(x); CREATE TRIGGER d AFTER DELETE ON t BEGIN INSERT INTO log VALUES (old.id); END");
    CHECK(first_line(load_into(database, list({record("1", R"("u": "b")"), record("2", R"("u": "a")")}))) == "0/2/0");
    CHECK(database.rows("SELECT * FROM c") == "1|1\n2|2\n");
    CHECK(database.rows("SELECT count(*) FROM log") == "0\n");
}

TEST_CASE("rule 5: a row that is put back to refer to nothing is refused, one that did before is not", "[set_aside]") {
    for (const char* end : {"", " WITHOUT ROWID"}) {
        INFO(end);
        TestDatabase database(cat(
            "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1); CREATE TABLE t(id TEXT PRIMARY KEY, u "
            "UNIQUE, p REFERENCES p)",
            end, "; INSERT INTO t VALUES ('1', 'a', 1), ('2', 'b', 50)"));
        CHECK(first_line(failure(database, list({record("\"1\"", R"("u": "b", "p": 99)"),
                                                 record("\"2\"", R"("u": "a", "p": 50)")}))) ==
              "6 f1.json:2: record 1 (t pk=\"1\"): column \"p\" refers to \"p\" id=99, which does not exist");
        CHECK(load_into(database, list({record("\"1\"", R"("u": "b", "p": null)"),
                                        record("\"2\"", R"("u": "a", "p": 50)")})) == "0/2/0");
    }
}

TEST_CASE("rule 6: what still collides in the end is named, and changes nothing", "[set_aside]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE, n INT CHECK (n < 10)); INSERT INTO t VALUES (1, 'a', 1), (2, "
        "'b', 2), (3, 'c', 3)");
    CHECK(
        first_line(failure(database, list({record("1", R"("u": "b", "n": 1)"), record("2", R"("u": "c", "n": 2)")}))) ==
        "6 f1.json:3: record 2 (t pk=2): another row has the same \"u\": \"c\"");
    // A row that was taken away in vain may not come back wrong.
    CHECK(first_line(
              failure(database, list({record("1", R"("u": "b", "n": 1)"), record("2", R"("u": "a", "n": 99)")}))) ==
          "6 f1.json:3: record 2 (t pk=2): the row breaks a check of table \"t\": n < 10");
}

TEST_CASE("values that only an index of some rows or of an expression holds apart can be swapped", "[set_aside]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u TEXT, n INT); CREATE UNIQUE INDEX i ON t(u) WHERE n > 0; CREATE "
        "UNIQUE "
        "INDEX j ON t(lower(u), n); INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'A', 0)");
    CHECK(load_into(database, list({record("1", R"("u": "b", "n": 1)"), record("2", R"("u": "a", "n": 2)"),
                                    record("3", R"("u": "B", "n": 0)")})) == "0/3/0");
    CHECK(database.rows("SELECT * FROM t") == "1|b|1\n2|a|2\n3|B|0\n");
}

TEST_CASE("a row that moves out of the way finds a free rowid behind the largest possible one", "[set_aside]") {
    TestDatabase database(
        "CREATE TABLE t(k TEXT PRIMARY KEY, v); INSERT INTO t(rowid, k) VALUES (-9223372036854775808, 'first'), (5, "
        "'five'), (6, 'six'), (9223372036854775806, 'last but one'), (9223372036854775807, 'last')");
    CHECK(load_into(database, R"([{"model": "t", "pk": null, "rowid": 5, "fields": {"v": 1}}])") == "1/0/0");
    CHECK(
        database.rows("SELECT rowid, k FROM t ORDER BY rowid") ==
        "-9223372036854775808|first\n5|\n6|six\n7|five\n9223372036854775806|last but one\n9223372036854775807|last\n");
}

}  // namespace dbfixture
