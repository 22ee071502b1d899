// SPDX-License-Identifier: MIT
// When the transactions that rows bear may be believed (restore_state.h). Each case is a silent wrong restore where its
// rule is left out.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <thread>

#include "base/cat.h"
#include "base/places_test.h"
#include "db/postgres/restore_bench_test.h"

namespace dbfixture {
namespace {

// More rows than sums are kept of (restore_sums.h), which need no trust.
const std::string kTable =
    "CREATE TABLE v (id int PRIMARY KEY, x int, y text); INSERT INTO v SELECT g, 7, 'y' || g FROM generate_series(1, "
    "250) "
    "g; ";

// What the command prints. Fails the test if it fails.
std::string output_of(const std::string& command) {
    std::string out;
    FILE* const pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
    REQUIRE(pipe != nullptr);
    for (int c = std::fgetc(pipe); c != EOF && c != '\n'; c = std::fgetc(pipe))
        out += static_cast<char>(c);
    REQUIRE(::pclose(pipe) == 0);
    return out;
}

}  // namespace

TEST_CASE("PostgreSQL restore: a transaction that got its number before the state and wrote after it is found") {
    if (no_server()) return;
    const PostgresTestDatabase other;
    PostgresClient older(other.parameters());  // in any database
    older.run("BEGIN; SELECT pg_current_xact_id()");
    RestoreBench b(kTable);
    PostgresClient early(b.database.parameters());
    early.run("BEGIN; SELECT pg_current_xact_id()");
    b.save("second");
    early.run("UPDATE v SET x = 8 WHERE id = 1; SAVEPOINT a; UPDATE v SET x = 8 WHERE id = 2; RELEASE a; COMMIT");
    CHECK(b.after("") == "different 500");  // all rows are younger than the oldest transaction
    CHECK(b.after("") == "unchanged");
    older.run("ROLLBACK");
    CHECK(b.after("UPDATE v SET x = 9 WHERE id = 3") == "different 2");
}

TEST_CASE("PostgreSQL restore: numbers of 32 bits are not believed when the counter has gone round") {
    if (no_server()) return;
    const std::string script = (source_folder() / ".ci" / "postgres").string();
    const std::string server = output_of(cat(script, " start ", static_cast<int>(::getpid())));
    const std::string parameters = cat("host=", server, " dbname=postgres");
    PostgresClient(parameters).run(cat(kTable, "CREATE TABLE counter (i int)"));
    const TestFolder folder;
    const auto states = open_states(locate(DatabaseUrl(cat("postgresql://postgres@/postgres?host=", server))), 5000);
    const StateSaveReport saved = states->save(StateKind::kCopy, folder / "state.copy");
    const std::string before = RestoreBench::contents_of(parameters);
    // The row's transaction is less than 2^31 before the next, the state's base is more.
    for (const char* const sql :
         {"DO $$ BEGIN FOR i IN 1 .. 10000 LOOP BEGIN INSERT INTO counter VALUES (i); EXCEPTION WHEN others THEN NULL; "
          "END; END LOOP; END $$",
          "UPDATE v SET x = 0 WHERE id = 1", "TRUNCATE counter", "VACUUM FREEZE"})
        PostgresClient(parameters).run(sql);
    const std::string next =
        PostgresClient(parameters)
            .run("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::int8 - 10000 + 2147483648 + 5000");
    output_of(cat(script, " advance ", server, " ", next));
    CHECK(PostgresClient(parameters).run("SELECT age(xmin) > 0 FROM v WHERE id IN (1, 2) ORDER BY id") == "t\nf\n");
    CHECK(states->restore(saved.state, saved.stamp).written == 2);
    CHECK(RestoreBench::contents_of(parameters) == before);
    PostgresClient(parameters).run("UPDATE v SET x = 0 WHERE id = 3");
    CHECK(states->restore(saved.state, "").written == 498);  // what was frozen that long ago looks new
    CHECK(states->restore(saved.state, "").way == RestoreWay::kUnchanged);
    output_of(cat(script, " stop ", server));
}

TEST_CASE("PostgreSQL restore: a column that was dropped and added again leaves all rows old") {
    if (no_server()) return;
    for (const bool large : {false, true}) {
        RestoreBench b(kTable + "ALTER TABLE v DROP COLUMN y; ALTER TABLE v ADD COLUMN c int DEFAULT 1; " +
                       (large ? "INSERT INTO v SELECT g, 7 FROM generate_series(251, 9000) g" : ""));
        // The second time after a restore that has seen the catalogs.
        for (int time = 0; time < 2; ++time) {
            CHECK(b.after(cat("ALTER TABLE v DROP COLUMN c; ALTER TABLE v ADD COLUMN c int DEFAULT 5; ALTER TABLE v "
                              "ALTER c SET DEFAULT 1")) == (large ? "different 18000" : "different 500"));
            CHECK(b.after("") == "unchanged");
        }
        CHECK(b.after("UPDATE v SET c = 2 WHERE id = 2") == "different 2");
    }
}

TEST_CASE("PostgreSQL restore: tables that took each other's names are other tables") {
    if (no_server()) return;
    std::string sql;
    for (const std::string name : {"a", "b", "k1", "k2"})
        append(sql,
               cat("CREATE TABLE ", name, " (id int", name[0] == 'k' ? " PRIMARY KEY" : "", ", v text); INSERT INTO ",
                   name, " SELECT g, CASE g WHEN 1 THEN '", name, "' ELSE 'all' END FROM generate_series(1, 250) g; "));
    RestoreBench b(sql);
    const std::string swap =
        "ALTER TABLE a RENAME TO z; ALTER TABLE b RENAME TO a; ALTER TABLE z RENAME TO b; ALTER TABLE k1 RENAME TO z; "
        "ALTER TABLE k2 RENAME TO k1; ALTER TABLE z RENAME TO k2; ALTER INDEX k1_pkey RENAME TO z; ALTER INDEX k2_pkey "
        "RENAME TO k1_pkey; ALTER INDEX z RENAME TO k2_pkey";
    CHECK(b.after(swap) == "different 1004");
    CHECK(b.after("") == "unchanged");
    CHECK(b.after(swap) == "different 1004");
}

TEST_CASE("PostgreSQL restore: a table that was made anew, and a partition of the same name, are compared") {
    if (no_server()) return;
    RestoreBench b(kTable +
                   "CREATE TABLE p (k int, w text) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR "
                   "VALUES IN (1); INSERT INTO p SELECT 1, 'w' FROM generate_series(1, 250)");
    for (int time = 0; time < 2; ++time) {
        PostgresClient(b.database.parameters())
            .run(
                "CREATE TEMP TABLE saved AS SELECT * FROM v; DROP TABLE v; CREATE TABLE v (id int PRIMARY KEY, x int, "
                "y text); INSERT INTO v SELECT * FROM saved; ALTER TABLE p DETACH PARTITION p1; DROP TABLE p1; CREATE "
                "TABLE p1 PARTITION OF p FOR VALUES IN (1); INSERT INTO p SELECT 1, 'other' FROM generate_series(1, "
                "250)");
        CHECK(b.after("") == "different 500");
        CHECK(b.after("") == "unchanged");
    }
    CHECK(b.after("UPDATE v SET x = 1 WHERE id = 1") == "different 2");
}

TEST_CASE("PostgreSQL restore: values that are equal but not the same differ where whole rows are compared") {
    if (no_server()) return;
    for (const bool large : {false, true}) {
        RestoreBench b(
            cat("CREATE TABLE e (id int PRIMARY KEY, n numeric, i interval, f float8, j json); INSERT INTO e "
                "VALUES (1, 1.50, '1 mon', 0, '{\"a\":1}'), (2, 2, '1 day', 1, NULL)",
                large ? "; INSERT INTO e SELECT g, 1, '1 day', 1, '[1, 2, 3]' FROM generate_series(3, 4000) g" : ""));
        PostgresClient(b.database.parameters())
            .run(
                "CREATE TEMP TABLE saved AS SELECT * FROM e; DROP TABLE e; CREATE TABLE e (id int PRIMARY KEY, n "
                "numeric, i interval, f float8, j json); INSERT INTO e SELECT * FROM saved; UPDATE e SET n = 1.5, i = "
                "'30 days', f = '-0', j = '{\"a\": 1}' WHERE id = 1");
        CHECK(b.after("") == "different 2");
    }
}

TEST_CASE(
    "PostgreSQL restore: a row that was committed while the lock was waited for is seen, whatever the default is") {
    if (no_server()) return;
    RestoreBench b(kTable);
    b.database.run(cat("ALTER DATABASE ", b.database.name(), " SET default_transaction_isolation = 'repeatable read'"));
    b.database.run(cat("ALTER DATABASE ", b.database.name(), " SET default_transaction_read_only = on"));
    const auto states = open_states(locate(DatabaseUrl(b.database.url())), 5000);
    PostgresClient writer(b.database.parameters());
    writer.run(
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; INSERT INTO v VALUES (900, 9, '9'); UPDATE v SET x = 0 "
        "WHERE id = 1");
    std::thread commits([&writer] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        writer.attempt("COMMIT");
    });
    const std::string done = b.restore(*states);
    commits.join();
    CHECK(done == "different 3");
    CHECK(b.contents() == b.before);
}

TEST_CASE("PostgreSQL restore: a copy that was emptied, cut, added to or changed puts nothing into a table") {
    if (no_server()) return;
    RestoreBench b(kTable +
                   "CREATE TABLE large AS SELECT g AS id, repeat('x', 100) AS x FROM generate_series(1, 3000) g; "
                   "ALTER TABLE large ADD PRIMARY KEY (id)");
    const std::string schema = b.schema();
    const std::string copy = b.database.run(cat("SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = '",
                                                schema, "'::regnamespace AND relname ~ '^t[0-9]+$'"));
    const std::string large = cat(schema, ".", copy.substr(0, copy.size() - 1));
    b.database.run(
        "UPDATE v SET x = 1 WHERE id = 1; UPDATE large SET x = '' WHERE id = 1; DELETE FROM large WHERE id = "
        "2");
    const std::string changed = b.contents();
    const auto refused = [&](const std::string& sql, const std::string& undo) {
        INFO(sql);
        b.database.run(sql);
        const std::string said = b.restore();
        CHECK(said.starts_with("6: "));
        CHECK(b.contents() == changed);
        b.database.run(undo);
    };
    const auto of = [&](const std::string& sql) { return cat(sql, " ", schema, ".packed "); };
    SECTION("packed rows") {
        SECTION("emptied") {
            refused(of("TRUNCATE"), "");
        }
        SECTION("cut") {
            refused(of("DELETE FROM") + "WHERE row LIKE '(1,%'", "");
        }
        SECTION("changed") {
            refused(of("UPDATE") + "SET row = replace(row, '(1,7', '(1,8')", "");
        }
    }
    SECTION("a copy of its own") {
        SECTION("emptied") {
            refused(cat("TRUNCATE ", large), "");
        }
        SECTION("cut") {
            refused(cat("DELETE FROM ", large, " WHERE id = 2"), "");
        }
        SECTION("changed") {
            refused(cat("UPDATE ", large, " SET x = 'forged' WHERE id = 2"), "");
        }
        SECTION("without a column") {
            refused(cat("ALTER TABLE ", large, " DROP COLUMN x"), "");
        }
        SECTION("gone") {
            refused(cat("DROP TABLE ", large), "");
        }
    }
    SECTION("rows that somebody added are not taken for the state's") {
        b.database.run(cat("INSERT INTO ", large, " VALUES (7000, 'forged')"));
        CHECK(b.restore() == "different 5");
        CHECK(b.contents() == b.before);
    }
}

TEST_CASE("PostgreSQL restore: an owner without the replica role loses no child that nobody changed") {
    if (no_server()) return;
    const PostgresTestRole role;
    const PostgresTestDatabase other;
    RestoreBench b(
        cat("CREATE SCHEMA app AUTHORIZATION ", role.name(), "; CREATE SCHEMA far AUTHORIZATION ", role.name(),
            "; DO $$ BEGIN EXECUTE 'GRANT CREATE ON DATABASE ' || current_database() || ' TO ", role.name(),
            "'; END $$; SET ROLE ", role.name(),
            "; SET search_path = app; CREATE TABLE parent (id int PRIMARY KEY, v text UNIQUE); CREATE TABLE "
            "child (id int PRIMARY KEY, parent int NOT NULL REFERENCES parent ON DELETE CASCADE ON UPDATE "
            "CASCADE); CREATE TABLE far.child (parent int REFERENCES app.parent ON DELETE SET NULL ON UPDATE CASCADE); "
            "CREATE "
            "TABLE self (id int PRIMARY KEY, up int REFERENCES self); CREATE FUNCTION forbid() RETURNS trigger "
            "LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END'; INSERT INTO parent VALUES (1, 'a'), (2, 'b'); "
            "INSERT INTO child VALUES (1, 1), (2, 2); INSERT INTO far.child VALUES (1), (2); INSERT INTO self "
            "VALUES (1, NULL), (2, 1), (3, 2)"),
        role.name());
    const std::string schema_before = b.database.run(
        "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' ORDER BY "
        "1, "
        "2");
    CHECK(b.after("UPDATE app.parent SET v = v || 'x'") == "different 4");
    CHECK(b.after("UPDATE app.parent SET id = id + 10; UPDATE app.self SET up = 3 WHERE id = 1") == "different 14");
    CHECK(b.after("DELETE FROM app.parent; INSERT INTO app.self VALUES (4, 3)") == "different 9");
    b.database.run(
        "CREATE TRIGGER no BEFORE INSERT OR DELETE ON app.parent FOR EACH ROW EXECUTE FUNCTION app.forbid()");
    b.save("with trigger");
    CHECK(b.after("UPDATE app.parent SET v = v || 'x'") == "different 4");
    CHECK(
        b.database.run("SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype "
                       "= 'f' ORDER BY 1, 2") == schema_before);
    b.database.run(cat("DROP OWNED BY ", role.name(), " CASCADE"));
}

TEST_CASE("PostgreSQL restore: what a restore wrote is the state's for the next one, of this state alone") {
    if (no_server()) return;
    RestoreBench b(kTable);
    CHECK(b.after("UPDATE v SET x = 1 WHERE id = 1") == "different 2");
    const std::string first = b.database.run("SELECT xmin FROM v WHERE id = 1");
    CHECK(b.after("UPDATE v SET x = 1 WHERE id = 2") == "different 2");
    CHECK(b.after("UPDATE v SET x = 1 WHERE id = 3") == "different 2");
    CHECK(b.database.run("SELECT xmin FROM v WHERE id = 1") == first);
    CHECK(b.after("") == "unchanged");
    // The rows that the first state's restore wrote are nothing to the second.
    const StateSaveReport first_state = b.saved;
    b.database.run("UPDATE v SET x = 2 WHERE id = 4");
    const std::string content = b.before;
    b.save("second");
    const StateSaveReport second = b.saved;
    const std::string second_content = b.before;
    b.saved = first_state;
    CHECK(b.restore() == "different 2");
    CHECK(b.contents() == content);
    b.saved = second;
    CHECK(b.restore() == "different 2");
    CHECK(b.contents() == second_content);
}

TEST_CASE("PostgreSQL restore: with a transaction open for long, our own rows are still known, and others found") {
    if (no_server()) return;
    RestoreBench b(kTable);
    PostgresClient old(b.database.parameters());
    old.run("BEGIN; SELECT pg_current_xact_id()");
    for (int round = 0; round < 4; ++round) {
        CHECK(b.after(cat("UPDATE v SET x = 1 WHERE id = ", round + 1)) == "different 2");
        CHECK(b.after("") == "unchanged");
    }
    REQUIRE(b.report.notes.size() == 1);
    CHECK(b.report.notes[0].find("has had a transaction open for") != std::string::npos);
    old.run("UPDATE v SET x = 1 WHERE id = 5; COMMIT");
    CHECK(b.after("") == "different 2");
    CHECK(b.report.notes.empty());
}

TEST_CASE("PostgreSQL restore: triggers and rules that act whatever a restore does are refused by name") {
    if (no_server()) return;
    RestoreBench b(kTable +
                   "CREATE TABLE free (id int PRIMARY KEY); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql "
                   "AS 'BEGIN NEW.x := NEW.x + 1; RETURN NEW; END'; CREATE TRIGGER eager BEFORE INSERT ON v FOR "
                   "EACH ROW EXECUTE FUNCTION f(); ALTER TABLE v ENABLE ALWAYS TRIGGER eager; CREATE TABLE r (id "
                   "int PRIMARY KEY); INSERT INTO r VALUES (1); CREATE RULE keep AS ON DELETE TO r DO INSTEAD "
                   "NOTHING; ALTER TABLE r ENABLE REPLICA RULE keep");
    CHECK(b.after("INSERT INTO free VALUES (1)") == "different 1");
    b.database.run("UPDATE v SET x = 0 WHERE id = 1");
    CHECK(b.restore() ==
          "3: trigger \"eager\" of table \"v\" acts whatever a restore does: It is enabled ALWAYS or "
          "REPLICA, so what it writes would be taken for the state's.");
    CHECK(b.database.run("SELECT x FROM v WHERE id = 1") == "0\n");
    b.database.run(
        "ALTER TABLE v DISABLE TRIGGER eager; ALTER TABLE v ENABLE ALWAYS TRIGGER eager; ALTER TABLE v DISABLE "
        "TRIGGER eager; UPDATE v SET x = 7 WHERE id = 1; ALTER TABLE v ENABLE ALWAYS TRIGGER eager");
    b.save("second");
    b.database.run("INSERT INTO r VALUES (2)");
    CHECK(b.restore().starts_with("3: rule \"keep\" of table \"r\""));
}

TEST_CASE("PostgreSQL restore: all schemas belong to a state, and another schema is refused with what differs") {
    if (no_server()) return;
    RestoreBench b(kTable +
                   "CREATE SCHEMA far; CREATE TABLE far.child (v int REFERENCES v); INSERT INTO far.child VALUES "
                   "(1); CREATE TYPE m AS ENUM ('a'); CREATE TABLE e (m m); CREATE VIEW w AS SELECT * FROM v");
    CHECK(b.after("DELETE FROM far.child; DELETE FROM v WHERE id = 1; INSERT INTO far.child VALUES (2)") ==
          "different 3");
    const auto refused = [&](const std::string& sql, const std::string& undo) {
        b.database.run(cat("UPDATE v SET x = 0 WHERE id = 2; ", sql));
        const std::string changed = b.contents(), said = b.restore();
        CHECK(b.contents() == changed);
        if (!undo.empty()) {
            b.database.run(undo);
            CHECK(b.after("") != "unchanged");
        }
        return said;
    };
    const std::string start = "6: the schema is not the one that the state was saved with: ";
    CHECK(refused("CREATE TABLE scratch (v int)", "DROP TABLE scratch") == start + "table \"public.scratch\" is new.");
    CHECK(refused("CREATE SCHEMA s; CREATE TABLE s.\"New one\" (v int)", "DROP SCHEMA s CASCADE") ==
          start + "table \"s.New one\" is new.");
    CHECK(refused("ALTER TABLE v ADD COLUMN z int", "ALTER TABLE v DROP COLUMN z") ==
          start + "table \"public.v\" has changed.");
    CHECK(refused("ALTER TABLE v ALTER x SET DEFAULT 3", "ALTER TABLE v ALTER x DROP DEFAULT") ==
          start + "table \"public.v\" has changed.");
    CHECK(refused("CREATE INDEX extra ON v (x)", "DROP INDEX extra") == start + "index \"public.extra\" is new.");
    CHECK(refused("ALTER TABLE v RENAME TO v2", "ALTER TABLE v2 RENAME TO v")
              .starts_with(start + "table \"public.v\" is "
                                   "gone, table "
                                   "\"public.v2\" is new"));
    CHECK(refused("CREATE OR REPLACE VIEW w AS SELECT id, x, y FROM v WHERE true",
                  "CREATE OR REPLACE VIEW w AS SELECT * FROM v") == start + "view \"public.w\" has changed.");
    CHECK(refused("DROP VIEW w", "CREATE VIEW w AS SELECT * FROM v") == start + "view \"public.w\" is gone.");
    CHECK(refused("CREATE SEQUENCE extra", "DROP SEQUENCE extra") == start + "sequence \"public.extra\" is new.");
    CHECK(refused("ALTER TYPE m ADD VALUE 'b'", "") == start + "type \"public.m\" has changed.");
}

TEST_CASE("PostgreSQL restore: labels of an enumeration that were renamed are another schema") {
    if (no_server()) return;
    RestoreBench b(
        "CREATE TYPE m AS ENUM ('a', 'b'); CREATE TABLE e (id int PRIMARY KEY, m m); INSERT INTO e VALUES (1, "
        "'a')");
    CHECK(b.after("") == "unchanged");  // and has seen the catalogs
    b.database.run(
        "ALTER TYPE m RENAME VALUE 'a' TO 'z'; ALTER TYPE m RENAME VALUE 'b' TO 'a'; ALTER TYPE m RENAME VALUE "
        "'z' TO 'b'");
    CHECK(b.restore() == "6: the schema is not the one that the state was saved with: type \"public.m\" has changed.");
}

TEST_CASE("PostgreSQL restore: large objects and materialized views that do not follow are named") {
    if (no_server()) return;
    RestoreBench b(kTable + "CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM v; SELECT lo_from_bytea(0, 'x')");
    CHECK(b.after("DELETE FROM v WHERE id = 1") == "different 1");
    CHECK(b.report.warnings ==
          std::vector<std::string>{"1 large object of the database is as before: no state holds them"});
    CHECK(b.after("DELETE FROM v WHERE id = 1; REFRESH MATERIALIZED VIEW m") == "different 1");
    REQUIRE(b.report.warnings.size() == 2);
    CHECK(b.report.warnings[1].find("\"public.m\"") != std::string::npos);
}

}  // namespace dbfixture
