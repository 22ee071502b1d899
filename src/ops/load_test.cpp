// SPDX-License-Identifier: MIT
// What a load does to a database (DESIGN 4), on real SQLite files.
#include "ops/load.h"

#include <catch2/catch.hpp>

#include "ops/loading_test.h"

namespace dbfixture {

TEST_CASE("a second load of the same fixture changes nothing", "[ops][load]") {
    TestDatabase database("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b REAL, c BOOLEAN, d)");
    const std::string fixture = R"([
        {"model": "t", "pk": 1, "fields": {"a": "x", "b": 5, "c": true, "d": 1.5}},
        {"model": "t", "pk": 2, "fields": {"a": null, "b": 0.1, "c": false}}])";
    CHECK(load_into(database, fixture) == "2/0/0");
    CHECK(load_into(database, fixture) == "0/0/2");
    CHECK(database.rows("SELECT id, a, b, c, d, typeof(b) FROM t") == "1|x|5.0|1|1.5|real\n2||0.1|0||real\n");
}

TEST_CASE("a record becomes its row: columns that it omits go to their default", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT DEFAULT 'it''s', b DEFAULT (1 + 1), c DEFAULT word, d DEFAULT "
        "\"quo\"\"ted\", e, f INT DEFAULT -3, g DEFAULT "
        "CURRENT_DATE, h DEFAULT TRUE);"
        "INSERT INTO t VALUES (1, 'old', 'old', 'old', 'old', 'old', 9, 'old', 'old'); CREATE TABLE fresh AS SELECT * "
        "FROM t WHERE 0;"
        "INSERT INTO t(id) VALUES (2)");
    CHECK(load_into(database, R"([{"model": "t", "pk": 1, "fields": {}}])") == "0/1/0");
    CHECK(database.rows("SELECT a, b, c, d, e, f, g = CURRENT_DATE, h FROM t WHERE id = 1") ==
          "it's|2|word|quo\"ted||-3|1|1\n");
    CHECK(database.rows(
              "SELECT count(*) FROM (SELECT a, b, c, d, e, f, g, h FROM t GROUP BY 1, 2, 3, 4, 5, 6, 7, 8)") == "1\n");
    CHECK(load_into(database, R"([{"model": "t", "pk": 1, "fields": {}}])") == "0/0/1");
}

TEST_CASE("two rows can swap a unique value, and many can shift theirs", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, u INT UNIQUE, v TEXT); INSERT INTO t VALUES (1, 10, 'a'), (2, 20, "
        "'b'), (3, 30, 'c')");
    CHECK(
        load_into(
            database,
            R"([{"model": "t", "pk": 1, "fields": {"u": 20, "v": "a"}}, {"model": "t", "pk": 2, "fields": {"u": 10, "v": "b"}}])") ==
        "0/2/0");
    CHECK(database.rows("SELECT * FROM t") == "1|20|a\n2|10|b\n3|30|c\n");
    // Each takes its neighbour's value; the last, a new one.
    CHECK(load_into(database,
                    R"([{"model": "t", "pk": 1, "fields": {"u": 10}}, {"model": "t", "pk": 2, "fields": {"u": 30}},
                                  {"model": "t", "pk": 3, "fields": {"u": 40}}, {"model": "t", "pk": 4, "fields": {"u": 20}}])") ==
          "1/3/0");
    CHECK(database.rows("SELECT id, u FROM t ORDER BY id") == "1|10\n2|30\n3|40\n4|20\n");
}

TEST_CASE("rows without a rowid and with text keys swap unique values too", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE w(k TEXT PRIMARY KEY, u UNIQUE) WITHOUT ROWID; INSERT INTO w VALUES ('a', 1), ('b', 2);"
        "CREATE TABLE r(k TEXT PRIMARY KEY, u UNIQUE); INSERT INTO r(rowid, k, u) VALUES (7, 'a', 1), (5, 'b', 2)");
    CHECK(load_into(database,
                    R"([{"model": "w", "pk": "a", "fields": {"u": 2}}, {"model": "w", "pk": "b", "fields": {"u": 1}},
                                  {"model": "r", "pk": "a", "fields": {"u": 2}}, {"model": "r", "pk": "b", "fields": {"u": 1}}])") ==
          "0/4/0");
    CHECK(database.rows("SELECT * FROM w ORDER BY k") == "a|2\nb|1\n");
    CHECK(database.rows("SELECT rowid, * FROM r ORDER BY k") == "7|a|2\n5|b|1\n");
}

TEST_CASE("a key twice in one load: the last wins, set aside or not", "[ops][load]") {
    TestDatabase database("CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    load_into(database,
              R"([{"model": "t", "pk": 1, "fields": {"u": "b"}}, {"model": "t", "pk": 1, "fields": {"u": "z"}},
                            {"model": "t", "pk": 2, "fields": {"u": "a"}}, {"model": "t", "pk": 3, "fields": {"u": "c"}},
                            {"model": "t", "pk": 3, "fields": {"u": "d"}}])");
    CHECK(database.rows("SELECT * FROM t") == "1|z\n2|a\n3|d\n");
}

TEST_CASE("a real collision names the record and changes nothing", "[ops][load]") {
    TestDatabase database("CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE); INSERT INTO t VALUES (1, 'a')");
    CHECK(failure(database,
                  "[{\"model\": \"t\", \"pk\": 3, \"fields\": {\"u\": \"c\"}},\n{\"model\": \"t\", \"pk\": 2, "
                  "\"fields\":\n {\"u\": \"a\"}}]") ==
          "6 f1.json:3: record 2 (t pk=2): another row has the same \"u\": \"a\"\n  detail: UNIQUE constraint failed: "
          "t.u\n");
}

TEST_CASE("references may point forward, to themselves and in a ring, within and across fixtures", "[ops][load]") {
    TestDatabase database(
        "PRAGMA foreign_keys = ON; CREATE TABLE a(id INTEGER PRIMARY KEY, b REFERENCES b(id)); CREATE TABLE b(id "
        "INTEGER PRIMARY KEY, a REFERENCES a(id));"
        "CREATE TABLE s(id INTEGER PRIMARY KEY, up REFERENCES s(id))");
    CHECK(
        load_into(
            database,
            request_for(
                {R"([{"model": "a", "pk": 1, "fields": {"b": 1}}, {"model": "s", "pk": 1, "fields": {"up": 2}},
                                                {"model": "s", "pk": 3, "fields": {"up": 3}}])",
                 R"([{"model": "b", "pk": 1, "fields": {"a": 1}}, {"model": "s", "pk": 2, "fields": {"up": 1}}])"})) ==
        "5/0/0");
}

TEST_CASE("one bad row in the last of three fixtures undoes all of them and is named", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY, n TEXT NOT NULL); CREATE TABLE c(id INTEGER PRIMARY KEY, p INT "
        "REFERENCES p(id))");
    const std::string good = R"([{"model": "p", "pk": 1, "fields": {"n": "x"}}])";
    CHECK(failure(database, request_for({good, R"([{"model": "c", "pk": 1, "fields": {"p": 1}}])",
                                         "[\n {\"model\": \"c\", \"pk\": 2, \"fields\": {}},\n {\"model\": \"p\", "
                                         "\"pk\": 2, \"fields\": {\"n\":\n null}}]"})) ==
          "6 f3.json:4: record 2 (p pk=2): column \"n\" must not be null\n  detail: NOT NULL constraint failed: p.n\n");
    CHECK(failure(database, request_for({good, "[\n\n{\"model\": \"c\", \"pk\": 2, \"fields\": {\"p\": 9}}]"})) ==
          "6 f2.json:3: record 1 (c pk=2): column \"p\" refers to \"p\" id=9, which does not exist\n"
          "  hint: add the missing record, or load with --allow-orphans to keep such rows\n");
    CHECK(failure(database, "[\n{\"model\": \"p\", \"pk\": 1, \"fields\":\n {\"n\": \"x\", \"emial\": 1}}]") ==
          "6 f1.json:3: record 1 (p pk=1): column \"emial\" does not exist\n  detail: Table \"p\" has \"id\" and "
          "\"n\".\n");
}

TEST_CASE("old orphans do not block a load, and hide no new one", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, p INT REFERENCES p(id), note);"
        "INSERT INTO c VALUES (1, 50, 'old'), (2, 51, 'old')");
    // The note of an orphan may change, a parent may come for another, and neither excuses record 3.
    CHECK(
        load_into(
            database,
            R"([{"model": "c", "pk": 1, "fields": {"p": 50, "note": "new"}}, {"model": "p", "pk": 51, "fields": {}}])") ==
        "1/1/0");
    CHECK(failure(database,
                  R"([{"model": "p", "pk": 50, "fields": {}}, {"model": "c", "pk": 9, "fields": {"p": 77}}])") ==
          "6 f1.json:1: record 2 (c pk=9): column \"p\" refers to \"p\" id=77, which does not exist\n"
          "  hint: add the missing record, or load with --allow-orphans to keep such rows\n");
    LoadRequest request = request_for({R"([{"model": "c", "pk": 9, "fields": {"p": 77}}])"});
    request.allow_orphans = true;
    CHECK(load_into(database, request) ==
          "1/0/0\nf1.json:1: record 1 (c pk=9): column \"p\" refers to \"p\" id=77, which does not exist");
}

TEST_CASE("changing a parent key leaves no child behind", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY, code TEXT UNIQUE COLLATE NOCASE); CREATE TABLE c(id INTEGER PRIMARY "
        "KEY, code REFERENCES p(code) ON UPDATE CASCADE ON DELETE CASCADE);"
        "INSERT INTO p VALUES (1, 'A'), (2, 'B'); INSERT INTO c VALUES (1, 'a'), (2, 'b')");
    CHECK(failure(database, "[\n{\"model\": \"p\", \"pk\": 1, \"fields\": {\"code\": \"Z\"}}]") ==
          "6 f1.json:2: record 1 (c pk=1): column \"code\" refers to \"p\" code=\"a\", which does not exist\n"
          "  detail: The load changed or replaced the row that it referred to.\n"
          "  hint: add the missing record, or load with --allow-orphans to keep such rows\n");
    CHECK(
        load_into(
            database,
            R"([{"model": "p", "pk": 1, "fields": {"code": "B"}}, {"model": "p", "pk": 2, "fields": {"code": "a"}}])") ==
        "0/2/0");
    CHECK(database.rows("SELECT * FROM c") == "1|a\n2|b\n");
}

TEST_CASE("a composite reference with a null part refers to nothing", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE p(a, b, PRIMARY KEY (a, b)); CREATE TABLE c(id INTEGER PRIMARY KEY, x, y, FOREIGN KEY (x, y) "
        "REFERENCES p)");
    CHECK(
        load_into(
            database,
            R"([{"model": "c", "pk": 1, "fields": {"x": 1, "y": null}}, {"model": "c", "pk": 2, "fields": {"x": 1, "y": 2}},
                                  {"model": "p", "pk": [1, 2], "fields": {}}])") == "3/0/0");
}

TEST_CASE("a malformed foreign key is a warning", "[ops][load]") {
    TestDatabase database("CREATE TABLE c(id INTEGER PRIMARY KEY, x REFERENCES nowhere(y))");
    CHECK(load_into(database, R"([{"model": "c", "pk": 1, "fields": {"x": 1}}])") ==
          "1/0/0\nforeign key of table \"c\" to \"nowhere\" cannot be checked: table \"nowhere\" does not exist");
}

TEST_CASE("triggers stay silent, and those whose work is missing are named", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a); CREATE TABLE audit(id INTEGER PRIMARY KEY, what); CREATE TABLE "
        "total(id INTEGER PRIMARY KEY, n);"
        "CREATE TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO audit(what) VALUES (new.a); UPDATE total SET n = n + 1; "
        "END");
    const std::string fixture =
        R"([{"model": "t", "pk": 1, "fields": {"a": "x"}}, {"model": "total", "pk": 1, "fields": {"n": 1}}])";
    CHECK(load_into(database, fixture) ==
          "2/0/0\ntriggers of table \"t\" did not fire; they write \"audit\", of which this load has no record "
          "(--triggers lets them fire)");
    CHECK(database.rows("SELECT count(*) FROM audit") == "0\n");
    database.run("DELETE FROM t; DELETE FROM total");
    LoadRequest request = request_for({fixture});
    request.fire_triggers = true;
    CHECK(load_into(database, request) == "2/0/0");
    CHECK(database.rows("SELECT what FROM audit") == "x\n");
}

TEST_CASE("a NOCASE key names its row in any spelling and takes the new one", "[ops][load]") {
    TestDatabase database("CREATE TABLE t(k TEXT PRIMARY KEY COLLATE NOCASE, a); INSERT INTO t VALUES ('Abc', 1)");
    CHECK(load_into(database, R"([{"model": "t", "pk": "aBC", "fields": {"a": 1}}])") == "0/1/0");
    CHECK(database.rows("SELECT * FROM t") == "aBC|1\n");
}

TEST_CASE("REPLACE in the schema does not delete another row", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY ON CONFLICT REPLACE, u UNIQUE ON CONFLICT REPLACE, n NOT NULL ON "
        "CONFLICT REPLACE DEFAULT 7);"
        "INSERT INTO t VALUES (1, 'a', 1)");
    CHECK(failure(database, R"([{"model": "t", "pk": 2, "fields": {"u": "a"}}])") ==
          "6 f1.json:1: record 1 (t pk=2): another row has the same \"u\": \"a\"\n  detail: UNIQUE constraint failed: "
          "t.u\n");
}

TEST_CASE("rows are numbered where the database can, and only there", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, x); CREATE TABLE h(x); CREATE TABLE k(k TEXT PRIMARY "
        "KEY, x)");
    CHECK(
        load_into(
            database,
            R"([{"model": "a", "pk": 5, "fields": {"x": 1}}, {"model": "a", "pk": null, "fields": {"x": 2}}, {"model": "a", "fields": {"x": 3}},
                                  {"model": "h", "fields": {"x": 4}}, {"model": "h", "pk": 9, "fields": {"x": 5}}])") ==
        "5/0/0");
    CHECK(database.rows("SELECT * FROM a") == "5|1\n6|2\n7|3\n");
    CHECK(database.rows("SELECT rowid, x FROM h") == "1|4\n9|5\n");
    CHECK(database.rows("SELECT * FROM sqlite_sequence") == "a|7\n");
    CHECK(failure(database, R"([{"model": "k", "fields": {"x": 4}}])") ==
          "6 f1.json:1: record 1 (k): a record of table \"k\" needs a \"pk\"\n  detail: The key of the table is \"k\", "
          "and the database does not number its rows.\n");
}

TEST_CASE("after a load a sequence is at least the largest key", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, x); INSERT INTO a VALUES (10, 1); DELETE FROM "
        "sqlite_sequence; CREATE TABLE b(id INTEGER PRIMARY KEY AUTOINCREMENT);"
        "INSERT INTO b VALUES (100); DELETE FROM b");
    load_into(database, R"([{"model": "a", "pk": 3, "fields": {"x": 1}}, {"model": "b", "pk": 4, "fields": {}}])");
    CHECK(database.rows("SELECT * FROM sqlite_sequence ORDER BY 1") == "a|10\nb|100\n");
}

TEST_CASE("a keyed row that happens to have a null-keyed row's rowid moves out of its way", "[ops][load]") {
    TestDatabase database("CREATE TABLE t(a, b, v, PRIMARY KEY (a, b))");
    const std::string fixture =
        R"([{"model": "t", "pk": [null, 1], "rowid": 2, "fields": {"v": "n2"}}, {"model": "t", "pk": [1, 1], "fields": {"v": "k"}},
                                    {"model": "t", "pk": [2, null], "rowid": 3, "fields": {"v": "n3"}}])";
    CHECK(load_into(database, fixture) == "3/0/0");
    CHECK(database.rows("SELECT a, b, v FROM t ORDER BY v") == "1|1|k\n|1|n2\n2||n3\n");
    CHECK(load_into(database, fixture) == "0/0/3");
}

TEST_CASE("a dry run says what would happen and does nothing", "[ops][load]") {
    TestDatabase database("CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, x)");
    const std::string before = database.content();
    LoadRequest request = request_for({R"([{"model": "t", "pk": 1, "fields": {"x": 1}}])"});
    request.dry_run = true;
    CHECK(load_into(database, request) == "1/0/0");
    CHECK(database.content() == before);
}

TEST_CASE("unknown tables and columns are skipped and counted when asked", "[ops][load]") {
    TestDatabase database("CREATE TABLE t(id INTEGER PRIMARY KEY, x)");
    LoadRequest request = request_for(
        {R"([{"model": "t", "pk": 1, "fields": {"x": 1, "y": 2}}, {"model": "u", "pk": 1, "fields": {}}])"});
    request.ignore_nonexistent = true;
    const auto connection = open_database(DatabaseUrl(database.path()), {OpenMode::kReadWrite});
    const LoadSummary summary = load(*connection, request);
    CHECK(summary.records == 1);
    CHECK(summary.ignored_records == 1);
    CHECK(summary.ignored_fields == 1);
}

TEST_CASE("indexes that were dropped for speed are back, with the planner's statistics, and still name the record",
          "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b INT); CREATE INDEX i1 ON t(a); CREATE UNIQUE INDEX i2 ON t(b, "
        "a); CREATE INDEX i3 ON t(a) WHERE b > 5;"
        "INSERT INTO t VALUES (1, 1, 1); ANALYZE; DELETE FROM t");
    const std::string schema = database.rows("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2");
    const std::string statistics = database.rows("SELECT * FROM sqlite_stat1 ORDER BY 1, 2");
    std::string fixture = "[";
    for (int i = 1; i <= 12000; ++i)
        append(fixture, cat(i == 1 ? "\n" : ",\n", "{\"model\": \"t\", \"pk\": ", i, ", \"fields\": {\"a\": ", i % 7,
                            ", \"b\": ", i, "}}"));
    CHECK(load_into(database, fixture + "]") == "12000/0/0");
    CHECK(database.rows("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2") == schema);
    CHECK(database.rows("SELECT * FROM sqlite_stat1 ORDER BY 1, 2") == statistics);
    CHECK(database.rows("PRAGMA integrity_check") == "ok\n");
    database.run("DELETE FROM t");
    CHECK(failure(database, fixture + ",\n{\"model\": \"t\", \"pk\": 12001, \"fields\": {\"a\": 0, \"b\": 7}}]") ==
          "6 f1.json:12002: record 12001 (t pk=12001): another row has the same \"b\" and \"a\": 7, 0\n  detail: "
          "UNIQUE constraint failed: t.b, t.a\n");
}

TEST_CASE("a locked database is busy, not broken", "[ops][load]") {
    TestDatabase database("CREATE TABLE t(id INTEGER PRIMARY KEY)");
    const auto blocker = open_database(DatabaseUrl(database.path()), {OpenMode::kReadWrite});
    const auto held = blocker->begin_load({});
    CHECK(failure(database, R"([{"model": "t", "pk": 1, "fields": {}}])").substr(0, 2) == "5 ");
}

TEST_CASE("values that a column would change are refused", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, i INTEGER, r REAL, n NUMERIC, x TEXT, b BOOLEAN, g AS (i))");
    const auto message = [&](const std::string& fields) {
        const std::string text = failure(database, R"([{"model": "t", "pk": 1, "fields": )" + fields + "}]");
        return text.substr(0, text.find('\n'));
    };
    CHECK(message(R"({"i": 9223372036854775808})") ==
          "6 f1.json:1: record 1 (t pk=1): column \"i\" (type INTEGER) cannot take 9223372036854775808: integers have "
          "64 bits");
    CHECK(
        message(R"({"r": 9007199254740993})") ==
        "6 f1.json:1: record 1 (t pk=1): column \"r\" (type REAL) cannot take 9007199254740993: digits would be lost");
    CHECK(message(R"({"r": 1e999})") == "6 f1.json:1: record 1 (t pk=1): column \"r\": number \"1e999\" is too large");
    CHECK(message(R"({"n": 0.1234567890123456789})") ==
          "6 f1.json:1: record 1 (t pk=1): column \"n\" (type NUMERIC) cannot take 0.1234567890123456789: digits would "
          "be lost");
    CHECK(message(R"({"n": "12345678901234567890123"})") ==
          "6 f1.json:1: record 1 (t pk=1): column \"n\" (type NUMERIC) cannot take \"12345678901234567890123\": digits "
          "would be lost");
    CHECK(message(R"({"i": true})") ==
          "6 f1.json:1: record 1 (t pk=1): column \"i\" (type INTEGER) cannot take true: it is not a boolean column");
    CHECK(message(R"({"b": "perhaps"})") ==
          "6 f1.json:1: record 1 (t pk=1): column \"b\" (type BOOLEAN) cannot take \"perhaps\": it is no boolean");
    CHECK(message(R"({"g": 1})") == "6 f1.json:1: record 1 (t pk=1): column \"g\" is generated and cannot be loaded");
    CHECK(message(R"({"id": 1})") == "6 f1.json:1: record 1 (t pk=1): column \"id\" is the key");
    CHECK(
        load_into(
            database,
            R"([{"model": "t", "pk": 1, "fields": {"i": 9223372036854775807, "r": 0.10000000000000001, "n": 1e5, "x": 1.10, "b": "yes"}},
                                  {"model": "t", "pk": 2, "fields": {"x": {"a": [1, 2.50, null]}, "i": "12", "b": 5}}])") ==
        "2/0/0");
    CHECK(database.rows("SELECT i, r, n, x, b FROM t") ==
          "9223372036854775807|0.1|100000|1.10|1\n12|||{\"a\":[1,2.50,null]}|5\n");
}

TEST_CASE("a full-text index of another table is rebuilt after a load", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE doc(id INTEGER PRIMARY KEY, body); CREATE VIRTUAL TABLE ft USING fts5(body, content='doc', "
        "content_rowid='id')");
    CHECK(load_into(database, R"([{"model": "doc", "pk": 1, "fields": {"body": "hello world"}}])") == "1/0/0");
    CHECK(database.rows("SELECT rowid FROM ft WHERE ft MATCH 'world'") == "1\n");
    CHECK(failure(database, R"([{"model": "ft", "pk": 1, "fields": {"body": "x"}}])").substr(0, 70) ==
          "6 f1.json:1: record 1 (ft pk=1): table \"ft\" has no rows of its own\n  d");
}

TEST_CASE("a hundred thousand forward references without an index load in linear time", "[ops][load]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, p INT REFERENCES p(id)); "
        "INSERT INTO c VALUES (0, NULL); INSERT INTO p VALUES (0)");
    std::string fixture = "[";
    for (const char* table : {"c", "p"}) {
        for (int i = 1; i <= 100000; ++i) {
            append(fixture,
                   cat(fixture.size() == 1 ? "" : ",", "{\"model\": \"", table, "\", \"pk\": ", i, ", \"fields\": {"));
            append(fixture, cat(table[0] == 'c' ? cat("\"p\": ", i) : "", "}}"));
        }
    }
    CHECK(load_into(database, fixture + "]") == "200000/0/0");
}

}  // namespace dbfixture
