// SPDX-License-Identifier: MIT
// Snapshots of kind "template" on a PostgreSQL server: the database is made anew, schema and all.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "base/cat.h"
#include "db/postgres/test_server_test.h"
#include "postgres_original_test.h"
#include "program_test.h"

using namespace dbfixture_test;
using dbfixture::cat;
using dbfixture::PostgresClient;

namespace {

// What pg_dump says of a database, rows too, without a line that is another one each time.
constexpr auto kDump = "pg_dump -d \"$URL\" --create -N 'dbfixture_*' | grep -v restrict";

constexpr auto kSchema =
    "CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE TABLE t (id serial PRIMARY KEY, m mood); INSERT INTO t (m) "
    "VALUES "
    "('good'), ('bad'); CREATE VIEW v AS SELECT count(*) FROM t; CREATE SCHEMA s; CREATE TABLE s.u (t int REFERENCES "
    "t)";

}  // namespace

TEST_CASE("a template brings back rows, schema and settings, and the database keeps its owner and its rights",
          "[postgres][state]") {
    if (without_postgres()) return;
    Original original(kSchema);
    const std::string role = cat("shopkeeper_", static_cast<int>(::getpid()));
    original.server.run(cat("CREATE ROLE ", role, " LOGIN; ALTER DATABASE ", original.name, " OWNER TO ", role,
                            "; REVOKE ALL ON DATABASE ", original.name, " FROM PUBLIC; ALTER DATABASE ", original.name,
                            " CONNECTION LIMIT 9; COMMENT ON DATABASE ", original.name, " IS 'of a person'",
                            "; ALTER DATABASE ", original.name, " SET work_mem = '5MB'"));
    CHECK(original.said_by(cat(kDump, " >before; dbfixture snapshot base --template -q -d \"$URL\"")) == "status 0\n");
    original.server.run(cat("ALTER DATABASE ", original.name, " SET work_mem = '6MB'"));
    PostgresClient("dbname=" + original.name).run("DROP TABLE s.u; ALTER TABLE t ADD x int; CREATE TABLE more (a int)");
    CHECK(original.said_by(cat("dbfixture restore base -q -d \"$URL\"; ", kDump, " | diff before -")) == "status 0\n");
    // Twice, and what the state holds is never changed.
    PostgresClient("dbname=" + original.name).run("DROP SCHEMA s CASCADE; DELETE FROM t");
    CHECK(original.said_by(cat("dbfixture snapshots verify -q -d \"$URL\"; dbfixture restore base -d \"$URL\"; ", kDump,
                               " | diff before -")) == "base: good\nRestored snapshot \"base\" (2 rows)\nstatus 0\n");
    CHECK(original.server.run("SELECT count(*) FROM pg_database WHERE datname ~ '^dbfixture_base_'") == "1\n");
    CHECK(original.said_by("dbfixture snapshots delete base -q -d \"$URL\"") == "status 0\n");
    CHECK(original.server.run("SELECT count(*) FROM pg_database WHERE datname ~ '^dbfixture_base_'") == "0\n");
    original.drop_role(role);
}

TEST_CASE("a template is neither made nor restored while others are connected, but runs can copy it",
          "[postgres][state]") {
    if (without_postgres()) return;
    Original original;
    CHECK(original.said_by("dbfixture snapshot base --template -q -d \"$URL\"") == "status 0\n");
    PostgresClient other("dbname=" + original.name + " application_name=shop");
    other.run("INSERT INTO t VALUES (2)");
    for (const std::string command : {"snapshot other --template", "restore base"}) {
        const std::string said = original.said_by("dbfixture " + command + " --busy-timeout 100 -d \"$URL\"");
        INFO(said);
        CHECK(said.find(" (shop, user \"postgres\", idle).\n  hint: end their connections") != std::string::npos);
        CHECK(said.ends_with("status 5\n"));
    }
    CHECK(original.rows() == "1\n2\n");
    CHECK(original.said_by(R"sh(dbfixture run --temp --restore base -d "$URL" -- sh -c '
        $PSQL "$DATABASE_URL" -c "INSERT INTO t VALUES (3)" -c "SELECT * FROM t ORDER BY 1"')sh") ==
          "1\n3\nstatus 0\n");
    CHECK(original.said_by("dbfixture snapshots delete base -q -d \"$URL\"") == "status 0\n");
    CHECK(original.copies() == "0\n");
}

TEST_CASE("a template ends the sessions of others where that is asked for, and says whose", "[postgres][state]") {
    if (without_postgres()) return;
    Original original;
    const std::string role = cat("visitor_", static_cast<int>(::getpid()));
    original.server.run(cat("CREATE ROLE ", role, " LOGIN CREATEDB"));
    const std::string ended = "(shop, user \"postgres\", idle)";
    for (const std::string command : {"snapshot base --template", "restore base"}) {
        PostgresClient other("dbname=" + original.name + " application_name=shop");
        const std::string said = original.said_by("dbfixture " + command + " --end-sessions -d \"$URL\" 2>&1");
        INFO(said);
        CHECK(said.find("warning: the sessions of others were ended: process ") != std::string::npos);
        CHECK(said.find(ended) != std::string::npos);
        CHECK(said.ends_with("status 0\n"));
        CHECK(other.attempt("SELECT 1") != "1\n");
    }
    original.server.run(cat("ALTER DATABASE ", original.name, " OWNER TO ", role));
    {
        PostgresClient other("dbname=" + original.name + " application_name=shop");
        const std::string refused =
            original.said_by("dbfixture restore base --end-sessions --busy-timeout 100 -d \"$URL\" 2>&1", role);
        INFO(refused);
        CHECK(refused.find("this role may not end the sessions of others in ") != std::string::npos);
        CHECK(refused.ends_with("status 5\n"));
        CHECK(other.run("SELECT id FROM t") == "1\n");
    }
    CHECK(
        original
            .said_by("dbfixture snapshot rows -q -d \"$URL\"; dbfixture restore rows --end-sessions -d \"$URL\" 2>&1; "
                     "dbfixture snapshot more --end-sessions -d \"$URL\" 2>&1")
            .find("of kind \"template\" only") != std::string::npos);
    CHECK(original.said_by("dbfixture snapshots delete base rows -q -d \"$URL\"") == "status 0\n");
    original.drop_role(role);
}

TEST_CASE("a template is not restored over states that would be lost with the database", "[postgres][state]") {
    if (without_postgres()) return;
    Original original;
    CHECK(original.said_by(R"sh(dbfixture snapshot early -q -d "$URL"; dbfixture snapshot base --template -q -d "$URL"
        dbfixture restore base -q -d "$URL"; dbfixture snapshot late -q -d "$URL")sh") == "status 0\n");
    const std::string said = original.said_by("dbfixture restore base -d \"$URL\"");
    INFO(said);
    CHECK(said.find("states that are kept in the database ") != std::string::npos);
    CHECK(said.find("in the schemas \"dbfixture_late_") != std::string::npos);
    CHECK(said.ends_with("status 3\n"));
    CHECK(original.said_by(R"sh(dbfixture snapshots delete late -q -d "$URL"; dbfixture restore base -q -d "$URL"
        dbfixture snapshots delete base -q -d "$URL")sh") == "status 0\n");
}

TEST_CASE("killed while a template is made or restored, the database is whole, and what is left is cleared",
          "[postgres][state]") {
    if (without_postgres()) return;
    Original original(
        "CREATE TABLE t AS SELECT 1 AS id; CREATE TABLE filler AS SELECT repeat('x', 100) FROM generate_series(1, "
        "50000)");
    CHECK(original.said_by("dbfixture snapshot base --template -q -d \"$URL\"") == "status 0\n");
    for (const std::string command : {"snapshot more --force --template", "restore base"}) {
        for (const std::string delay : {"0.05", "0.15"}) {
            original.said_by("dbfixture " + command + " -q -d \"$URL\" & sleep " + delay + "; kill -9 $!; wait");
            // The server takes notice of a client that is gone in half a second.
            CHECK(original.said_by("sleep 0.6; $PSQL \"$URL\" -c 'SELECT id, (SELECT count(*) FROM filler) FROM t'") ==
                  "1|50000\nstatus 0\n");
        }
    }
    CHECK(original.said_by(
              "dbfixture snapshot last --template -q -d \"$URL\" 2>/dev/null; dbfixture snapshots delete last "
              "-q -d \"$URL\"; dbfixture snapshots delete more -q -d \"$URL\" 2>/dev/null; dbfixture restore "
              "base -q -d \"$URL\"; dbfixture snapshots delete base -q -d \"$URL\"") == "status 0\n");
    CHECK(
        original.server.run("SELECT datname FROM pg_database WHERE datname ~ '^dbfixture_(base|more|last)_'").empty());
}
