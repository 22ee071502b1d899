// SPDX-License-Identifier: MIT
// --drop-triggers on MariaDB through the program: what each command does to the triggers of a table, and above all that
// they are there afterwards as they were. Kills: testdata/mariadb/trigger_kills.py.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/places_test.h"
#include "base/realdata_test.h"
#include "db/mariadb/test_server_test.h"
#include "program_test.h"

using namespace dbfixture_test;
using dbfixture::MariaDbClient;

namespace {

namespace fs = std::filesystem;

bool skipped() {
    if (!dbfixture::mariadb_folder().empty()) return false;
    WARN("SKIPPED: MariaDB: no server is installed (Debian: mariadb-server)");
    return true;
}

// A folder whose XDG_STATE_HOME is its own, and a database.
struct Place {
    explicit Place(const std::string& sql = "") : test(sql) {}

    // What a line prints, and its exit status behind it. $U is the database, $M a client of it.
    std::string said_by(const std::string& line, const std::string& user = "root") const {
        const std::string client = "mariadb --no-defaults -u root -S " + dbfixture::mariadb_folder() + "/socket ";
        const int status =
            shell("cd " + quoted(temp.path) + " && " + environment() + "export XDG_STATE_HOME=" + quoted(temp.path) +
                  " U='" + test.url(user) + "' M='" + client + test.name() + "' N=" + test.name() + "; { " + line +
                  "; } >" + quoted(temp.path / "said") + " 2>&1");
        std::string said = read_file(temp.path / "said") + "status " + std::to_string(status) + "\n";
        const std::string shown = "mysql:///" + test.name() + "?socket=" + dbfixture::mariadb_folder() + "/socket";
        for (std::size_t at; (at = said.find(shown)) != std::string::npos;)
            said.replace(at, shown.size(), "URL");
        return said;
    }
    // Whole rows.
    std::string triggers() const {
        return test.run(
            "SELECT * FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY trigger_name");
    }
    // Tables and triggers of the program's own.
    std::string left() const {
        return test.run(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE "
            "'dbfixture%' UNION ALL SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = "
            "DATABASE() AND trigger_name LIKE 'dbfixture%'");
    }

    WorkFolder temp;
    dbfixture::MariaDbTestDatabase test;
};

const std::string kTables =
    "CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(30)); CREATE TABLE log (n INT AUTO_INCREMENT PRIMARY KEY, what "
    "VARCHAR(30)); INSERT INTO a VALUES (1, 'one'), (2, 'two'); SET timestamp = 1700000000.25; CREATE TRIGGER a_second "
    "BEFORE INSERT ON a FOR EACH ROW SET NEW.v = 'changed'; CREATE TRIGGER a_first BEFORE INSERT ON a FOR EACH ROW "
    "PRECEDES a_second INSERT INTO log (what) VALUES ('new'); SET sql_mode = 'ANSI_QUOTES'; CREATE TRIGGER \"a "
    "\"\"gone\" "
    "AFTER DELETE ON a FOR EACH ROW INSERT INTO log (what) VALUES ('gone')";
const std::string kFixture =
    R"(printf '{"model": "a", "pk": 1, "fields": {"v": "1"}}\n{"model": "a", "pk": 3, "fields": {"v": "3"}}\n' > f.jsonl)";
const std::string kRows = "SELECT id, v FROM a UNION ALL SELECT n, what FROM log ORDER BY 1";

}  // namespace

TEST_CASE("with --drop-triggers rows are what the fixture says, no trigger fires, and all are back as they were",
          "[mariadb][triggers]") {
    if (skipped()) return;
    const Place p(kTables);
    const std::string before = p.triggers();
    CHECK(
        p.said_by(kFixture + "; dbfixture loaddata -d $U f.jsonl") ==
        "dbfixture: error: cannot write to table \"a\" without firing its triggers\n"
        "  detail: It has \"a_first\" and \"a_second\", and this server cannot silence triggers.\n"
        "  hint: add --triggers to let them fire, --drop-triggers to drop them for the while, or leave the table out\n"
        "status 3\n");
    CHECK(p.said_by("dbfixture snapshot -q -d $U && dbfixture loaddata -d $U --drop-triggers f.jsonl") ==
          "Installed 2 object(s) from 1 fixture(s)\nstatus 0\n");
    CHECK(p.test.run(kRows) == "1|1\n2|two\n3|3\n");
    CHECK(p.triggers() == before);
    CHECK(p.said_by("dbfixture restore -d $U") ==
          "dbfixture: error: cannot put back the rows of table \"a\"\n"
          "  detail: Its triggers would fire, and cannot be silenced: \"a \"gone\", \"a_first\" and \"a_second\".\n"
          "  hint: nothing was changed: add --drop-triggers to drop them for the while, or keep the table with --keep\n"
          "status 3\n");
    CHECK(p.said_by("dbfixture restore -d $U --drop-triggers; dbfixture restore -d $U --drop-triggers") ==
          "Restored snapshot \"default\" (2 rows)\n"
          "Nothing to restore: the database is as in snapshot \"default\"\nstatus 0\n");
    CHECK(p.test.run(kRows) == "1|one\n2|two\n");
    CHECK(p.triggers() == before);
    CHECK(p.said_by("dbfixture flush -d $U --no-input a") ==
          "dbfixture: error: cannot write to table \"a\" without firing its triggers\n"
          "  detail: It has \"a \"gone\", and this server cannot silence triggers.\n"
          "  hint: add --drop-triggers to drop them for the while, or leave the table out\nstatus 3\n");
    CHECK(p.said_by("dbfixture flush -d $U --no-input --drop-triggers") == "Deleted 2 rows of 2 tables\nstatus 0\n");
    CHECK(p.test.run(kRows).empty());
    CHECK(
        p.said_by("dbfixture push -q -d $U --owner $$ --drop-triggers one f.jsonl && $M -e 'DELETE FROM a; DELETE FROM "
                  "log' && dbfixture reset -q -d $U --drop-triggers") == "status 0\n");
    CHECK(p.test.run(kRows) == "1|1\n3|3\n");
    CHECK(
        p.said_by(
            "dbfixture pop -q -d $U --drop-triggers && dbfixture run -q -d $U --drop-triggers --fixture f.jsonl -- $M "
            "-N -e 'SELECT COUNT(*) FROM a; DELETE FROM a WHERE id = 1'") == "2\nstatus 0\n");
    CHECK(p.test.run(kRows).empty());
    CHECK(p.said_by(
              "dbfixture snapshot -q --serialized -d $U s && dbfixture loaddata -q -d $U --drop-triggers f.jsonl && "
              "dbfixture restore -q -d $U --drop-triggers s") == "status 0\n");
    CHECK(p.test.run(kRows).empty());
    CHECK(p.triggers() == before);
    CHECK(p.left().empty());
    CHECK(p.said_by("dbfixture snapshots delete -q -d $U default s") == "status 0\n");
}

TEST_CASE("check says once of a table with triggers how a load takes its records, and misses none of them",
          "[mariadb][triggers]") {
    if (skipped()) return;
    const Place p(kTables + "; CREATE TABLE child (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES a (id))");
    CHECK(p.said_by(kFixture +
                    R"(; printf '{"model": "child", "pk": 1, "fields": {"a": 3}}\n{"model": "child", "pk": 2, )" +
                    R"("fields": {"a": 4}}\n' >> f.jsonl; dbfixture check -q -d $U f.jsonl)") ==
          "f.jsonl:1: record 1 (a): cannot write to table \"a\" without firing its triggers (a load takes them with "
          "--triggers or --drop-triggers; what else may be wrong with records of this table is not looked for)\n"
          "f.jsonl:4: record 4 (child pk=2): column \"a\" refers to \"a\" id=4, which does not exist\nstatus 1\n");
}

TEST_CASE("a load with --drop-triggers that fails leaves rows and triggers as they were", "[mariadb][triggers]") {
    if (skipped()) return;
    const Place p(kTables);
    const std::string before = p.triggers(), rows = p.test.run(kRows);
    CHECK(
        p.said_by(
             R"(printf '{"model": "a", "pk": 5, "fields": {"v": "5"}}\n{"model": "a", "pk": 6, "fields": {"x": 1}}\n' )"
             "> f.jsonl; dbfixture loaddata -d $U --drop-triggers f.jsonl")
            .ends_with("status 6\n"));
    CHECK(p.triggers() == before);
    CHECK(p.test.run(kRows) == rows);
    CHECK(p.left().empty());
}

TEST_CASE("triggers that could not be created again are not dropped", "[mariadb][triggers]") {
    if (skipped()) return;
    const Place p(kTables);
    const std::string user = "u" + p.test.name(), before = p.triggers();
    const auto said = [&] { return p.said_by(kFixture + "; dbfixture loaddata -d $U --drop-triggers f.jsonl", user); };
    MariaDbClient root("");
    root.run("CREATE USER " + user + "; GRANT SELECT, INSERT, UPDATE, DELETE, CREATE TEMPORARY TABLES, TRIGGER ON " +
             p.test.name() + ".* TO " + user);
    CHECK(said() ==
          "dbfixture: error: cannot write down triggers before dropping them: this user may not create tables\n"
          "  detail: CREATE command denied to user '" +
              user + "'@'localhost' for table `" + p.test.name() +
              "`.`dbfixture_triggers_new`. Nothing was changed.\n"
              "  hint: have CREATE, ALTER, INSERT and DROP granted, or connect as a user that has them\nstatus 3\n");
    root.run("GRANT ALL ON " + p.test.name() + ".* TO " + user);
    CHECK(said() ==
          "dbfixture: error: cannot drop trigger \"a \"gone\" for the while\n"
          "  detail: This user could not create it again with its definer, `root`@`localhost`: Access denied; you need "
          "(at "
          "least one of) the SUPER, SET USER privilege(s) for this operation. Nothing was changed.\n"
          "  hint: connect as its definer or as a user that may create triggers for others (SET USER; with the binary "
          "log "
          "on, SUPER or log_bin_trust_function_creators)\nstatus 3\n");
    CHECK(p.triggers() == before);
    CHECK(p.left().empty());
    root.run("GRANT SET USER ON *.* TO " + user);
    CHECK(said() == "Installed 2 object(s) from 1 fixture(s)\nstatus 0\n");
    CHECK(p.triggers() == before);
    root.run("DROP USER " + user + "; ALTER DATABASE " + p.test.name() + " COLLATE utf8mb4_general_ci");
    CHECK(p.said_by("dbfixture flush -d $U --no-input --drop-triggers")
              .find("It was made when the database's collation was ") != std::string::npos);
    CHECK(p.triggers() == before);
    CHECK(p.left().empty());
}

TEST_CASE("while triggers are dropped others cannot write past them, and a second run waits", "[mariadb][triggers]") {
    if (skipped()) return;
    const Place p(kTables);
    const std::string before = p.triggers();
    MariaDbClient holder(p.test.name()), other(p.test.name());
    other.run("SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1");
    // Who reads a table keeps its triggers from being dropped.
    holder.run("START TRANSACTION; SELECT COUNT(*) FROM a");
    const std::string busy =
        p.said_by(kFixture + "; dbfixture loaddata --busy-timeout 500 -d $U --drop-triggers f.jsonl");
    INFO(busy);
    CHECK(busy.find("is locked by another connection") != std::string::npos);
    CHECK(busy.ends_with("status 5\n"));
    CHECK(p.triggers() == before);
    CHECK(p.left().empty());
    holder.run("ROLLBACK; START TRANSACTION; SELECT * FROM log FOR UPDATE; INSERT INTO log VALUES (7, 'held')");
    // A load that waits for a row has the triggers away meanwhile.
    const std::string waits = p.said_by(
        R"(printf '{"model": "log", "pk": 7, "fields": {"what": "x"}}\n' > g.jsonl; )"
        "dbfixture loaddata -q --busy-timeout 8000 -d $U --drop-triggers g.jsonl f.jsonl > first 2>&1 & sleep 1.5; "
        "dbfixture loaddata --busy-timeout 300 -d $U f.jsonl; echo $?; $M -e \"INSERT INTO a VALUES (9, 'x')\"; true");
    INFO(waits);
    CHECK(waits.find("another run has dropped the triggers of \"URL\" for the while") != std::string::npos);
    CHECK(waits.find("\n5\n") != std::string::npos);
    CHECK(waits.find("ERROR 1644 (45000)") != std::string::npos);
    CHECK(waits.find("dbfixture has dropped the triggers of this table for the while") != std::string::npos);
    holder.run("ROLLBACK");
    for (int tried = 0; tried < 200 && p.triggers() != before; ++tried)
        ::usleep(50'000);
    CHECK(p.triggers() == before);
    CHECK(p.test.run(kRows) == "1|1\n2|two\n3|3\n7|x\n");
    CHECK(p.left().empty());
}

TEST_CASE("killed before any message to the server, the next command puts triggers back by name",
          "[mariadb][triggers][slow]") {
    if (skipped()) return;
    const Place p;
    const std::string said =
        p.said_by("PYTHONDONTWRITEBYTECODE=1 python3 " +
                  quoted(dbfixture::source_folder() / "testdata" / "mariadb" / "trigger_kills.py") + " " +
                  quoted(dbfixture::program_path()) + " " + quoted(fs::path(dbfixture::mariadb_folder())) + " 12");
    INFO(said);
    CHECK(said.find("were put back: 0 differences\nstatus 0\n") != std::string::npos);
}

TEST_CASE("sakila's rows come back through a load with its triggers dropped, and do not with them firing",
          "[mariadb][triggers][slow]") {
    const fs::path schema = dbfixture::find_realdata("sakila-mariadb/schema.sql"),
                   data = dbfixture::find_realdata("sakila-mariadb/data.sql");
    if (skipped() || schema.empty() || data.empty()) return;
    const Place p;
    const std::string sakila = "cat " + quoted(schema) + " " + quoted(data) +
                               " | sed \"/^CREATE SCHEMA sakila;/d; s/^USE sakila;/USE $N;/; s/sakila[.]/$N./g\" | $M";
    CHECK(p.said_by(sakila) == "status 0\n");
    const std::string before = p.triggers();
    const std::string load = "dbfixture loaddata -q -d $U --replace=all d.jsonl";
    CHECK(p.said_by("dbfixture dumpdata -q -d $U -o d.jsonl") == "status 0\n");
    const std::string refused = p.said_by(load);
    INFO(refused);
    CHECK(refused.find("error: cannot write to table \"") != std::string::npos);
    CHECK(refused.ends_with("status 3\n"));
    CHECK(p.said_by(load + " --drop-triggers && dbfixture dumpdata -q -d $U -o e.jsonl && cmp d.jsonl e.jsonl") ==
          "status 0\n");
    CHECK(p.triggers() == before);
    // payment_date and rental_date write the time of now; ins_film writes rows that the fixture has, too.
    CHECK(p.said_by(
              load +
              " --triggers > said2 2>&1; test $? != 0 || { dbfixture dumpdata -q -d $U -o e.jsonl; ! cmp -s d.jsonl "
              "e.jsonl; }") == "status 0\n");
    CHECK(
        p.said_by("dbfixture flush -q -d $U --no-input --drop-triggers && dbfixture loaddata -q -d $U --drop-triggers "
                  "d.jsonl && dbfixture dumpdata -q -d $U -o e.jsonl && cmp d.jsonl e.jsonl") == "status 0\n");
    CHECK(p.triggers() == before);
    CHECK(p.left().empty());
}
