// SPDX-License-Identifier: MIT
// The program against a PostgreSQL server. The scripts stand in testdata/postgres.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/places_test.h"
#include "base/realdata_test.h"
#include "db/postgres/test_server_test.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

namespace fs = std::filesystem;

bool skipped() {
    if (!dbfixture::postgres_folder().empty()) return false;
    WARN("SKIPPED: PostgreSQL: no server is installed (Debian: postgresql)");
    return true;
}

// The exit status of a shell line, behind what it prints.
std::string said_by(const std::string& line) {
    const WorkFolder temp;
    const int status = shell("cd " + quoted(temp.path) + " && " + environment() + "{ " + line + "; } >" +
                             quoted(temp.path / "said") + " 2>&1");
    return read_file(temp.path / "said") + "status " + std::to_string(status) + "\n";
}

}  // namespace

TEST_CASE("one database on SQLite and on PostgreSQL is dumped to the same bytes, and each loads the other's dump",
          "[postgres][slow]") {
    const fs::path database = dbfixture::find_realdata("chinook/Chinook_Sqlite.sqlite");
    if (skipped() || database.empty()) return;
    const fs::path script = dbfixture::source_folder() / "testdata/postgres/portable.py";
    CHECK(said_by("PYTHONDONTWRITEBYTECODE=1 python3 " + quoted(script) + " " + quoted(dbfixture::program_path()) +
                  " " + quoted(fs::path(dbfixture::postgres_folder())) + " " + quoted(database)) ==
          "1 databases, 0 differences\nstatus 0\n");
}

TEST_CASE("a password shows neither in what the program says nor in the list of processes", "[postgres]") {
    if (skipped()) return;
    const dbfixture::PostgresTestDatabase test("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)");
    const std::string rest = "/" + test.name() + "?host=" + dbfixture::postgres_folder();
    // A lock holds the program up while it is looked at.
    dbfixture::PostgresClient holder(test.parameters());
    holder.run("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
    const std::string said = said_by(
        "(dbfixture dumpdata --busy-timeout 3000 -d 'postgresql://postgres:s3cret@" + rest +
        "' & sleep 1; tr '\\0' ' ' <\"/proc/$!/cmdline\"; wait $!); dbfixture inspect -v 3 -d "
        "'postgresql://postgres:s3cret@127.0.0.1:1/x'; dbfixture dumpdata -d 'host=nowhere s3cret'; dbfixture dumpdata "
        "--json -d 'postgresql://u:s3cret/p@h/x'; dbfixture inspect -d 'postgresql://u:s3c%ret@h/x'");
    INFO(said);
    CHECK(said.find("dumpdata --busy-timeout 3000 -d postgresql://postgres:xxxxxx@/") != std::string::npos);
    CHECK(said.find("is locked by another connection") != std::string::npos);
    CHECK(said.find("Connection refused") != std::string::npos);
    CHECK(said.find("s3c") == std::string::npos);
}

TEST_CASE("what deletes rows on a server wants the name of a database that is no test's", "[postgres]") {
    if (skipped()) return;
    const std::string name = "shop_" + std::to_string(::getpid());
    const std::string url = "'postgresql://postgres@/" + name + "?host=" + dbfixture::postgres_folder() + "'";
    dbfixture::PostgresClient server("dbname=postgres");
    server.run("CREATE DATABASE " + name);
    dbfixture::PostgresClient("dbname=" + name).run("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)");
    const std::string refused = said_by("dbfixture flush --no-input -d " + url);
    INFO(refused);
    CHECK(refused.find("has no word \"test\", and the config does not say disposable: true. This would lose 1 row of 1 "
                       "table.\n  hint: if you mean it: dbfixture flush -d ") != std::string::npos);
    CHECK(refused.ends_with(" --confirm " + name + "\nstatus 3\n"));
    CHECK(said_by("dbfixture flush --confirm " + name + " -d " + url).ends_with("status 0\n"));
    server.run("ALTER DATABASE " + name + " SET dbfixture.disposable = 'on'");
    CHECK(said_by("dbfixture flush --no-input -d " + url).ends_with("status 0\n"));
    dbfixture::PostgresClient("dbname=" + name).run("CREATE PUBLICATION p FOR ALL TABLES");
    CHECK(said_by("dbfixture flush --no-input -d " + url).find("it has 1 publication.") != std::string::npos);
    server.run("DROP DATABASE " + name + " WITH (FORCE)");
}

TEST_CASE("inspect --json names the type of every column of a server's table", "[postgres]") {
    if (skipped()) return;
    const dbfixture::PostgresTestDatabase test(
        "CREATE TABLE t (a boolean, b int, c oid, d real, e numeric, f text, g bytea, h date, i time, j timestamp, k "
        "timestamptz, l interval, m uuid, n jsonb, o int[], p inet)");
    CHECK(said_by("dbfixture inspect --json -d 'postgresql://postgres@/" + test.name() +
                  "?host=" + dbfixture::postgres_folder() + "' | sed -n 's/ *\"type\": //p' | tr -d '\\n'") ==
          R"("boolean","integer","unsigned","real","decimal","text","bytes","date","time","timestamp",)"
          R"("timestamp zone","interval","uuid","json","array","engine text",)"
          "status 0\n");
}
