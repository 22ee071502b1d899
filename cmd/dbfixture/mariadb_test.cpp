// SPDX-License-Identifier: MIT
// The program against a MariaDB server. The scripts stand in testdata/mariadb.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/places_test.h"
#include "base/realdata_test.h"
#include "db/mariadb/test_server_test.h"
#include "db/postgres/test_server_test.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

namespace fs = std::filesystem;

bool skipped() {
    if (!dbfixture::mariadb_folder().empty()) return false;
    WARN("SKIPPED: MariaDB: no server is installed (Debian: mariadb-server)");
    return true;
}

// The exit status of a shell line, behind what it prints.
std::string said_by(const std::string& line) {
    const WorkFolder temp;
    const int status = shell("cd " + quoted(temp.path) + " && " + environment() + "{ " + line + "; } >" +
                             quoted(temp.path / "said") + " 2>&1");
    return read_file(temp.path / "said") + "status " + std::to_string(status) + "\n";
}

std::string script(const std::string& name, const std::string& arguments) {
    return "PYTHONDONTWRITEBYTECODE=1 python3 " + quoted(dbfixture::source_folder() / "testdata" / "mariadb" / name) +
           " " + quoted(dbfixture::program_path()) + " " + quoted(fs::path(dbfixture::mariadb_folder())) + " " +
           arguments;
}

}  // namespace

TEST_CASE(
    "one database on SQLite, PostgreSQL and MariaDB is dumped to the same bytes, and each loads the others' dumps",
    "[mariadb][postgres][slow]") {
    const fs::path database = dbfixture::find_realdata("chinook/Chinook_Sqlite.sqlite");
    if (skipped() || database.empty()) return;
    const std::string other = dbfixture::postgres_folder().empty() ? "-" : dbfixture::postgres_folder();
    CHECK(said_by(script("portable.py", quoted(fs::path(other)) + " " + quoted(database))) ==
          "1 databases, " + std::string(other == "-" ? "2" : "3") + " engines, 0 differences\nstatus 0\n");
}

TEST_CASE("databases of MariaDB come back as they were through every format", "[mariadb][slow]") {
    const fs::path values = dbfixture::find_realdata("types-mariadb/values.sql"),
                   tables = dbfixture::find_realdata("types-mariadb/tables.sql");
    if (skipped() || values.empty() || tables.empty()) return;
    const std::string rows = quoted(dbfixture::source_folder() / "testdata" / "mariadb" / "rows.sql");
    CHECK(said_by(script("round_trip.py", quoted(values))) ==
          "3 tables, 9 rows, 1699 bytes in hexadecimal form, 4 formats: 0 differences\nstatus 0\n");
    dbfixture::MariaDbClient("").run("DROP DATABASE IF EXISTS zoo2; CREATE DATABASE zoo2");
    CHECK(
        said_by(script("round_trip.py", quoted(tables) + " " + rows)) ==
        "17 tables, 47 rows, 1071 bytes in hexadecimal form, 4 formats: 0 differences\nrefused, without transactions: "
        "ar, grp, me, mi\nstatus 0\n");
    dbfixture::MariaDbClient("").run("DROP DATABASE zoo2");
}

TEST_CASE("a load on MariaDB that is killed, or that meets an application, is there whole or not at all",
          "[mariadb][slow]") {
    if (skipped()) return;
    const std::string said = said_by(script("kills.py", "30"));
    INFO(said);
    CHECK(said.find("): 0 differences\nstatus 0\n") != std::string::npos);
}

TEST_CASE(
    "a state on MariaDB is as before or as after, whoever is killed when, and the next command clears what is left",
    "[mariadb][slow]") {
    if (skipped()) return;
    const std::string said = said_by(script("state_kills.py", "--times 2 --rounds 12"));
    INFO(said);
    CHECK(said.find("\n0 differences\nstatus 0\n") != std::string::npos);
}

TEST_CASE("a load on MariaDB that is begun again says nothing of it; of what is read once, the first try is the last",
          "[mariadb]") {
    if (skipped()) return;
    const dbfixture::MariaDbTestDatabase test(
        "CREATE TABLE t (id INT PRIMARY KEY, x INT); CREATE SEQUENCE tries NOCACHE; CREATE TRIGGER refuse BEFORE "
        "INSERT "
        "ON t FOR EACH ROW IF NEXTVAL(tries) <= 2 THEN SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = "
        "'met another one'; END IF");
    const std::string write = "echo '{\"model\": \"t\", \"pk\": 1, \"fields\": {\"x\": 5}}' > f.jsonl; ",
                      load = "dbfixture loaddata --triggers -d '" + test.url() + "' ";
    const auto tries = [&] { return test.run("SELECT next_not_cached_value - 1 FROM tries"); };
    for (const std::string& line :
         {load + "- < f.jsonl", "mkfifo p.jsonl; cat f.jsonl > p.jsonl & " + load + "p.jsonl"}) {
        const std::string said = said_by(write + line);
        INFO(said);
        CHECK(said.find("\n  detail: met another one\n") != std::string::npos);
        CHECK(said.ends_with("status 5\n"));
        CHECK(tries() == "1\n");
        CHECK(test.run("ALTER SEQUENCE tries RESTART; SELECT COUNT(*) FROM t") == "0\n");
    }
    CHECK(said_by(write + load + "f.jsonl") == "Installed 1 object(s) from 1 fixture(s)\nstatus 0\n");
    CHECK(tries() == "3\n");
}

TEST_CASE("a connection to MariaDB is encrypted, and the server known, where the address or an option file wants it",
          "[mariadb][slow]") {
    if (skipped()) return;
    const std::string said = said_by(script("tls.py", ""));
    INFO(said);
    if (said.ends_with("status 77\n")) {
        WARN("SKIPPED: TLS of MariaDB: openssl is not installed (Debian: openssl)");
        return;
    }
    CHECK(said == "37 connections, 0 differences\nstatus 0\n");
}

TEST_CASE("a password for MariaDB shows neither in what the program says nor in the list of processes", "[mariadb]") {
    if (skipped()) return;
    const dbfixture::MariaDbTestDatabase test("CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1)");
    const std::string rest = "/" + test.name() + "?socket=" + dbfixture::mariadb_folder() + "/socket",
                      user = "u" + test.name();
    dbfixture::MariaDbClient("").run("CREATE USER " + user + " IDENTIFIED BY 's3cret'; GRANT ALL ON *.* TO " + user);
    // A lock holds the program up while it is looked at.
    dbfixture::MariaDbClient holder(test.name());
    holder.run("LOCK TABLES t WRITE");
    const std::string said =
        said_by("(dbfixture dumpdata --busy-timeout 2000 -d 'mysql://" + user + ":s3cret@" + rest +
                "' & one=$!; dbfixture dumpdata --busy-timeout 2000 -d '" + user + ":s3cret@unix(" +
                dbfixture::mariadb_folder() + "/socket)/" + test.name() +
                "' & sleep 1; tr '\\0' ' ' <\"/proc/$one/cmdline\"; tr '\\0' ' ' <\"/proc/$!/cmdline\"; wait $one $!); "
                "dbfixture "
                "inspect -v 3 -d 'mysql://" +
                user + ":s3cret-wrong@" + rest + "'; MYSQL_PWD=s3cret dbfixture inspect --busy-timeout 0 -d 'mysql://" +
                user + "@" + rest +
                "'; dbfixture inspect --json -d 'mysql://u:s3cret/p@h/x'; dbfixture inspect -d 'mysql//u:s3cret@h/x'");
    INFO(said);
    CHECK(said.find("dumpdata --busy-timeout 2000 -d mysql://" + user + ":xxxxxx@/") != std::string::npos);
    CHECK(said.find(user + ":xxxxxx@unix(") != std::string::npos);
    CHECK(said.find("is locked by another connection") != std::string::npos);
    CHECK(said.find("Access denied for user") != std::string::npos);
    CHECK(said.find("s3c") == std::string::npos);
    dbfixture::MariaDbClient("").run("DROP USER " + user);
}

TEST_CASE("a signal ends a statement on MariaDB's server too, and nothing has changed", "[mariadb]") {
    if (skipped()) return;
    const dbfixture::MariaDbTestDatabase test(
        "CREATE TABLE t (id INT PRIMARY KEY, x INT CHECK (x >= 0)); INSERT INTO t VALUES (1, 1)");
    dbfixture::MariaDbClient holder(test.name());
    holder.run("START TRANSACTION; UPDATE t SET x = 2 WHERE id = 1");
    const std::string said = said_by(
        "echo '[{\"model\": \"t\", \"pk\": 2, \"fields\": {\"x\": 5}}, {\"model\": \"t\", \"pk\": 1, \"fields\": "
        "{\"x\": "
        "9}}]' > f.json; timeout 1 dbfixture loaddata --busy-timeout 20000 f.json -d '" +
        test.url() + "'");
    CHECK(said == "dbfixture: error: terminated\nstatus 124\n");
    CHECK(holder.run("SELECT COUNT(*) FROM information_schema.processlist WHERE db = '" + test.name() + "'") == "1\n");
    holder.run("ROLLBACK");
    CHECK(test.run("SELECT * FROM t") == "1|1\n");
}

TEST_CASE("what is not there yet for MariaDB, and what a guard refuses there, says so", "[mariadb]") {
    if (skipped()) return;
    const dbfixture::MariaDbTestDatabase test("CREATE TABLE t (id INT PRIMARY KEY)");
    dbfixture::MariaDbClient("").run("CREATE DATABASE shop_" + test.name().substr(5));
    const std::string shop = "shop_" + test.name().substr(5);
    const std::string url = " -d '" + test.url() + "'";
    CHECK(said_by("dbfixture snapshot --template a" + url).ends_with("status 2\n"));
    const std::string refused = said_by("dbfixture flush --no-input -d 'mysql://root@/" + shop +
                                        "?socket=" + dbfixture::mariadb_folder() + "/socket'");
    CHECK(refused.ends_with("status 3\n"));
    CHECK(said_by("dbfixture inspect -d 'mysql://root@/nothing_like_it?socket=" + dbfixture::mariadb_folder() +
                  "/socket'")
              .ends_with("status 4\n"));
    dbfixture::MariaDbClient("").run("DROP DATABASE " + shop);
}

TEST_CASE(
    "what a user of MariaDB may not do is refused by table, and what it may not see is no part of a dump in silence",
    "[mariadb]") {
    if (skipped()) return;
    const dbfixture::MariaDbTestDatabase test(
        "CREATE TABLE seen (id INT PRIMARY KEY, v INT); INSERT INTO seen VALUES (1, 2); CREATE TABLE unseen (x INT)");
    dbfixture::MariaDbClient server("");
    const std::string user = "u" + test.name();
    const auto lines = [&](const std::string& command) {
        return said_by("echo '[{\"model\": \"seen\", \"pk\": 1, \"fields\": {\"v\": 3}}]' | dbfixture " + command +
                       " -d '" + test.url(user) + "' 2>&1 | sed 's/" + user + "/USER/; s/" + test.name() +
                       "/DATABASE/'");
    };
    const auto denied = [](const std::string& privilege) {
        return "dbfixture: error: this user lacks the privilege \"" + privilege +
               "\" on table \"seen\"\n  detail: " + privilege +
               " command denied to user 'USER'@'localhost' for table `DATABASE`.`seen`\n  hint: connect as a "
               "user that has this privilege, or have it granted\nstatus 0\n";
    };
    const std::string row = "{\"model\": \"seen\", \"pk\": 1, \"fields\": {\"v\": 2}}", rows = "[\n" + row + "\n]\n",
                      warning =
                          "dbfixture: warning: this user may not read the database as a whole: a table that it has "
                          "no right to is not seen\n";
    std::string like = test.name();  // as grants name it: "_" is any character
    like.replace(like.find('_'), 1, "\\_");
    server.run("CREATE USER " + user + "@localhost; GRANT SELECT ON " + test.name() + ".seen TO " + user +
               "@localhost");
    CHECK(lines("dumpdata seen") == rows + "status 0\n");
    CHECK(lines("dumpdata") == warning + rows + "status 0\n");
    CHECK(lines("loaddata -") == denied("UPDATE"));
    CHECK(lines("loaddata --replace -") == denied("DELETE"));
    CHECK(lines("flush --no-input") == denied("DELETE"));
    server.run("REVOKE SELECT ON " + test.name() + ".seen FROM " + user + "@localhost; GRANT SELECT (id) ON " +
               test.name() + ".seen TO " + user + "@localhost");
    for (const std::string command : {"dumpdata seen", "dumpdata"}) {
        const std::string said = lines(command);
        CHECK(
            said.find("error: table \"seen\" cannot be read\n  detail: this user may not read all of its columns\n") !=
            std::string::npos);
    }
    for (const std::string& place : {"`" + like + "`", "`" + test.name() + "`", std::string("*")}) {
        server.run("REVOKE ALL, GRANT OPTION FROM " + user + "@localhost; GRANT SELECT ON " + place + ".* TO " + user +
                   "@localhost");
        CHECK(lines("dumpdata --exclude unseen") == rows + "status 0\n");
    }
    server.run("DROP USER " + user + "@localhost");
    CHECK(test.run("SELECT * FROM seen") == "1|2\n");
}
