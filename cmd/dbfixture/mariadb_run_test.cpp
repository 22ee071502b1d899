// SPDX-License-Identifier: MIT
// run --temp against a MariaDB server, which the shell lines reach by its own client.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "base/cat.h"
#include "base/places_test.h"
#include "base/realdata_test.h"
#include "db/mariadb/test_server_test.h"
#include "program_test.h"

using namespace dbfixture_test;
using dbfixture::cat;
using dbfixture::MariaDbClient;

namespace {

bool skipped() {
    if (dbfixture::mariadb_folder().empty()) {
        WARN("SKIPPED: MariaDB: no server is installed (Debian: mariadb-server)");
        return true;
    }
    if (shell("command -v mariadb >/dev/null 2>&1 && command -v mariadb-dump >/dev/null 2>&1") == 0) return false;
    WARN("SKIPPED: MariaDB's client programs are missing");
    return true;
}

// A database whose name is in the names of all that is made of it.
struct Original {
    explicit Original(const std::string& sql = "CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1)")
        : test(sql) {}

    // What shell lines print with $URL, in a folder of their own, and their exit status; "$SQL NAME STATEMENTS" is the
    // client. The name of the database is NAME in it, that of a run RUN, and the socket SOCKET.
    std::string said_by(const std::string& lines, const std::string& user = "root") const {
        const std::string socket = dbfixture::mariadb_folder() + "/socket";
        const int status = shell(cat("cd ", quoted(work.path), " && ", environment(),
                                     "export XDG_STATE_HOME=\"$PWD/state\" ORIGINAL=", test.name(),
                                     " SQL='mariadb --no-defaults -BN -u ", user, " -S ", socket,
                                     "' DUMP='mariadb-dump --no-defaults -u ", user, " -S ", socket,
                                     " --skip-comments --routines --events --hex-blob' URL='", test.url(user), "'; { ",
                                     lines, "\n} >said 2>&1"));
        return cat(without_names(read_file(work.path / "said"), socket), "status ", status, "\n");
    }
    // "n" lines: databases that are copies of it, and states of those.
    std::string copies() const {
        return server().run("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE 'dbfixture\\_%" +
                            test.name() + "\\_%'");
    }
    static MariaDbClient server() { return MariaDbClient(""); }

    dbfixture::MariaDbTestDatabase test;
    WorkFolder work{};

  private:
    std::string without_names(std::string text, const std::string& socket) const {
        const auto replace = [&text](const std::string& what, const std::string& by) {
            for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
                text.replace(at, what.size(), by);
        };
        const std::string before = cat("dbfixture_", test.name().substr(0, 30), "_");
        for (std::size_t at = 0; (at = text.find(before, at)) != std::string::npos; at += before.size())
            text.replace(at + before.size(), 16, "RUN");
        replace(test.name().substr(0, 30) + "_RUN", "NAME_RUN");
        replace(test.name(), "NAME");
        replace(socket, "SOCKET");
        return text;
    }
};

// A user of this test alone, with rights on the database and what `more` says.
struct User {
    User(const Original& original, const std::string& more) : name("app_" + original.test.name()) {
        Original::server().run(
            cat("CREATE USER ", name, "; GRANT ALL ON ", original.test.name(), ".* TO ", name, more));
    }
    User(const User&) = delete;
    User& operator=(const User&) = delete;
    ~User() { Original::server().run("DROP USER " + name); }
    std::string name;
};

}  // namespace

TEST_CASE("a run on a copy of a MariaDB database has it to itself, and nothing of it stays", "[mariadb]") {
    if (skipped()) return;
    const Original original;
    CHECK(
        original.said_by(
            R"sh(dbfixture run -d "$URL&charset=utf8mb4" --temp --env N=dbname --env H=host --env S=sqlalchemy -- sh -c '
        echo "$DATABASE_URL $H"; echo "$S"; [ "$DATABASE_URL" = "$DBFIXTURE_DATABASE" ]
        $SQL $N -e "INSERT INTO t VALUES (2); SELECT COUNT(*), DATABASE() FROM t"; $SQL $ORIGINAL -e "SELECT COUNT(*) FROM t"
        dbfixture flush --no-input; $SQL $N -e "SELECT COUNT(*) FROM t"; dbfixture reset -q; $SQL $N -e "SELECT COUNT(*) FROM t"; exit 3')sh") ==
        "mysql://root@/dbfixture_NAME_RUN?socket=SOCKET&charset=utf8mb4 \n"
        "mysql://root@/dbfixture_NAME_RUN?unix_socket=SOCKET\n2\tdbfixture_NAME_RUN\n1\nDeleted 2 rows of 1 "
        "table\n0\n1\nstatus 3\n");
    CHECK(original.copies() == "0\n");
    CHECK(original.test.run("SELECT * FROM t") == "1\n");
}

// What a database may hold, beside the plain.
constexpr auto kEverything = R"sql(
ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_german1_ci;
CREATE SEQUENCE s START WITH 5 INCREMENT BY 2;
SELECT NEXTVAL(s);
CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY, e ENUM('a','b'), n INT INVISIBLE DEFAULT 3, g INT AS (n + 1) STORED, v INT AS (n * 2), j JSON,
  ts TIMESTAMP NOT NULL DEFAULT '2001-01-01 00:00:00' ON UPDATE CURRENT_TIMESTAMP, UNIQUE (n, e), FULLTEXT (j)) AUTO_INCREMENT = 77 CHARSET utf8mb4;
SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
INSERT INTO p (id, e, n, j) VALUES (0, 'a', 1, '{}'), (1, 5, 2, NULL), (2, NULL, 3, '[1]');
SET SESSION sql_mode = DEFAULT;
CREATE TABLE c (id INT DEFAULT NEXTVAL(s) PRIMARY KEY, p INT, x VARCHAR(20) CHARSET utf8mb3, CHECK (x <> 'no'), FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE);
SET foreign_key_checks = 0, check_constraint_checks = 0;
INSERT INTO c (p, x) VALUES (0, 'yes'), (99, 'orphan'), (1, 'no');
SET foreign_key_checks = 1, check_constraint_checks = 1;
CREATE TABLE h (id INT PRIMARY KEY, x INT) WITH SYSTEM VERSIONING;
INSERT INTO h VALUES (1, 1); UPDATE h SET x = 2; DELETE FROM h; INSERT INTO h VALUES (2, 2);
CREATE TABLE parts (id INT, d DATE) PARTITION BY RANGE (YEAR(d)) (PARTITION old VALUES LESS THAN (2000), PARTITION new VALUES LESS THAN MAXVALUE);
INSERT INTO parts VALUES (1, '1999-01-01'), (2, '2001-01-01');
CREATE TABLE m1 (id INT, w VARCHAR(5), KEY (id)) ENGINE = MyISAM; CREATE TABLE m2 LIKE m1; INSERT INTO m1 VALUES (1, 'a'); INSERT INTO m2 VALUES (2, 'b');
CREATE TABLE m LIKE m1; ALTER TABLE m ENGINE = MERGE UNION = (m1, m2);
SET SESSION sql_mode = 'PIPES_AS_CONCAT,ANSI_QUOTES';
CREATE FUNCTION "joined"(a VARCHAR(9)) RETURNS VARCHAR(20) DETERMINISTIC RETURN a || '-' || a;
SET SESSION sql_mode = 'ORACLE';
CREATE PACKAGE pk AS FUNCTION one RETURN INT; END;
CREATE PACKAGE BODY pk AS FUNCTION one RETURN INT AS BEGIN RETURN 1; END; END;
SET SESSION sql_mode = DEFAULT;
SET NAMES latin1;
CREATE PROCEDURE words() SELECT 'ä' AS a, joined('ö');
SET NAMES utf8mb4;
CREATE VIEW a_view AS SELECT COUNT(*) AS n, joined('x') AS j FROM z_view;
CREATE VIEW z_view AS SELECT c.id, p.e FROM c LEFT JOIN p ON p.id = c.p;
CREATE VIEW across AS SELECT id, x, DATABASE_NAME.joined('y') AS y FROM DATABASE_NAME.c WHERE 5 IN (SELECT 5 FROM information_schema.engines);
CREATE TRIGGER second BEFORE INSERT ON p FOR EACH ROW SET NEW.n = NEW.n + 1;
CREATE TRIGGER DATABASE_NAME.first BEFORE INSERT ON DATABASE_NAME.p FOR EACH ROW PRECEDES second INSERT INTO DATABASE_NAME.m1 VALUES (NEW.id, 'trig');
CREATE EVENT e ON SCHEDULE EVERY 1 HOUR DISABLE COMMENT 'ENABLE' DO DELETE FROM m1;
)sql";

// As the client program takes it.
std::string everything(const Original& original) {
    std::string sql = kEverything;
    for (std::size_t at = 0; (at = sql.find("DATABASE_NAME")) != std::string::npos;)
        sql.replace(at, 13, original.test.name());
    const std::size_t view = sql.find("CREATE VIEW a_view"), next = sql.find("CREATE VIEW z_view"),
                      end = sql.find("CREATE VIEW across");
    const std::string first = sql.substr(next, end - next), second = sql.substr(view, next - view);
    sql.replace(view, end - view, first + second);
    return sql;
}

TEST_CASE("a copy of MariaDB has all that its original has, as the server's own program dumps it", "[mariadb]") {
    if (skipped()) return;
    const Original original;
    std::string sql = everything(original);
    MariaDbClient client(original.test.name());
    // A program's statements are split by nobody but the client program: each is sent by itself.
    for (std::size_t at = 0; at < sql.size();) {
        const std::size_t end = std::min(sql.find(";\n", at), sql.size());
        std::string one = sql.substr(at, end - at);
        if (one.find("SELECT '\\xe4'") != std::string::npos)
            one = "CREATE PROCEDURE words() SELECT '\xe4' AS a, joined('\xf6')";
        if (one.find_first_not_of(" \n") != std::string::npos) client.run(one);
        at = end + 2;
    }
    CHECK(original.said_by(R"sh($DUMP $ORIGINAL >before
        dbfixture run -d "$URL" --temp --env N=dbname -- sh -c '$DUMP $N | sed "s/$N/$ORIGINAL/g" | grep -v trig >copy; grep -v trig before | diff - copy
            for name in $N $ORIGINAL; do $SQL $name -e "SELECT *, row_start, row_end FROM h FOR SYSTEM_TIME ALL; SELECT default_collation_name FROM
                information_schema.schemata WHERE schema_name = DATABASE(); SELECT trigger_name, action_order FROM information_schema.triggers WHERE
                trigger_schema = DATABASE() ORDER BY 1; CALL words; SELECT n, j FROM a_view; SELECT CAST(e AS BINARY), e + 0 FROM p" >facts.$name; done
            diff facts.$N facts.$ORIGINAL
            $SQL $N -e "INSERT INTO p (e) VALUES (1); SELECT COUNT(*) FROM m; INSERT INTO c VALUES (DEFAULT, 1, 1); UPDATE across SET x = 2; SELECT x, y FROM across" 2>&1'
        $DUMP $ORIGINAL | diff before -)sh") ==
          "dbfixture: warning: tables \"m1\" and \"m2\" without transactions may have changed while being copied\n"
          "dbfixture: warning: tables \"m\", \"m1\" and \"m2\" without transactions may have changed while being "
          "saved, and a restore "
          "will not write to them\n"
          "dbfixture: warning: the history of \"h\" is not saved, and a restore will not change it\n"
          "dbfixture: warning: where sequence \"s\" stands is not saved\n"
          "3\n2\ty-y\n2\ty-y\n2\ty-y\n2\ty-y\nstatus 0\n");
    CHECK(original.copies() == "0\n");
}

TEST_CASE("sakila's copy has its views, procedures and triggers, and they work in it", "[mariadb]") {
    const auto schema = dbfixture::find_realdata("sakila-mariadb/schema.sql");
    if (skipped() || schema.empty()) return;
    const Original original("SELECT 1");
    CHECK(original.said_by(cat("sed '/^DROP SCHEMA\\|^CREATE SCHEMA\\|^USE /d; s/sakila\\.//' ", quoted(schema), " ",
                               quoted(schema.parent_path() / "data.sql"), R"sh( | $SQL $ORIGINAL
        $DUMP $ORIGINAL >before
        dbfixture run -d "$URL" --temp --env N=dbname -- sh -c '$DUMP $N | diff before -
            $SQL $N -e "CALL film_in_stock(1, 1, @n); SELECT @n, COUNT(*) FROM customer_list; SELECT inventory_in_stock(1); INSERT INTO film (title, language_id)
                VALUES (\"New\", 1); SELECT COUNT(*) FROM film_text WHERE title = \"New\"" | tail -3'
        $DUMP $ORIGINAL | diff before -)sh")) == "4\t599\n1\n1\nstatus 0\n");
    CHECK(original.copies() == "0\n");
}

TEST_CASE("runs at once on copies of MariaDB see nothing of each other, and what is killed is swept",
          "[mariadb][slow]") {
    if (skipped()) return;
    const WorkFolder work;
    const std::string script = (dbfixture::source_folder() / "testdata" / "mariadb" / "temps.py").string();
    const int status = shell(cat("cd ", quoted(work.path), " && ", environment(), "python3 ", script,
                                 " \"$(command -v dbfixture)\" ", dbfixture::mariadb_folder(), " 6 >said 2>&1"));
    const std::string said = read_file(work.path / "said");
    INFO(said);
    CHECK(status == 0);
    CHECK(said.starts_with("6 rounds: 0 differences\n"));
}

TEST_CASE("a user of MariaDB that may not copy a database is told what it takes, and needs no more", "[mariadb]") {
    if (skipped()) return;
    const Original original(
        "CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT * FROM t; CREATE "
        "TRIGGER b BEFORE INSERT ON t FOR EACH ROW "
        "SET NEW.id = NEW.id + 1; CREATE PROCEDURE p() SELECT 1; CREATE DEFINER = CURRENT_USER SQL SECURITY INVOKER "
        "VIEW lost AS SELECT * FROM t; CREATE TABLE gone "
        "(id INT); CREATE VIEW broken AS SELECT * FROM gone; DROP TABLE gone");
    const std::string run =
        R"sh(dbfixture run -d "$URL" --temp --env N=dbname -- sh -c '$SQL $N -e "INSERT INTO v VALUES (5); SELECT * FROM t"')sh";
    {
        const User user(original, "");
        CHECK(original.said_by(run, user.name) ==
              "dbfixture: error: this user may not create the database \"dbfixture_NAME_RUN\"\n  detail: Access denied "
              "for user 'app_NAME'@'%' to database "
              "'dbfixture_NAME_RUN'.\n  hint: have it granted: GRANT ALL ON `dbfixture\\_%`.* TO "
              "'app_NAME'@'%'\nstatus 125\n");
    }
    const User user(original, "; GRANT ALL ON `dbfixture\\_%`.* TO app_" + original.test.name());
    CHECK(original.said_by(run, user.name) ==
          "dbfixture: warning: procedure \"p\" is not in the copy: this user may not read its definition\n"
          "dbfixture: warning: view \"broken\" is not in the copy: Table 'dbfixture_NAME_RUN.gone' doesn't exist\n"
          "dbfixture: warning: in the copy \"app_NAME@%\" is the definer in place of \"root@localhost\": view "
          "\"lost\", view \"v\", trigger \"b\"\n"
          "1\n6\nstatus 0\n");
    CHECK(original.copies() == "0\n");
}

TEST_CASE("a copy of MariaDB waits for who has written, and says who that is", "[mariadb]") {
    if (skipped()) return;
    const Original original;
    MariaDbClient writer(original.test.name());
    writer.run("START TRANSACTION; INSERT INTO t VALUES (2)");
    const std::string said = original.said_by("dbfixture run --busy-timeout 100 -d \"$URL\" --temp -- true");
    INFO(said);
    CHECK(
        said.starts_with("dbfixture: error: database \"mysql:///NAME?socket=SOCKET\" is locked by another connection\n "
                         " detail: Open transactions: connection "));
    CHECK(said.ends_with("status 5\n"));
    CHECK(original.copies() == "0\n");
    writer.run("COMMIT; START TRANSACTION; SELECT * FROM t");
    CHECK(original.said_by(
              R"sh(dbfixture run -d "$URL" --temp --env N=dbname -- sh -c '$SQL $N -e "SELECT COUNT(*) FROM t"')sh") ==
          "2\nstatus 0\n");
}

TEST_CASE("a kept copy of MariaDB stays, may be lost without a question, and what has no mark is never dropped",
          "[mariadb]") {
    if (skipped()) return;
    const Original original;
    const std::string stranger = "dbfixture_" + original.test.name().substr(0, 30) + "_0123456789abcdef";
    original.server().run("CREATE DATABASE " + stranger);
    CHECK(
        original.said_by(
            R"sh(dbfixture run -d "$URL" --temp --keepdb -- true; dbfixture run -d "$URL" --temp --keep-failed -- false
        dbfixture run -d "$URL" --temp -- true)sh") ==
        "Kept the copy mysql:///dbfixture_NAME_RUN?socket=SOCKET\nKept the copy "
        "mysql:///dbfixture_NAME_RUN?socket=SOCKET\nstatus 0\n");
    original.server().run("DROP DATABASE " + stranger);
    const std::string kept = original.server().run(
        "SELECT schema_name FROM information_schema.schemata WHERE schema_comment LIKE '%\"copy_of\": \"" +
        original.test.name() + "\"%'");
    CHECK(std::count(kept.begin(), kept.end(), '\n') == 2);
    for (std::size_t at = 0; at < kept.size(); at = kept.find('\n', at) + 1) {
        const std::string one = kept.substr(at, kept.find('\n', at) - at);
        CHECK(original
                  .said_by(cat("dbfixture flush --no-input -d 'mysql://root@/", one,
                               "?socket=", dbfixture::mariadb_folder(), "/socket'"))
                  .ends_with("Deleted 1 row of 1 table\nstatus 0\n"));
        original.server().run("DROP DATABASE " + one);
    }
    // What was saved of them.
    const std::string states = original.server().run(
        "SELECT schema_name FROM information_schema.schemata WHERE schema_comment LIKE '%/dbfixture\\_" +
        original.test.name().substr(0, 30) + "\\_%'");
    for (std::size_t at = 0; at < states.size(); at = states.find('\n', at) + 1)
        original.server().run("DROP DATABASE " + states.substr(at, states.find('\n', at) - at));
}

TEST_CASE("a copy of MariaDB is made by a file of SQL, as its client program reads it", "[mariadb]") {
    if (skipped()) return;
    const Original original;
    const auto file = [&](const std::string& name, const std::string& sql) {
        write_file(original.work.path / name, sql);
    };
    file("dump.sql",
         "/*M!999999\\- enable the sandbox mode */ \n/*!40101 SET NAMES utf8mb4 */;\nCREATE TABLE u (id INT, s TEXT "
         "DEFAULT 'it''s; \\'\\\\i');\n"
         "DELIMITER ;;\nCREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END;;\nDELIMITER ;\nCALL p(); -- USE x;\nINSERT "
         "INTO u (id) VALUES (1)");
    CHECK(
        original.said_by(
            R"sh(dbfixture run -q -d "$URL" --temp --schema dump.sql --env N=dbname -- sh -c '$SQL $N -e "SELECT id, LENGTH(s) FROM u; CALL p(); SHOW TABLES"')sh") ==
        "1\t9\n1\n2\nu\nstatus 0\n");
    file("use.sql", "CREATE TABLE u (id INT);\n/*!50000 USE mysql */;\n");
    file("source.sql", "CREATE TABLE u (id INT);\n\\. other.sql\n");
    file("wrong.sql", "CREATE TABLE `\xc3\xa4` (id INT);\n\nCREATE TABLE x\n(id itn);\n");
    file("open.sql", "BEGIN; INSERT INTO t VALUES (1);\n");
    file("begun.sql", "CREATE TABLE t (id INT); BEGIN; INSERT INTO t VALUES (1);\n");
    CHECK(
        original.said_by(
            R"sh(for file in use source wrong open begun; do dbfixture run -d "$URL" --temp --schema $file.sql -- true; done)sh") ==
        "dbfixture: error: use.sql:2: the schema file has a statement on databases (use), and is to make one\n"
        "  hint: leave it out: mariadb-dump without --databases does\n"
        "dbfixture: error: source.sql:2: the schema file has the command \"\\.\" of mariadb, which is no SQL\n"
        "dbfixture: error: wrong.sql:3: the schema file could not be run\n"
        "  detail: Unknown data type: 'itn'.\n"
        "dbfixture: error: open.sql:1: the schema file could not be run\n"
        "  detail: Table 'dbfixture_NAME_RUN.t' doesn't exist.\n"
        "dbfixture: error: begun.sql: the schema file ends inside a transaction\n  hint: add COMMIT;\nstatus 125\n");
    CHECK(original.copies() == "0\n");
}

TEST_CASE("a copy on MariaDB takes snapshots of its original, and has layers", "[mariadb][state]") {
    if (skipped()) return;
    const Original original(
        "CREATE SEQUENCE s; CREATE TABLE t (id INT DEFAULT NEXTVAL(s) PRIMARY KEY, x INT); INSERT INTO t (id) SELECT "
        "seq FROM seq_1_to_100; CREATE VIEW v AS SELECT * "
        "FROM t; CREATE TABLE other (x INT); CREATE TRIGGER b BEFORE UPDATE ON other FOR EACH ROW SET NEW.x = 1");
    write_file(original.work.path / "more.json", R"([{"model": "t", "pk": 500, "fields": {}}])");
    CHECK(original.said_by(
              R"sh(dbfixture snapshot own -q -d "$URL" 2>/dev/null; $SQL $ORIGINAL -e "DELETE FROM t WHERE id > 10"
        export ROWS="SELECT COUNT(*), SUM(id) FROM t"
        dbfixture run -q -d "$URL" --temp --restore own --env N=dbname -- sh -c '$SQL $N -e "$ROWS"' 2>/dev/null
        dbfixture run -q -d "$URL" --temp --fixture more.json --env N=dbname -- sh -c '$SQL $N -e "$ROWS"
            dbfixture push a -q; $SQL $N -e "DELETE FROM t"; dbfixture reset -q; $SQL $N -e "$ROWS"
            $SQL $N -e "DELETE FROM t"; dbfixture pop -q; dbfixture restore own -q; $SQL $N -e "$ROWS"
            dbfixture snapshot inside -q' 2>/dev/null
        $SQL $ORIGINAL -e "$ROWS"; dbfixture snapshots delete own -q -d "$URL")sh") ==
          "100\t5050\n11\t555\n11\t555\n100\t5050\n10\t55\nstatus 0\n");
    CHECK(original.copies() == "0\n");
}
