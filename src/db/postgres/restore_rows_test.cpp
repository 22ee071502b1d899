// SPDX-License-Identifier: MIT
// Putting a state back into tables of all sorts. What every engine must do is in src/db/contract_saved_test.cpp.
#include <catch2/catch.hpp>

#include "base/cat.h"
#include "db/postgres/restore_bench_test.h"

namespace dbfixture {
namespace {

// Large enough for a copy of its own.
const std::string kLarge =
    "CREATE TABLE large (id int PRIMARY KEY, x text); INSERT INTO large SELECT g, repeat('x', 100) || g FROM "
    "generate_series(1, 3000) g; ";
const std::string kSmall =
    "CREATE TABLE small (id serial PRIMARY KEY, x text); INSERT INTO small (x) SELECT 'x' || g FROM "
    "generate_series(1, 10) g; ";

}  // namespace

TEST_CASE("PostgreSQL restore: rows that were changed, added and deleted are put back, and no others are written") {
    if (no_server()) return;
    RestoreBench b(kSmall + kLarge + "CREATE TABLE other (id int PRIMARY KEY); INSERT INTO other VALUES (1)");
    const std::string others = "SELECT xmin, id FROM other UNION ALL SELECT xmin, id FROM large WHERE id > 5";
    const std::string untouched = b.database.run(others);
    CHECK(b.after("") == "unchanged");
    CHECK(b.after("UPDATE small SET x = 'changed' WHERE id < 3; DELETE FROM small WHERE id = 5; INSERT INTO small (x) "
                  "VALUES ('new'); UPDATE large SET x = 'changed' WHERE id = 1; DELETE FROM large WHERE id = 2; INSERT "
                  "INTO large VALUES (0, 'new')") == "different 10");
    CHECK(b.database.run(others) == untouched);
    CHECK(b.after("") == "unchanged");
}

TEST_CASE("PostgreSQL restore: tables that were emptied, filled or rewritten are put back") {
    if (no_server()) return;
    RestoreBench b(kSmall + kLarge);
    CHECK(b.after("TRUNCATE small, large") == "different 3010");
    CHECK(b.after("DELETE FROM large; INSERT INTO large SELECT g, 'other' FROM generate_series(1, 5000) g") ==
          "different 8000");
    CHECK(b.after("UPDATE large SET x = x WHERE id <= 1500") == "different 3000");
    CHECK(b.after("VACUUM FULL large") == "unchanged");
    CHECK(b.after("CLUSTER small USING small_pkey") == "unchanged");
    for (const char* const sql : {"DELETE FROM small WHERE id = 1", "VACUUM FULL small",
                                  "UPDATE small SET x = '' WHERE id = 2", "VACUUM FULL small", "VACUUM FREEZE"})
        b.database.run(sql);
    CHECK(b.after("") == "different 3");
}

TEST_CASE("PostgreSQL restore: a table without key that was saved empty is emptied again") {
    if (no_server()) return;
    const std::string fill = "INSERT INTO bag SELECT repeat('x', 100) FROM generate_series(1, 3000)";
    RestoreBench b(cat("CREATE TABLE bag (x text); ", fill, "; DELETE FROM bag; CREATE TABLE small_bag (x text)"));
    CHECK(b.after("INSERT INTO bag VALUES ('new'); INSERT INTO small_bag VALUES ('new')") == "different 2");
    CHECK(b.after("TRUNCATE bag, small_bag; INSERT INTO bag VALUES ('new'); INSERT INTO small_bag VALUES ('new')") ==
          "different 2");
    // Rows of tables that were made anew are compared.
    CHECK(b.after(
              "DROP TABLE bag, small_bag; CREATE TABLE bag (x text); CREATE TABLE small_bag (x text); INSERT INTO bag "
              "VALUES ('new'); INSERT INTO small_bag VALUES ('new'), ('new')") == "different 3");
}

TEST_CASE("PostgreSQL restore: a table without a key that was empty, and is another one now, is emptied") {
    if (no_server()) return;
    RestoreBench b("CREATE DOMAIN number AS int; CREATE TABLE bare (x number)");
    CHECK(b.after("DROP TABLE bare; CREATE TABLE bare (x number); INSERT INTO bare VALUES (1), (1)") == "different 2");
    CHECK(b.after("") == "unchanged");
}

TEST_CASE("PostgreSQL restore: few rows of tables with many are put back, whatever their key is") {
    if (no_server()) return;
    for (const std::string key : {"id int PRIMARY KEY, z int DEFAULT 0", "id int, z int, PRIMARY KEY (id, z)",
                                  "id int UNIQUE, z int DEFAULT 0, k text PRIMARY KEY DEFAULT 'k\"\\{,' || "
                                  "nextval('keys')"}) {
        INFO(key);
        RestoreBench b(cat("CREATE SEQUENCE keys; CREATE TABLE many (", key,
                           ", v text UNIQUE); INSERT INTO many (id, z, v) SELECT g, 0, 'v' || g FROM "
                           "generate_series(-6000, 6000) g"));
        const std::string update = "UPDATE many SET v = v || 'x' WHERE id % 1000 = 7; ";  // 6 rows
        CHECK(b.after(update) == "different 12");
        CHECK(b.after(update + "INSERT INTO many (id, z, v) VALUES (9000, 0, 'new')") == "different 13");
        CHECK(b.after(update + "DELETE FROM many WHERE id IN (-5, 17, 4113)") == "different 15");
        CHECK(b.after("DELETE FROM many WHERE id BETWEEN -2000 AND -1900") == "different 101");
        CHECK(b.after("UPDATE many SET id = id + 20000, v = v || 'm' WHERE id > 5990; UPDATE many SET v = 'v5999' "
                      "WHERE id = 3") == "different 22");
        CHECK(b.after("DELETE FROM many WHERE id = 8; INSERT INTO many (id, z, v) VALUES (9000, 0, 'v8'), (9001, 0, "
                      "'y'), (9002, 0, 'z')") == "different 4");
        CHECK(b.after("DELETE FROM many WHERE id > -5000") == "different 11000");
        CHECK(b.after("") == "unchanged");
    }
}

TEST_CASE("PostgreSQL restore: few rows of a large table are found wherever its copy has them") {
    if (no_server()) return;
    const std::string fill = "INSERT INTO many SELECT g, repeat('v', 40) || g FROM generate_series(1, 40000) g";
    for (const std::string& make : std::initializer_list<std::string>{
             cat(fill), cat(fill, " ORDER BY hashint4(g)"), cat(fill, " ORDER BY g DESC"),
             cat(fill, " ORDER BY (g / 5000) % 3, g"), cat(fill, "; UPDATE many SET v = 'moved' WHERE id % 97 = 0"),
             cat("INSERT INTO many VALUES (-9223372036854775808, 'first'), (9223372036854775807, 'last'); ", fill,
                 "; DELETE FROM many WHERE id % 501 = 3; VACUUM many; INSERT INTO many SELECT g, 'in a hole' FROM "
                 "generate_series(1, 40000) g WHERE g % 501 = 3")}) {
        INFO(make);
        RestoreBench b("CREATE TABLE many (id bigint PRIMARY KEY, v text)");
        PostgresClient client(b.database.parameters());
        for (std::size_t at = 0; at < make.size();) {
            const std::size_t end = std::min(make.find("; ", at), make.size());
            client.run(make.substr(at, end - at));
            at = end + 2;
        }
        b.save("filled");
        const bool more = make.find("last") != std::string::npos;
        CHECK(b.after("UPDATE many SET v = 'x' WHERE id % 1000 = 7; UPDATE many SET v = '' WHERE id > 39990") ==
              (more ? "different 102" : "different 100"));
        CHECK(
            b.after("DELETE FROM many WHERE id % 2000 = 3; DELETE FROM many WHERE id < 10; INSERT INTO many SELECT g, "
                    "'new' FROM generate_series(50001, 50020) g; UPDATE many SET v = 'x' WHERE id IN (501, 970, "
                    "20000, 39999)") == (more ? "different 57" : "different 56"));
        CHECK(b.after("") == "unchanged");
    }
}

TEST_CASE("PostgreSQL restore: sequences stand exactly where they stood, whether or not a row was written") {
    if (no_server()) return;
    RestoreBench b(kSmall +
                   "CREATE SEQUENCE fresh START 7; CREATE SEQUENCE cached CACHE 20; SELECT nextval('cached'); CREATE "
                   "SEQUENCE \"Odd name\" MAXVALUE 3; SELECT setval('\"Odd name\"', 3)");
    CHECK(b.after("SELECT nextval('fresh')") == "different");
    CHECK(b.after("SELECT setval('fresh', 9, false)") == "different");
    CHECK(b.after("SELECT setval('\"Odd name\"', 3, false)") == "different");
    CHECK(b.after("SELECT setval('small_id_seq', 1)") == "different");
    PostgresClient session(b.database.parameters());
    CHECK(session.run("SELECT nextval('cached')") == "21\n");
    CHECK(b.after("") == "different");
    CHECK(session.run("SELECT nextval('cached')") == "21\n");  // not one that it had put by
}

TEST_CASE("PostgreSQL restore: tables without a key, and keys that are checked late, are put back whole") {
    if (no_server()) return;
    RestoreBench b(
        "CREATE TABLE bag (v int); INSERT INTO bag VALUES (1), (1), (2); CREATE TABLE empty (v int); CREATE TABLE late "
        "(id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, v int UNIQUE DEFERRABLE); INSERT INTO late VALUES (1, 1), "
        "(2, 2); CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES");
    CHECK(b.after("INSERT INTO bag VALUES (1)") == "different 1");
    CHECK(b.after("DELETE FROM bag WHERE v = 2; INSERT INTO empty VALUES (1)") == "different 6");
    CHECK(b.after("UPDATE late SET id = 3 - id") == "different 4");
    CHECK(b.after("DELETE FROM nothing") == "different 1");
}

TEST_CASE("PostgreSQL restore: values that unique constraints keep apart change places") {
    if (no_server()) return;
    RestoreBench b(
        "CREATE EXTENSION btree_gist; CREATE TABLE u (id int PRIMARY KEY, v text UNIQUE, r int4range, EXCLUDE USING "
        "gist "
        "(r WITH &&)); INSERT INTO u VALUES (1, 'a', '[1,5)'), (2, 'b', '[5,9)'), (3, 'c', '[9,12)')");
    CHECK(b.after("DELETE FROM u WHERE id < 3; INSERT INTO u VALUES (1, 'b', '[5,9)'), (2, 'a', '[1,5)'), (4, 'd', "
                  "'[20,30)')") == "different 5");
    CHECK(b.after("UPDATE u SET id = id + 10") == "different 6");
}

TEST_CASE("PostgreSQL restore: generated columns, identities, values of all sorts and dropped columns") {
    if (no_server()) return;
    for (const bool large : {false, true}) {
        RestoreBench b(cat(
            "CREATE TYPE mood AS ENUM ('sad', 'so so', 'happy'); CREATE TABLE g (gone int, id int GENERATED ALWAYS AS "
            "IDENTITY PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) STORED, \"t\" text, \"Odd \"\" name\" "
            "numeric, f float8, j jsonb, ar text[], m mood, ts timestamptz, i interval, b bytea); ALTER TABLE g DROP "
            "COLUMN gone; INSERT INTO g (a, t, \"Odd \"\" name\", f, j, ar, m, ts, i, b) VALUES (1, "
            "E'q\"uo\\\\te,(\\n\\t)', 1.50, '-0', '{\"k\": [1, null]}', '[2:3]={\"a b\",NULL}', 'so so', '2020-02-02 "
            "02:02:02.123456+05', '1 mon', '\\x00ff'), (2, '', 'NaN', 'Infinity', 'null', '{}', 'sad', 'infinity', '30 "
            "days', ''), (3, NULL, NULL, 0.1, NULL, NULL, NULL, NULL, NULL, NULL)",
            large ? "; ALTER TABLE g ALTER t SET STORAGE EXTERNAL; INSERT INTO g (a, t) VALUES (4, repeat('x', 200000))"
                  : ""));
        const std::string rows = large ? "different 8" : "different 6";
        CHECK(b.after("UPDATE g SET a = a + 1, f = 0, \"Odd \"\" name\" = 1.5") == rows);
        CHECK(b.after("UPDATE g SET i = '30 days' WHERE id = 1; DELETE FROM g WHERE id = 2") == "different 3");
        CHECK(b.after("DELETE FROM g") == (large ? "different 4" : "different 3"));
    }
}

TEST_CASE("PostgreSQL restore: partitions and children of inheritance, and rows that moved between them") {
    if (no_server()) return;
    RestoreBench b(
        "CREATE TABLE p (id int, k int, v text, PRIMARY KEY (id, k)) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION "
        "OF "
        "p FOR VALUES IN (1); CREATE TABLE p2 (v text, k int NOT NULL, id int NOT NULL); ALTER TABLE p ATTACH "
        "PARTITION "
        "p2 FOR VALUES IN (2); INSERT INTO p SELECT g, 1 + g % 2, 'v' || g FROM generate_series(1, 10) g; CREATE TABLE "
        "base (id int PRIMARY KEY, v text); CREATE TABLE derived (more int) INHERITS (base); INSERT INTO base VALUES "
        "(1, 'b'); INSERT INTO derived VALUES (1, 'd', 3)");
    CHECK(b.after("UPDATE p SET k = 3 - k WHERE id < 3; DELETE FROM p WHERE id = 9") == "different 5");
    CHECK(b.after("UPDATE base SET v = 'x'; DELETE FROM ONLY base") == "different 3");
    CHECK(b.after("TRUNCATE p") == "different 10");
}

TEST_CASE("PostgreSQL restore: ordinary triggers and rules keep silent") {
    if (no_server()) return;
    RestoreBench b(
        kSmall +
        "CREATE TABLE log (v text); CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT "
        "INTO log VALUES (TG_OP); RETURN NULL; END'; CREATE TRIGGER t BEFORE INSERT OR UPDATE OR DELETE ON "
        "small FOR EACH ROW EXECUTE FUNCTION note(); CREATE TABLE ruled (id int PRIMARY KEY); INSERT INTO "
        "ruled VALUES (1); CREATE RULE no AS ON DELETE TO ruled DO INSTEAD NOTHING");
    CHECK(
        b.after("ALTER TABLE small DISABLE TRIGGER t; DELETE FROM small WHERE id = 1; ALTER TABLE small ENABLE TRIGGER "
                "t; INSERT INTO ruled VALUES (2)") == "different 2");
}

TEST_CASE("PostgreSQL restore: rows of subtransactions and rows that were put in again are found") {
    if (no_server()) return;
    RestoreBench b(kSmall + kLarge);
    CHECK(b.after(
              "BEGIN; SAVEPOINT a; UPDATE small SET x = 'a' WHERE id = 1; SAVEPOINT b; UPDATE small SET x = 'b' WHERE "
              "id = 2; ROLLBACK TO b; UPDATE small SET x = 'c' WHERE id = 3; RELEASE a; UPDATE small SET x = 'd' "
              "WHERE id = 4; COMMIT") == "different 6");
    CHECK(b.after("BEGIN; DELETE FROM small; ROLLBACK; BEGIN; SELECT FROM small FOR UPDATE; COMMIT") == "unchanged");
    const auto again = [](const std::string& table) {
        return cat("WITH d AS (DELETE FROM ", table, " WHERE id = 1 RETURNING *) INSERT INTO ", table,
                   " SELECT id + 9000, x FROM d; UPDATE ", table, " SET id = 1 WHERE id = 9001");
    };
    CHECK(b.after(again("large")) == "different 2");
    CHECK(b.after(again("small")) == "unchanged");  // nobody can tell
}

}  // namespace dbfixture
