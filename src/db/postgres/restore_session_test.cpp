// SPDX-License-Identifier: MIT
// Putting a state back while other sessions are connected; stamps.
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "base/cat.h"
#include "db/postgres/restore_bench_test.h"

namespace dbfixture {
namespace {

const std::string kTables =
    "CREATE TABLE v (id serial PRIMARY KEY, x text); INSERT INTO v (x) SELECT 'x' || g FROM generate_series(1, 5) g; "
    "CREATE TABLE w (id int PRIMARY KEY); INSERT INTO w VALUES (1); ";

bool mentions(const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("PostgreSQL restore: connected sessions keep their prepared statements, and open readers what they see") {
    if (no_server()) return;
    RestoreBench b(kTables);
    PostgresClient application(b.database.parameters()), reader(b.database.parameters());
    application.run("PREPARE get AS SELECT x FROM v WHERE id = $1");
    CHECK(application.run("EXECUTE get(1)") == "x1\n");
    b.database.run("UPDATE v SET x = 'changed'; INSERT INTO w VALUES (2)");
    reader.run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM w");
    CHECK(b.after("") == "different 11");
    CHECK(reader.run("SELECT string_agg(x, ' ') FROM v") == "changed changed changed changed changed\n");
    CHECK(reader.run("SELECT id FROM w ORDER BY 1") == "1\n2\n");
    reader.run("COMMIT");
    CHECK(application.run("EXECUTE get(1)") == "x1\n");
    CHECK(reader.run("SELECT id FROM w") == "1\n");
}

TEST_CASE("PostgreSQL restore: an open writer, DDL or a prepared transaction makes it busy, and is named") {
    if (no_server()) return;
    RestoreBench b(kTables);
    PostgresClient writer(b.database.parameters() + " application_name=app");
    for (const std::string sql : {"UPDATE v SET x = 'open' WHERE id = 1", "ALTER TABLE w ADD COLUMN y int"}) {
        writer.run("BEGIN; " + sql);
        const std::string said = b.restore();
        CHECK(said.starts_with("5: "));
        CHECK(mentions(said, "(app, user \"postgres\", idle in transaction)"));
        writer.run("ROLLBACK");
        CHECK(b.after("") == "unchanged");
    }
    writer.run("BEGIN; INSERT INTO w VALUES (7); PREPARE TRANSACTION 'half done'");
    CHECK(mentions(b.restore(), "the prepared transaction \"half done\""));
    writer.run("COMMIT PREPARED 'half done'");
    CHECK(b.after("") == "different 1");
}

TEST_CASE("PostgreSQL restore: the time that it waits is for all tables together") {
    if (no_server()) return;
    RestoreBench b(kTables);
    PostgresClient first(b.database.parameters()), second(b.database.parameters());
    first.run("BEGIN; UPDATE v SET x = 'open'");
    second.run("BEGIN; UPDATE w SET id = 9");
    const auto states = open_states(locate(DatabaseUrl(b.database.url())), 700);
    std::thread ends([&first] {
        std::this_thread::sleep_for(std::chrono::milliseconds(600));
        first.attempt("ROLLBACK");
    });
    const auto start = std::chrono::steady_clock::now();
    const std::string said = b.restore(*states);
    const auto waited = std::chrono::steady_clock::now() - start;
    ends.join();
    CHECK(said.starts_with("5: "));
    CHECK(waited < std::chrono::milliseconds(6000));
    second.run("ROLLBACK");
    CHECK(b.after("") == "unchanged");
}

TEST_CASE("PostgreSQL restore: a sequence of a role that does not own it is put back right before the end") {
    if (no_server()) return;
    const PostgresTestRole role;
    RestoreBench b(kTables + cat("DO $$ BEGIN EXECUTE 'GRANT CREATE ON DATABASE ' || current_database() || ' TO ",
                                 role.name(), "'; END $$; GRANT ALL ON ALL TABLES IN SCHEMA public TO ", role.name(),
                                 "; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ", role.name()),
                   role.name());
    CHECK(b.after("SELECT nextval('v_id_seq')") == "different");
    CHECK(b.after("INSERT INTO v (x) VALUES ('new')") == "different 1");
    b.database.run(cat("DROP OWNED BY ", role.name(), " CASCADE"));
}

TEST_CASE("PostgreSQL restore: a stamp knows an untouched database without reading a row") {
    if (no_server()) return;
    RestoreBench b(kTables);
    std::string stamp = b.saved.stamp;
    REQUIRE_FALSE(stamp.empty());
    CHECK(b.restore(stamp) == "untouched");
    CHECK(b.report.stamp == stamp);
    b.database.run("BEGIN; SELECT count(*) FROM v; COMMIT");
    CHECK(b.restore(stamp) == "untouched");
    SECTION("a row was written") {
        b.database.run("UPDATE v SET x = 'changed' WHERE id = 1");
        CHECK(b.restore(stamp) == "different 2");
        CHECK(b.contents() == b.before);
        stamp = b.report.stamp;
        CHECK(b.restore(stamp) == "untouched");
    }
    SECTION("a sequence went on, without a number of a transaction") {
        b.database.run("SELECT nextval('v_id_seq')");
        b.restore(stamp);
        CHECK(b.contents() == b.before);
        stamp = b.report.stamp;
        CHECK(b.restore(stamp) == "untouched");
        b.database.run("SELECT nextval('v_id_seq')");  // the first after setval() takes a number
        b.database.run("SELECT nextval('v_id_seq')");
        CHECK(b.restore(stamp) == "different");
        CHECK(b.contents() == b.before);
    }
    SECTION("something was written in another database") {
        const PostgresTestDatabase other("CREATE TABLE t (v int)");
        CHECK(b.restore(stamp) == "unchanged");
        CHECK(b.restore(b.report.stamp) == "untouched");
    }
    SECTION("a writer is still open") {
        PostgresClient writer(b.database.parameters());
        writer.run("BEGIN; UPDATE v SET x = 'open'");
        CHECK(b.restore(stamp).starts_with("5: "));
        writer.run("ROLLBACK");
        CHECK(b.restore(stamp) == "unchanged");
    }
}

TEST_CASE("PostgreSQL restore: no stamp is taken while an older transaction is open, nor with an unlogged sequence") {
    if (no_server()) return;
    RestoreBench b(kTables);
    PostgresClient old("dbname=postgres");
    old.run("BEGIN; SELECT pg_current_xact_id()");
    CHECK(b.after("UPDATE v SET x = 'changed'") == "different 10");
    CHECK(b.report.stamp.empty());
    old.run("COMMIT");
    CHECK(b.after("") == "unchanged");
    CHECK_FALSE(b.report.stamp.empty());
    b.database.run("CREATE UNLOGGED TABLE u (id serial)");
    b.save("second");
    CHECK(b.saved.stamp.empty());
}

}  // namespace dbfixture
