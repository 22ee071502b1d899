// SPDX-License-Identifier: MIT
// What only a server has of saved states: roles, schemas that others can see and drop, other databases beside.
// contract_saved_test.cpp asks the rest.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/cat.h"
#include "base/error.h"
#include "base/folder_test.h"
#include "db/contract_engine_test.h"
#include "db/saved_mark.h"
#include "db/postgres/test_server_test.h"
#include "db/states.h"

namespace dbfixture {
namespace {

bool skipped() {
    if (!postgres_folder().empty()) return false;
    WARN("SKIPPED: PostgreSQL: no server is installed (Debian: postgresql)");
    return true;
}

std::string error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return cat(static_cast<int>(error.kind), " ", error.message, "; ", error.detail, "; ", error.hint);
    }
    return "none";
}

struct Saving {
    explicit Saving(const std::string& sql, std::string_view user = "postgres")
        : database(sql), states(open_states(locate(DatabaseUrl(database.url(user))), 800)) {}
    std::string place(std::string_view name) const { return store / cat(name, ".copy"); }
    StateSaveReport save(std::string_view name = "state") { return states->save(StateKind::kCopy, place(name)); }
    std::string own_schemas() const {
        return database.run("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'dbfixture\\_%'");
    }
    std::string read(const SavedState& state, const std::string& table) const {
        return contract_read(*states->open(state), table);
    }

    PostgresTestDatabase database;
    TestFolder store;
    std::unique_ptr<States> states;
};

constexpr const char* kShop =
    "CREATE TABLE person (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, twice integer GENERATED "
    "ALWAYS "
    "AS (length(name) * 2) STORED); INSERT INTO person (name) VALUES ('Ada'), (NULL), (E'tab\\tquote\"'); "
    "CREATE TABLE big (id integer PRIMARY KEY, filler text); INSERT INTO big SELECT i, repeat('x', 300) FROM "
    "generate_series(1, 1000) i";

std::string tables_of(const StateSaveReport& report) {
    std::string out;
    for (const StateTable& table : report.tables)
        append(out, cat(table.name, "=", table.rows ? cat(*table.rows) : "?", " "));
    return out;
}

}  // namespace

TEST_CASE("a state of a server is kept in a schema that bears its mark, and is in no selection", "[postgres]") {
    if (skipped()) return;
    Saving saving(kShop);
    const StateSaveReport report = saving.save();
    CHECK(tables_of(report) == "big=1000 person=3 ");
    CHECK(report.warnings.empty());
    CHECK(report.state.bytes > 300000);
    CHECK(saving.own_schemas() == "1\n");
    CHECK(saving.database.run("SELECT nspname ~ '^dbfixture_state_[0-9a-f]{8}$', obj_description(oid, 'pg_namespace')::"
                              "jsonb ->> 'tool' FROM pg_namespace WHERE nspname LIKE 'dbfixture%'") == "t|dbfixture\n");
    const auto connection = open_database(DatabaseUrl(saving.database.url()), {});
    CHECK(connection->schema().labels() == std::vector<std::string>{"big", "person"});
    CHECK(connection->schema_objects() == saving.states->open(report.state)->schema_objects());
    CHECK(saving.read(report.state, "person") == "[1] 'Ada' 6\n[2] null null\n[3] 'tab\tquote\"' 20\n");
    CHECK(saving.read(report.state, "big") == contract_read(*connection, "big"));
}

TEST_CASE("a schema without the mark is the user's, whatever it is called", "[postgres]") {
    if (skipped()) return;
    Saving saving(
        "CREATE SCHEMA dbfixture_mine; CREATE TABLE dbfixture_mine.t (id integer PRIMARY KEY); INSERT INTO "
        "dbfixture_mine.t VALUES (1)");
    CHECK(tables_of(saving.save()) == "dbfixture_mine.t=1 ");
    std::filesystem::remove(saving.place("state"));
    CHECK(saving.states->sweep(saving.store.path()).size() == 1);
    CHECK(saving.own_schemas() == "1\n");
}

TEST_CASE("a state is of all schemas, partitions and children of a table", "[postgres]") {
    if (skipped()) return;
    Saving saving(
        "CREATE SCHEMA app; CREATE TABLE app.t (id integer PRIMARY KEY); INSERT INTO app.t VALUES (1); CREATE TABLE "
        "part (id integer, x text) PARTITION BY RANGE (id); CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) "
        "TO (10); CREATE TABLE part_2 (x text, id integer); ALTER TABLE part ATTACH PARTITION part_2 FOR VALUES FROM "
        "(10) TO (20); INSERT INTO part VALUES (1, 'a'), (11, 'b'); CREATE TABLE parent (id integer); CREATE TABLE "
        "child (y integer) INHERITS (parent); INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2, 3); CREATE "
        "TABLE nothing (); INSERT INTO nothing DEFAULT VALUES");
    const StateSaveReport report = saving.save();
    CHECK(tables_of(report) == "app.t=1 child=1 nothing=1 parent=1 part=2 ");
    saving.database.run("DELETE FROM part; DELETE FROM child");
    CHECK(saving.read(report.state, "part") == "[] 1 'a'\n[] 11 'b'\n");
    CHECK(saving.read(report.state, "parent") == "[] 1\n");
    CHECK(saving.read(report.state, "child") == "[] 2 3\n");
    CHECK(saving.read(report.state, "app.t") == "[1]\n");
    saving.states->verify(report.state);
}

TEST_CASE("an owner of tables may save them, and one who may not make a schema is told the ways out", "[postgres]") {
    if (skipped()) return;
    Saving saving(
        "DROP ROLE IF EXISTS saving_owner; CREATE ROLE saving_owner LOGIN; GRANT CREATE ON SCHEMA public TO "
        "saving_owner",
        "saving_owner");
    PostgresClient(cat(saving.database.parameters(), " user=saving_owner"))
        .run("CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t VALUES (1)");
    const std::string refused = error_of([&] { saving.save(); });
    CHECK(refused.starts_with("7 cannot save copies in "));
    CHECK(
        refused.ends_with(cat("; The role \"saving_owner\" may not create a schema in it.; have it granted (GRANT "
                              "CREATE ON DATABASE \"",
                              saving.database.name(), "\" TO \"saving_owner\"), or save records with --serialized")));
    CHECK(std::filesystem::is_empty(saving.store.path()));
    saving.database.run(cat("GRANT CREATE ON DATABASE ", saving.database.name(), " TO saving_owner"));
    const SavedState state = saving.save().state;
    saving.states->verify(state);
    CHECK(saving.read(state, "t") == "[1]\n");
    saving.database.run("CREATE TABLE secret (id integer)");
    CHECK(error_of([&] { saving.save("other"); })
              .starts_with("7 cannot save table \"public.secret\"; This role has no "
                           "privilege to read it."));
    saving.states->discard(state.place);
    CHECK(saving.own_schemas() == "0\n");
    saving.database.run("DROP OWNED BY saving_owner; DROP ROLE saving_owner");
}

TEST_CASE("copies that somebody changed are a damaged state", "[postgres]") {
    if (skipped()) return;
    Saving saving(kShop);
    int number = 0;
    for (const std::string_view change :
         {"DROP SCHEMA %s CASCADE", "TRUNCATE %s.t1", "DELETE FROM %s.t1 WHERE id = 5",
          "UPDATE %s.t1 SET filler = '''' WHERE id = 5", "ALTER TABLE %s.t1 DROP COLUMN filler", "DROP TABLE %s.t1",
          "DELETE FROM %s.packed", "UPDATE %s.packed SET row = ''(9,x,2)'' WHERE row LIKE ''(1,%%''",
          "DROP TABLE %s.packed", "UPDATE %s.tables SET rows = 4 WHERE rows = 3", "DELETE FROM %s.state",
          "DROP TABLE %s.sequences", "UPDATE %s.sequences SET last_value = 7", "COMMENT ON SCHEMA %s IS NULL"}) {
        INFO(change);
        const SavedState state = saving.save(cat("state", ++number)).state;
        saving.states->verify(state);
        saving.database.run(
            cat("SET client_min_messages = warning; DO $do$ DECLARE s text; BEGIN SELECT nspname FROM "
                "pg_namespace WHERE nspname LIKE 'dbfixture\\_state",
                number, "\\_%' INTO s; EXECUTE format('", change, "', s, s); END $do$"));
        CHECK(error_of([&] { saving.states->verify(state); }).starts_with("6 the state "));
        saving.states->discard(state.place);
    }
}

TEST_CASE("a state is none of a database that took the place of the one it is of", "[postgres]") {
    if (skipped()) return;
    Saving saving(kShop);
    CHECK(saving.states->exists());
    const std::string before = saving.states->identity().id;
    const SavedState state = saving.save().state;
    saving.database.drop();
    CHECK_FALSE(saving.states->exists());
    CHECK_FALSE(saving.states->has_content());
    saving.database.create();
    CHECK(saving.states->exists());
    CHECK(saving.states->identity().id != before);
    CHECK(error_of([&] { saving.states->verify(state); }).find("is of another database") != std::string::npos);
    saving.states->discard(state.place);
    CHECK(std::filesystem::is_empty(saving.store.path()));
}

TEST_CASE("a sweep drops what this store made and does not name any more, and nothing else", "[postgres]") {
    if (skipped()) return;
    Saving saving(kShop);
    const TestFolder other;
    const SavedState kept = saving.save("kept").state;
    const SavedState lost = saving.save("lost").state;
    saving.states->save(StateKind::kCopy, other / "elsewhere.copy");
    saving.database.run("CREATE SCHEMA dbfixture_foreign; COMMENT ON SCHEMA dbfixture_foreign IS 'somebody''s'");
    CHECK(saving.states->sweep(saving.store.path()).empty());
    std::filesystem::remove(lost.place);
    std::filesystem::rename(kept.place, saving.place("renamed"));
    const std::vector<std::string> said = saving.states->sweep(saving.store.path());
    REQUIRE(said.size() == 1);
    CHECK(said[0].starts_with("removed the schema \"dbfixture_lost_"));
    CHECK(saving.own_schemas() == "3\n");
    SavedState renamed = kept;
    renamed.place = saving.place("renamed");
    saving.states->verify(renamed);
}

TEST_CASE("a save that waits in vain says for whom, and leaves nothing", "[postgres]") {
    if (skipped()) return;
    Saving saving(kShop);
    PostgresClient writer(cat(saving.database.parameters(), " application_name=writer"));
    writer.run("BEGIN; UPDATE person SET name = 'x'");
    const std::string busy = error_of([&] { saving.save(); });
    CHECK(busy.starts_with("5 database "));
    CHECK(busy.find("(writer") != std::string::npos);
    CHECK(std::filesystem::is_empty(saving.store.path()));
    CHECK(saving.own_schemas() == "0\n");
    writer.run("COMMIT");
    saving.save();
}

TEST_CASE("what a state of a server does not hold is named", "[postgres]") {
    if (skipped()) return;
    Saving saving(cat(kShop,
                      "; CREATE MATERIALIZED VIEW seen AS SELECT * FROM person; SELECT lo_create(0); CREATE "
                      "EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw; CREATE "
                      "FOREIGN TABLE afar (id integer) SERVER far"));
    const StateSaveReport report = saving.save();
    CHECK(tables_of(report) == "afar=? big=1000 person=3 ");
    CHECK(report.warnings ==
          std::vector<std::string>{
              "rows of the foreign table \"public.afar\" are another server's and are not saved",
              "what the materialized view \"public.seen\" holds is not saved: refresh after a restore",
              "1 large object is not saved"});
}

TEST_CASE("rows are not read from a state once their table's columns are others", "[postgres]") {
    if (skipped()) return;
    for (const std::string_view change :
         {"ALTER TABLE person DROP COLUMN twice; ALTER TABLE person ADD COLUMN twice integer DEFAULT 7",
          "DROP TABLE person", "ALTER TABLE person RENAME TO people"}) {
        INFO(change);
        Saving saving(kShop);
        const SavedState state = saving.save().state;
        saving.database.run("CREATE TABLE more (id integer)");
        CHECK(saving.states->open(state)->schema().labels() == std::vector<std::string>{"big", "person"});
        saving.database.run(std::string(change));
        CHECK(error_of([&] {
                  saving.states->open(state);
              }).starts_with("6 cannot read the saved rows of table \"public.person\""));
    }
}

}  // namespace dbfixture
