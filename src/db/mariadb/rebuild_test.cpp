// SPDX-License-Identifier: MIT
// States::rebuild() of MariaDB.
#include <catch2/catch.hpp>

#include "base/cat.h"
#include "db/mariadb/saved_bench_test.h"

namespace dbfixture {
namespace {

// What SHOW CREATE says of everything, as the client library gives it.
std::string definitions(const MariaDbSavedBench& bench) {
    MariaDbClient client(bench.database.name());
    std::string out;
    const auto show = [&](const std::string& list) {
        const std::string statements = client.run(list);
        for (std::size_t at = 0; at < statements.size();) {
            const std::size_t end = statements.find('\n', at);
            append(out, client.run(statements.substr(at, end - at)));
            at = end + 1;
        }
    };
    show(
        "SELECT CONCAT('SHOW CREATE ', IF(table_type = 'SEQUENCE', 'SEQUENCE', 'TABLE'), ' `', table_name, '`') FROM "
        "information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name");
    show(
        "SELECT CONCAT('SHOW CREATE ', routine_type, ' `', routine_name, '`') FROM information_schema.routines WHERE "
        "routine_schema = DATABASE() ORDER BY 1");
    show(
        "SELECT CONCAT('SHOW CREATE EVENT `', event_name, '`') FROM information_schema.events WHERE event_schema = "
        "DATABASE() ORDER BY 1");
    append(out, client.run("SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_order, "
                           "action_statement, sql_mode FROM information_schema.triggers WHERE trigger_schema = "
                           "DATABASE() ORDER BY 1"));
    return out;
}

std::string rebuild(MariaDbSavedBench& bench) {
    return failure_of([&] { bench.report = bench.states->rebuild(bench.saved.state, ""); });
}

constexpr auto kSchema =
    "CREATE SEQUENCE s START WITH 5; CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20) CHARSET latin1, "
    "n "
    "INT DEFAULT NEXTVAL(s)) AUTO_INCREMENT = 50; CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) "
    "REFERENCES p "
    "(id)); CREATE TABLE bag (x INT); INSERT INTO p VALUES (1, 'a ', 1), (2, 'b', 2); INSERT INTO c VALUES (1, 1), (2, "
    "2); "
    "INSERT INTO bag VALUES (1), (1); CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN a + 1; CREATE VIEW "
    "b_view AS "
    "SELECT f(id) AS n FROM p; CREATE VIEW a_view AS SELECT * FROM b_view; SET SESSION sql_mode = 'ANSI_QUOTES'; "
    "CREATE "
    "PROCEDURE q() SELECT \"id\" FROM \"p\"; SET SESSION sql_mode = 'ORACLE'; CREATE PACKAGE pk AS FUNCTION one RETURN "
    "INT; END; CREATE PACKAGE BODY pk AS FUNCTION one RETURN INT AS BEGIN RETURN 1; END; END; SET SESSION sql_mode = "
    "DEFAULT; CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO "
    "DELETE "
    "FROM bag; CREATE TRIGGER second BEFORE INSERT ON p FOR EACH ROW SET NEW.v = 'second'; CREATE TRIGGER first BEFORE "
    "INSERT "
    "ON p FOR EACH ROW PRECEDES second SET NEW.v = 'first'";

}  // namespace

TEST_CASE("MariaDB: a schema that has changed in every way is made anew with its rows", "[mariadb][state]") {
    if (no_mariadb()) return;
    MariaDbSavedBench bench(kSchema);
    const std::string was = definitions(bench);
    bench.run(
        "DROP TRIGGER second; DROP TABLE c; ALTER TABLE p ADD extra INT; CREATE TABLE made (id INT PRIMARY KEY, p INT, "
        "FOREIGN KEY "
        "(p) REFERENCES p (id)); CREATE VIEW new_view AS SELECT * FROM made; CREATE TABLE other LIKE made; ALTER TABLE "
        "other "
        "ENGINE = MyISAM; DROP FUNCTION f; DROP VIEW a_view; CREATE PROCEDURE a_view() SELECT 1; DROP PROCEDURE q; "
        "CREATE PROCEDURE "
        "q() SELECT 2; ALTER EVENT e ON SCHEDULE EVERY 2 DAY; CREATE TRIGGER third AFTER DELETE ON bag FOR EACH ROW "
        "SET @x = 1; "
        "DELETE FROM bag; DROP TABLE made; DROP SEQUENCE s; SET SESSION sql_mode = 'ORACLE'; DROP PACKAGE pk; CREATE "
        "PACKAGE pk AS FUNCTION two RETURN INT; END; SET SESSION sql_mode = DEFAULT; CREATE TABLE c (id INT PRIMARY "
        "KEY); UPDATE p SET v = "
        "'changed'");
    CHECK(bench.restore().starts_with("6 the database's schema is not that of the state"));
    CHECK(rebuild(bench) == "nothing was thrown");
    CHECK(definitions(bench) == was);
    CHECK(bench.contents() == bench.before);
    CHECK(bench.report.warnings == std::vector<std::string>{"sequence \"s\" begins anew: where it stood is not saved"});
    CHECK(bench.restore() == "unchanged");
    bench.run("DROP TRIGGER first; DROP TRIGGER second");
    CHECK(rebuild(bench) == "nothing was thrown");
    CHECK(definitions(bench) == was);
    CHECK(bench.run(
              "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema LIKE '%dbfixture%' AND table_name = "
              "'rebuild'") == "0\n");
}

TEST_CASE("MariaDB: what could not be made anew is refused by name, with nothing changed", "[mariadb][state]") {
    if (no_mariadb()) return;
    MariaDbSavedBench bench(
        "CREATE TABLE t (id INT PRIMARY KEY); CREATE TABLE m (id INT PRIMARY KEY) ENGINE = MyISAM; CREATE "
        "TABLE h (id INT PRIMARY KEY) WITH SYSTEM VERSIONING; INSERT INTO t VALUES (1); INSERT INTO m VALUES "
        "(1); INSERT INTO h VALUES (1)");
    const auto refuses = [&](const std::string& change, const std::string& message) {
        INFO(change);
        bench.run(change);
        const std::string before = definitions(bench), rows = bench.contents();
        CHECK(rebuild(bench) == message);
        CHECK(definitions(bench) == before);
        CHECK(bench.contents() == rows);
    };
    const std::string by_hand = "nothing was changed: bring the schema back by hand";
    refuses("ALTER TABLE m ADD x INT",
            cat("3 cannot make table \"m\" anew; Its engine, MyISAM, has no transactions.; ", by_hand));
    refuses("DROP TABLE m", cat("3 cannot make table \"m\" anew; Its engine, MyISAM, has no transactions.; ", by_hand));
    refuses(
        "CREATE TABLE m (id INT PRIMARY KEY) ENGINE = MyISAM; DROP TABLE t",
        "3 cannot put back the rows of table \"m\"; Its engine, MyISAM, has no transactions.; nothing was changed: put "
        "this table back by hand");
    refuses("INSERT INTO m VALUES (1); DROP TABLE h",
            cat("3 cannot make table \"h\" anew; It keeps the history of its rows, which would say what never was.; ",
                by_hand));
    CHECK(rebuild(bench).starts_with("3 "));
}

TEST_CASE("MariaDB: who has a table open that must go is waited for before anything changes", "[mariadb][state]") {
    if (no_mariadb()) return;
    MariaDbSavedBench bench(
        "CREATE TABLE t (id INT PRIMARY KEY); CREATE TABLE u (id INT PRIMARY KEY); INSERT INTO t VALUES (1)");
    bench.run("ALTER TABLE t ADD x INT; ALTER TABLE u ADD x INT");
    const std::string before = definitions(bench);
    {
        MariaDbClient reader(bench.database.name());
        reader.run("START TRANSACTION; SELECT * FROM u");
        CHECK(rebuild(bench).starts_with("5 "));
        CHECK(definitions(bench) == before);
    }
    CHECK(rebuild(bench) == "nothing was thrown");
    CHECK(bench.contents() == bench.before);
}

TEST_CASE("MariaDB: a schema that is half made is named by a restore, and made to its end", "[mariadb][state]") {
    if (no_mariadb()) return;
    MariaDbSavedBench bench(
        "CREATE TABLE t (id INT PRIMARY KEY); CREATE TABLE u (id INT PRIMARY KEY); INSERT INTO t VALUES (1)");
    bench.run("DROP TABLE u");
    const std::string state = MariaDbClient("").run(
        "SELECT table_schema FROM information_schema.tables WHERE table_name = 'programs' AND table_schema LIKE '" +
        bench.database.name() + "\\_\\_dbfixture%'");
    const std::string kept = state.substr(0, state.size() - 1);
    MariaDbClient("").run("CREATE TABLE " + kept + ".rebuild (begun DATETIME)");
    CHECK(failure_of([&] { bench.states->restore(bench.saved.state, ""); }) ==
          "6 the database's schema was being made anew, and that was not finished; In the database, table \"u\" is "
          "gone.; "
          "restore --rebuild goes on with it");
    CHECK(rebuild(bench) == "nothing was thrown");
    CHECK(bench.contents() == bench.before);
    CHECK(MariaDbClient("").attempt("SELECT 1 FROM " + kept + ".rebuild") != "");
    CHECK(bench.restore() == "unchanged");
}

TEST_CASE("MariaDB: what a database gives to new tables is a part of its schema", "[mariadb][state]") {
    if (no_mariadb()) return;
    MariaDbSavedBench bench("CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1)");
    const std::string asked = "SELECT @@character_set_database, @@collation_database";
    const std::string was = bench.run(asked);
    bench.run("ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_german2_ci");
    CHECK(bench.run(asked) != was);
    CHECK(bench.restore() == "6 the database's schema is not that of the state");
    CHECK(rebuild(bench) == "nothing was thrown");
    REQUIRE(bench.report.notes.size() == 1);
    CHECK(bench.report.notes[0].starts_with("the default collation of the database is "));
    CHECK(bench.run(asked) == was);
    CHECK(bench.restore() == "unchanged");
}

}  // namespace dbfixture
