// SPDX-License-Identifier: MIT
// The rules of load_foreign_keys.h, each by its number.
#include "db/sqlite/load_foreign_keys.h"

#include <catch2/catch.hpp>

#include "ops/loading_test.h"

namespace dbfixture {
namespace {

// The part of failure() that says what is wrong: its first line, without the hint.
std::string fault(TestDatabase& database, const std::string& fixture) {
    const std::string text = failure(database, fixture);
    return text.substr(0, text.find('\n'));
}

std::string record(const std::string& model, const std::string& key, const std::string& fields) {
    return cat("{\"model\": \"", model, "\", \"pk\": ", key, ", \"fields\": {", fields, "}}");
}

std::string list(const std::vector<std::string>& records) {
    std::string out = "[";
    for (const std::string& each : records)
        append(out, cat(out.size() == 1 ? "\n" : ",\n", each));
    return out + "]";
}

// A child table with a row of key `kept` that refers to 1 and has the note 'old', in each form that a key may have.
struct Shape {
    const char* key;    // as JSON
    const char* other;  // a key that is not there
    const char* columns;
    const char* row;
};
constexpr Shape kShapes[] = {
    {"7", "8", "id INTEGER PRIMARY KEY, p REFERENCES p(id), note", "7, 1, 'old'"},
    {"\"a\"", "\"b\"", "id TEXT PRIMARY KEY, p REFERENCES p(id), note", "'a', 1, 'old'"},
    {"[1, \"a\"]", "[1, \"b\"]", "x, y, p REFERENCES p(id), note, PRIMARY KEY (x, y)", "1, 'a', 1, 'old'"},
    {"7", "8", "p REFERENCES p(id), note", ""},
};
constexpr Shape kWithoutRowid[] = {
    {"\"a\"", "\"b\"", "id TEXT PRIMARY KEY, p REFERENCES p(id), note", "'a', 1, 'old'"},
    {"[1, \"a\"]", "[1, \"b\"]", "x, y, p REFERENCES p(id), note, PRIMARY KEY (y, x)", "1, 'a', 1, 'old'"},
};

std::vector<std::pair<Shape, std::string>> all_shapes() {
    std::vector<std::pair<Shape, std::string>> out;
    const std::string parent = "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);";
    for (const Shape& shape : kShapes) {
        const std::string row = *shape.row == 0 ? "INSERT INTO c(rowid, p, note) VALUES (7, 1, 'old')"
                                                : cat("INSERT INTO c VALUES (", shape.row, ")");
        out.emplace_back(shape, cat(parent, "CREATE TABLE c(", shape.columns, ");", row));
    }
    for (Shape shape : kWithoutRowid) {
        if (shape.key[0] == '[') {
            shape.key = "[\"a\", 1]";
            shape.other = "[\"b\", 1]";
        }
        out.emplace_back(shape, cat(parent, "CREATE TABLE c(", shape.columns, ") WITHOUT ROWID; INSERT INTO c VALUES (",
                                    shape.row, ")"));
    }
    return out;
}

}  // namespace

TEST_CASE("rule 1: of a table that was empty every row is checked", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p)");
    CHECK(fault(database, list({record("c", "1", "\"p\": 1"), record("p", "1", ""), record("c", "2", "\"p\": 9")})) ==
          "6 f1.json:4: record 3 (c pk=2): column \"p\" refers to \"p\" id=9, which does not exist");
    CHECK(load_into(database, list({record("c", "1", "\"p\": 1"), record("p", "1", "")})) == "2/0/0");
}

TEST_CASE("rule 2: a new row that refers to nothing is refused, whatever its table's key", "[fk]") {
    for (const auto& [shape, sql] : all_shapes()) {
        INFO(sql);
        TestDatabase database(sql);
        CHECK_THAT(fault(database, list({record("c", shape.other, "\"p\": 99")})),
                   Catch::StartsWith("6 f1.json:2: record 1 (c pk=") &&
                       Catch::EndsWith(": column \"p\" refers to \"p\" id=99, which does not exist"));
        CHECK(load_into(database, list({record("c", shape.other, "\"p\": 1")})) == "1/0/0");
    }
}

TEST_CASE("rule 2: a row that is changed to refer to nothing is refused, whatever its table's key", "[fk]") {
    for (const auto& [shape, sql] : all_shapes()) {
        INFO(sql);
        TestDatabase database(sql);
        CHECK_THAT(fault(database, list({record("c", shape.key, "\"p\": 99, \"note\": \"old\"")})),
                   Catch::StartsWith("6 f1.json:2: record 1 (c pk=") &&
                       Catch::EndsWith(": column \"p\" refers to \"p\" id=99, which does not exist"));
        CHECK(load_into(database, list({record("c", shape.key, "\"p\": null, \"note\": \"old\"")})) == "0/1/0");
    }
}

TEST_CASE("rule 2: a default can refer to nothing, too", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
        "CREATE TABLE c(id INTEGER PRIMARY KEY, p DEFAULT 5 REFERENCES p); INSERT INTO c VALUES (1, 1)");
    CHECK(fault(database, list({record("c", "1", "")})) ==
          "6 f1.json:2: record 1 (c pk=1): column \"p\" refers to \"p\" id=5, which does not exist");
}

TEST_CASE("rule 2: every foreign key of a row and every column of each is looked at", "[fk]") {
    TestDatabase database(
        "CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE b(x, y, UNIQUE (y, x)); INSERT INTO a VALUES (1);"
        "INSERT INTO b VALUES (1, 2); CREATE TABLE c(id INTEGER PRIMARY KEY, one REFERENCES a, two REFERENCES a, x, y,"
        "FOREIGN KEY (x, y) REFERENCES b(x, y)); INSERT INTO c VALUES (1, 1, 1, 1, 2)");
    const auto changed = [&](const std::string& fields) { return fault(database, list({record("c", "1", fields)})); };
    CHECK(changed(R"("one": 9, "two": 1, "x": 1, "y": 2)") ==
          "6 f1.json:2: record 1 (c pk=1): column \"one\" refers to \"a\" id=9, which does not exist");
    CHECK(changed(R"("one": 1, "two": 9, "x": 1, "y": 2)") ==
          "6 f1.json:2: record 1 (c pk=1): column \"two\" refers to \"a\" id=9, which does not exist");
    CHECK(changed(R"("one": 1, "two": 1, "x": 2, "y": 2)") ==
          "6 f1.json:2: record 1 (c pk=1): columns \"x\", \"y\" refer to \"b\" x=2, y=2, which does not exist");
    CHECK(changed(R"("one": 1, "two": 1, "x": 1, "y": 1)") ==
          "6 f1.json:2: record 1 (c pk=1): columns \"x\", \"y\" refer to \"b\" x=1, y=1, which does not exist");
}

TEST_CASE("rule 2: a row that is loaded has nothing to do with one of the same rowid in another of many tables",
          "[fk]") {
    constexpr int kTables = 80;
    std::string sql = "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);";
    std::vector<std::string> records;
    for (int i = 1; i <= kTables; ++i) {
        append(sql, cat("CREATE TABLE c", i, "(id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO c", i, " VALUES (",
                        i, ", 99);"));
        records.push_back(record(cat("c", i), std::to_string(i + 1), "\"p\": 1"));
    }
    TestDatabase database(sql);
    CHECK(load_into(database, list(records)) == cat(kTables, "/0/0"));
    records.push_back(record(cat("c", kTables), "7", "\"p\": 98"));
    CHECK(fault(database, list(records)) ==
          "6 f1.json:82: record 81 (c80 pk=7): column \"p\" refers to \"p\" id=98, which does not exist");
}

TEST_CASE("rule 2: a generated column that refers is looked at when what it is made of changes", "[fk]") {
    for (const char* kind : {"VIRTUAL", "STORED"}) {
        TestDatabase database(
            cat("CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (10), (20); CREATE TABLE c(id INTEGER "
                "PRIMARY KEY, tens INT, p INT AS (tens * 10) ",
                kind, " REFERENCES p); INSERT INTO c(id, tens) VALUES (1, 1)"));
        CHECK(fault(database, list({record("c", "1", "\"tens\": 9")})) ==
              "6 f1.json:2: record 1 (c pk=1): column \"p\" refers to \"p\" id=90, which does not exist");
        CHECK(load_into(database, list({record("c", "1", "\"tens\": 2")})) == "0/1/0");
    }
}

TEST_CASE("rule 3: a row that moves to another rowid is still checked, and known by its record", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(k TEXT PRIMARY KEY, p REFERENCES p);"
        "INSERT INTO c(rowid, k) VALUES (5, 'old')");
    const std::string displaces = "{\"model\": \"c\", \"pk\": null, \"rowid\": 6, \"fields\": {}}";
    CHECK(fault(database, list({record("c", "\"new\"", "\"p\": 99"), displaces})) ==
          "6 f1.json:2: record 1 (c pk=\"new\"): column \"p\" refers to \"p\" id=99, which does not exist");
    CHECK(load_into(database, list({record("c", "\"new\"", "\"p\": null"), displaces})) == "2/0/0");
    CHECK(database.rows("SELECT rowid, k FROM c ORDER BY 1") == "5|old\n6|\n7|new\n");
}

TEST_CASE("rule 3: an old orphan that moves to another rowid stays nobody's fault", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(k TEXT PRIMARY KEY, p REFERENCES p);"
        "INSERT INTO c(rowid, k, p) VALUES (6, 'old', 99)");
    CHECK(load_into(database, "[{\"model\": \"c\", \"pk\": null, \"rowid\": 6, \"fields\": {}}]") == "1/0/0");
    CHECK(database.rows("SELECT rowid, * FROM c ORDER BY 1") == "6||\n7|old|99\n");

    TestDatabase other(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(k TEXT PRIMARY KEY, p REFERENCES p);"
        "INSERT INTO c(rowid, k, p) VALUES (6, 'old', 99)");
    CHECK(load_into(other, list({record("c", "\"new\"", "\"p\": null"),
                                 "{\"model\": \"c\", \"pk\": null, \"rowid\": 6, \"fields\": {}}"})) == "2/0/0");
    CHECK(other.rows("SELECT rowid, * FROM c ORDER BY 1") == "6||\n7|new|\n8|old|99\n");
}

TEST_CASE("rule 4: a parent key that changes leaves no child behind", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY, code TEXT UNIQUE, other TEXT); CREATE TABLE c(id INTEGER PRIMARY KEY, "
        "code REFERENCES p(code)); INSERT INTO p VALUES (1, 'A', 'x'), (2, 'B', 'y'), (3, NULL, 'z');"
        "INSERT INTO c VALUES (1, 'A')");
    CHECK(failure(database, list({record("p", "2", "\"code\": \"C\", \"other\": \"y\""),
                                  record("p", "1", "\"code\": \"Z\", \"other\": \"x\"")})) ==
          "6 f1.json:3: record 2 (c pk=1): column \"code\" refers to \"p\" code=\"A\", which does not exist\n"
          "  detail: The load changed or replaced the row that it referred to.\n"
          "  hint: add the missing record, or load with --allow-orphans to keep such rows\n");
    // What nobody refers to, what is no key, and NULL may change; and the child may come along.
    CHECK(load_into(database, list({record("p", "2", "\"code\": \"C\", \"other\": \"y\""),
                                    record("p", "1", "\"code\": \"A\", \"other\": \"new\""),
                                    record("p", "3", "\"code\": \"D\", \"other\": \"z\"")})) == "0/3/0");
    CHECK(load_into(database, list({record("p", "1", "\"code\": \"Z\", \"other\": \"new\""),
                                    record("c", "1", "\"code\": \"Z\"")})) == "0/2/0");
}

TEST_CASE("rule 4: a composite parent key changes when one of its columns does", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY, x, y, UNIQUE (x, y)); INSERT INTO p VALUES (1, 1, 1), (2, 2, NULL);"
        "CREATE TABLE c(id INTEGER PRIMARY KEY, x, y, FOREIGN KEY (x, y) REFERENCES p(x, y)); INSERT INTO c VALUES "
        "(1, 1, 1), (2, 2, NULL)");
    CHECK(fault(database, list({record("p", "1", "\"x\": 1, \"y\": 2")})) ==
          "6 f1.json:2: record 1 (c pk=1): columns \"x\", \"y\" refer to \"p\" x=1, y=1, which does not exist");
    CHECK(fault(database, list({record("p", "1", "\"x\": 2, \"y\": 1")})) ==
          "6 f1.json:2: record 1 (c pk=1): columns \"x\", \"y\" refer to \"p\" x=1, y=1, which does not exist");
    CHECK(load_into(database, list({record("p", "2", "\"x\": 3, \"y\": 3")})) == "0/1/0");
}

TEST_CASE("rule 4: parents that are deleted and put back, because they swap a unique value, are looked at", "[fk]") {
    for (const char* end : {"", " WITHOUT ROWID"}) {
        TestDatabase database(
            cat("CREATE TABLE p(id TEXT PRIMARY KEY, u UNIQUE, code UNIQUE)", end,
                "; INSERT INTO p VALUES ('1', 1, 'A'), ('2', 2, 'B');"
                "CREATE TABLE c(id INTEGER PRIMARY KEY, code REFERENCES p(code)); INSERT INTO c VALUES (5, 'B')"));
        CHECK(fault(database, list({record("p", "\"1\"", "\"u\": 2, \"code\": \"A\""),
                                    record("p", "\"2\"", "\"u\": 1, \"code\": \"Z\"")})) ==
              "6 f1.json:3: record 2 (c pk=5): column \"code\" refers to \"p\" code=\"B\", which does not exist");
        CHECK(load_into(database, list({record("p", "\"1\"", "\"u\": 2, \"code\": \"B\""),
                                        record("p", "\"2\"", "\"u\": 1, \"code\": \"A\"")})) == "0/2/0");
    }
}

TEST_CASE("rule 4: a key that differs only as the parent's collation does not tell is the same key", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY, code TEXT COLLATE NOCASE, n NUMERIC UNIQUE); CREATE INDEX i ON p(code "
        "COLLATE BINARY); CREATE UNIQUE INDEX j ON p(code); INSERT INTO p VALUES (1, 'A', 5); CREATE TABLE c(id "
        "INTEGER "
        "PRIMARY KEY, code TEXT REFERENCES p(code), n TEXT REFERENCES p(n)); INSERT INTO c VALUES (1, 'a', '5.0')");
    CHECK(fault(database, list({record("p", "1", R"("code": "b", "n": 5)")})) ==
          "6 f1.json:2: record 1 (c pk=1): column \"code\" refers to \"p\" code=\"a\", which does not exist");
    CHECK(fault(database, list({record("p", "1", R"("code": "A", "n": 6)")})) ==
          "6 f1.json:2: record 1 (c pk=1): column \"n\" refers to \"p\" n=\"5.0\", which does not exist");
    CHECK(load_into(database, list({record("p", "1", R"("code": "a", "n": 5)")})) == "0/1/0");
}

TEST_CASE("rule 4: old keys that begin alike are different keys", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY, x, y, UNIQUE (x, y)); INSERT INTO p VALUES (1, 1, 1), (2, 1, 2); "
        "CREATE "
        "TABLE c(id INTEGER PRIMARY KEY, x, y, FOREIGN KEY (x, y) REFERENCES p(x, y)); INSERT INTO c VALUES (1, 1, 2)");
    CHECK(fault(database, list({record("p", "1", R"("x": 5, "y": 1)"), record("p", "2", R"("x": 5, "y": 2)")})) ==
          "6 f1.json:3: record 2 (c pk=1): columns \"x\", \"y\" refer to \"p\" x=1, y=2, which does not exist");
}

TEST_CASE("rule 4: a generated column that is referred to is looked at when what it is made of changes", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY, word TEXT, code TEXT AS (upper(word)) STORED UNIQUE);"
        "INSERT INTO p(id, word) VALUES (1, 'a'); CREATE TABLE c(id INTEGER PRIMARY KEY, code TEXT REFERENCES p(code));"
        "INSERT INTO c VALUES (1, 'A')");
    CHECK(fault(database, list({record("p", "1", "\"word\": \"b\"")})) ==
          "6 f1.json:2: record 1 (c pk=1): column \"code\" refers to \"p\" code=\"A\", which does not exist");
    CHECK(load_into(database, list({record("p", "1", "\"word\": \"A\"")})) == "0/1/0");
}

TEST_CASE("rule 5: orphans from before that the load leaves as they were are nobody's fault", "[fk]") {
    for (const auto& [shape, sql] : all_shapes()) {
        INFO(sql);
        TestDatabase database(sql + "; UPDATE c SET p = 99");
        CHECK(load_into(database, list({record("c", shape.key, "\"p\": 99, \"note\": \"new\"")})) == "0/1/0");
        CHECK(load_into(database, list({record("c", shape.other, "\"p\": 1")})) == "1/0/0");
        CHECK_THAT(fault(database, list({record("c", shape.key, "\"p\": 98")})),
                   Catch::EndsWith(": column \"p\" refers to \"p\" id=98, which does not exist"));
    }
}

TEST_CASE("rule 6: of rows without an address there may be no more orphans of a value than before", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE q(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
        "CREATE TABLE c(rowid REFERENCES p, oid REFERENCES q, _rowid_); INSERT INTO c VALUES (50, NULL, 'old'), (51, "
        "7, 'old'), (1, NULL, 'old')");
    const auto row = [](const char* p, const char* q) {
        return cat("{\"model\": \"c\", \"fields\": {\"rowid\": ", p, ", \"oid\": ", q, "}}");
    };
    CHECK(failure(database, list({row("1", "null"), row("52", "null"), row("null", "null")})) ==
          "6 f1.json:3: record 2 (c): column \"rowid\" refers to \"p\" id=52, which does not exist\n"
          "  hint: add the missing record, or load with --allow-orphans to keep such rows\n");
    // One more of a value that was an orphan before, one that hides behind another whose parent comes (before it or
    // after), and one of another foreign key.
    CHECK(fault(database, list({row("50", "null")})) ==
          "6 f1.json:2: record 1 (c): column \"rowid\" refers to \"p\" id=50, which does not exist");
    CHECK(fault(database, list({row("53", "null"), record("p", "50", "")})) ==
          "6 f1.json:2: record 1 (c): column \"rowid\" refers to \"p\" id=53, which does not exist");
    CHECK(fault(database, list({record("p", "50", ""), row("53", "null")})) ==
          "6 f1.json:3: record 2 (c): column \"rowid\" refers to \"p\" id=53, which does not exist");
    CHECK(fault(database, list({row("1", "8"), row("1", "9")})) ==
          "6 f1.json:2: record 1 (c): column \"oid\" refers to \"q\" id=8, which does not exist");
    LoadRequest request = request_for({list({row("52", "null"), row("52", "null")})});
    request.allow_orphans = true;
    CHECK(load_into(database, request) ==
          "2/0/0\nf1.json:3: record 2 (c): column \"rowid\" refers to \"p\" id=52, which does not exist");
    CHECK(load_into(database, list({record("p", "51", ""), row("51", "null")})) == "2/0/0");
}

TEST_CASE("rule 6: of a table without addresses that was empty every row is checked", "[fk]") {
    TestDatabase database("CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(rowid REFERENCES p, oid, _rowid_)");
    CHECK_THAT(fault(database, R"([{"model": "c", "fields": {"rowid": 5}}])"), Catch::Contains("\"p\" id=5"));
    CHECK(load_into(database, R"([{"model": "c", "fields": {"rowid": 5}}, {"model": "p", "pk": 5, "fields": {}}])") ==
          "2/0/0");
}

TEST_CASE("rule 7: values are compared with the parent's affinity, not the child's", "[fk]") {
    TestDatabase database(
        "CREATE TABLE t(code TEXT PRIMARY KEY); INSERT INTO t VALUES ('01'), ('2'); CREATE TABLE i(code INTEGER "
        "PRIMARY "
        "KEY); INSERT INTO i VALUES (1); CREATE TABLE b(code BLOB PRIMARY KEY); INSERT INTO b VALUES ('1');"
        "CREATE TABLE c(id INTEGER PRIMARY KEY, t INTEGER REFERENCES t, i TEXT REFERENCES i, b INTEGER REFERENCES b)");
    CHECK(fault(database, list({record("c", "1", "\"t\": 1")})) ==
          "6 f1.json:2: record 1 (c pk=1): column \"t\" refers to \"t\" code=1, which does not exist");
    CHECK(fault(database, list({record("c", "1", "\"b\": 1")})) ==
          "6 f1.json:2: record 1 (c pk=1): column \"b\" refers to \"b\" code=1, which does not exist");
    CHECK(load_into(database, list({record("c", "1", "\"t\": 2, \"i\": \"01\"")})) == "1/0/0");
    CHECK(database.rows("PRAGMA foreign_key_check") == "");
}

TEST_CASE("rule 7: values are compared with the parent's collation, not the child's", "[fk]") {
    TestDatabase database(
        "CREATE TABLE n(code TEXT COLLATE NOCASE PRIMARY KEY); INSERT INTO n VALUES ('A'); CREATE TABLE b(code TEXT "
        "PRIMARY KEY); INSERT INTO b VALUES ('A');"
        "CREATE TABLE c(id INTEGER PRIMARY KEY, n TEXT REFERENCES n, b TEXT COLLATE NOCASE REFERENCES b)");
    CHECK(fault(database, list({record("c", "1", "\"b\": \"a\"")})) ==
          "6 f1.json:2: record 1 (c pk=1): column \"b\" refers to \"b\" code=\"a\", which does not exist");
    CHECK(load_into(database, list({record("c", "1", "\"n\": \"a\", \"b\": \"A\"")})) == "1/0/0");
    CHECK(database.rows("PRAGMA foreign_key_check") == "");
}

TEST_CASE("rule 8: what has a null part refers to nothing, and a null is nobody's parent", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(x, y, UNIQUE (x, y)); INSERT INTO p VALUES (1, NULL); CREATE TABLE c(id INTEGER PRIMARY KEY, "
        "x, "
        "y, FOREIGN KEY (x, y) REFERENCES p(x, y)); INSERT INTO c VALUES (1, 9, NULL)");
    CHECK(
        load_into(database, list({record("c", "2", "\"x\": null, \"y\": 1"), record("c", "3", "\"x\": 1, \"y\": null"),
                                  record("c", "1", "\"x\": null, \"y\": 5")})) == "2/1/0");
    CHECK(fault(database, list({record("c", "3", "\"x\": 1, \"y\": 1")})) ==
          "6 f1.json:2: record 1 (c pk=3): columns \"x\", \"y\" refer to \"p\" x=1, y=1, which does not exist");
}

TEST_CASE("rows with the same fault are counted, and kept with a warning when asked", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p)");
    const std::string fixture =
        list({record("c", "1", "\"p\": 7"), record("c", "2", "\"p\": 8"), record("c", "3", "\"p\": 9")});
    CHECK(failure(database, fixture) ==
          "6 f1.json:2: record 1 (c pk=1): column \"p\" refers to \"p\" id=7, which does not exist\n"
          "  detail: 2 more rows of \"c\" have the same fault.\n"
          "  hint: add the missing record, or load with --allow-orphans to keep such rows\n");
    LoadRequest request = request_for({fixture});
    request.allow_orphans = true;
    CHECK(load_into(database, request) ==
          "3/0/0\nf1.json:2: record 1 (c pk=1): column \"p\" refers to \"p\" id=7, which does not exist (and 2 more "
          "rows)");
}

TEST_CASE("the record that is named is of the orphan's own table", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1); CREATE TABLE c(id INTEGER PRIMARY KEY, p "
        "REFERENCES p); CREATE TABLE d(id INTEGER PRIMARY KEY, p REFERENCES p)");
    CHECK(fault(database,
                list({record("d", "1", "\"p\": 1"), record("c", "1", "\"p\": 9"), record("d", "1", "\"p\": null")})) ==
          "6 f1.json:3: record 2 (c pk=1): column \"p\" refers to \"p\" id=9, which does not exist");
}

TEST_CASE("a foreign key that the schema gets wrong is a warning, in every way to get it wrong", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY, free); CREATE TABLE c(id INTEGER PRIMARY KEY, a REFERENCES p(free), b "
        "REFERENCES p(missing), c REFERENCES nowhere, d, FOREIGN KEY (c, d) REFERENCES p)");
    CHECK(load_into(database, list({record("c", "1", R"("a": 5, "b": 5, "c": 5, "d": 5)")})) ==
          "1/0/0\nforeign key of table \"c\" to \"p\" cannot be checked: table \"p\" has no unique index on \"free\"\n"
          "foreign key of table \"c\" to \"p\" cannot be checked: table \"p\" has no column \"missing\"\n"
          "foreign key of table \"c\" to \"nowhere\" cannot be checked: table \"nowhere\" does not exist\n"
          "foreign key of table \"c\" to \"p\" cannot be checked: it has 2 columns, the key of \"p\" has 1");
}

TEST_CASE("rule 9: an orphan that a trigger leaves is refused, whatever the key of its table", "[fk]") {
    const std::pair<const char*, const char*> tables[] = {
        {"id INTEGER PRIMARY KEY, p REFERENCES p)", " pk=9"},
        {"id TEXT PRIMARY KEY, p REFERENCES p) WITHOUT ROWID", " pk=\"9\""},
        {"id, p REFERENCES p, broken REFERENCES nowhere)", " pk=2"},
        {"rowid, oid, _rowid_, id, p REFERENCES p)", ""},
    };
    for (const auto& [columns, key] : tables) {
        INFO(columns);
        TestDatabase database(
            cat("CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1); CREATE TABLE t(id INTEGER PRIMARY "
                "KEY); CREATE TABLE c(",
                columns,
                "; CREATE TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO c(id, p) VALUES (new.id, new.id); END;"
                "INSERT INTO c(id, p) VALUES (5, 50)"));
        const auto load_of = [](int id) {
            LoadRequest request = request_for({cat("[{\"model\": \"t\", \"pk\": ", id, ", \"fields\": {}}]")});
            request.fire_triggers = true;
            return request;
        };
        CHECK(failure(database, load_of(9)) ==
              cat("6 table c", key,
                  ": column \"p\" refers to \"p\" id=9, which does not exist\n"
                  "  detail: A trigger wrote this row, or took away what it referred to.\n"
                  "  hint: load without --triggers, or with --allow-orphans to keep such rows\n"));
        LoadRequest allowed = load_of(9);
        allowed.allow_orphans = true;
        CHECK(load_into(database, allowed) == "1/0/0");
        CHECK(load_into(database, load_of(1)) == "1/0/0");
    }
}

TEST_CASE("rule 9: an orphan that a trigger leaves is another than an old one that refers to the same", "[fk]") {
    for (const char* table :
         {"id INTEGER PRIMARY KEY, p REFERENCES p)", "id, p REFERENCES p)",
          "id TEXT PRIMARY KEY, p REFERENCES p) WITHOUT ROWID", "rowid, oid, _rowid_, id, p REFERENCES p)"}) {
        INFO(table);
        TestDatabase database(cat(
            "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE t(id INTEGER PRIMARY KEY); CREATE TABLE c(", table,
            "; CREATE TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO c(id, p) VALUES (new.id, 50); END; INSERT INTO "
            "c(id, p) VALUES (5, 50)"));
        LoadRequest request = request_for({"[{\"model\": \"t\", \"pk\": 9, \"fields\": {}}]"});
        request.fire_triggers = true;
        CHECK_THAT(failure(database, request),
                   Catch::Contains("column \"p\" refers to \"p\" id=50, which does not exist"));
    }
}

TEST_CASE("rule 9: a trigger that takes a parent away, or makes an orphan another one, is refused", "[fk]") {
    TestDatabase database(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2); CREATE TABLE c(id INTEGER PRIMARY KEY, "
        "p "
        "REFERENCES p, q REFERENCES p); INSERT INTO c VALUES (1, 1, NULL), (2, 99, NULL);"
        "CREATE TABLE gone(id INTEGER PRIMARY KEY); CREATE TRIGGER x AFTER INSERT ON gone BEGIN DELETE FROM p WHERE id "
        "= "
        "new.id; END; CREATE TABLE other(id INTEGER PRIMARY KEY); CREATE TRIGGER y AFTER INSERT ON other BEGIN UPDATE "
        "c "
        "SET q = new.id WHERE id = 2; END; CREATE TABLE again(id INTEGER PRIMARY KEY); CREATE TRIGGER z AFTER INSERT "
        "ON "
        "again BEGIN UPDATE c SET p = new.id WHERE id = 2; END");
    const auto load_of = [](const std::string& table, int id) {
        LoadRequest request = request_for({cat("[{\"model\": \"", table, "\", \"pk\": ", id, ", \"fields\": {}}]")});
        request.fire_triggers = true;
        return request;
    };
    const auto first_line = [](const std::string& text) { return text.substr(0, text.find('\n')); };
    CHECK(first_line(failure(database, load_of("gone", 1))) ==
          "6 table c pk=1: column \"p\" refers to \"p\" id=1, which does not exist");
    CHECK(first_line(failure(database, load_of("other", 98))) ==
          "6 table c pk=2: column \"q\" refers to \"p\" id=98, which does not exist");
    CHECK(first_line(failure(database, load_of("again", 98))) ==
          "6 table c pk=2: column \"p\" refers to \"p\" id=98, which does not exist");
    CHECK(load_into(database, load_of("gone", 2)) == "1/0/0");
    CHECK(load_into(database, load_of("again", 99)) == "1/0/0");
    CHECK(load_into(database, load_of("other", 1)) == "1/0/0");
}

}  // namespace dbfixture
