// SPDX-License-Identifier: MIT
// Loading: what only PostgreSQL has. What every engine must do is in src/db/contract_*test.cpp.
#include <catch2/catch.hpp>

#include "base/cat.h"
#include "db/contract_engine_test.h"
#include "db/postgres/test_server_test.h"

namespace dbfixture {
namespace {

// Loads rows and says what came of it: "ok", or the error as it would be printed.
std::string load(const PostgresTestDatabase& database, const std::vector<ContractRow>& rows,
                 std::string_view user = "postgres") {
    return contract_load(*open_database(DatabaseUrl(database.url(user)), {OpenMode::kReadWrite, 2000}), rows);
}

const std::string kDefinitions =
    "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), condeferrable, condeferred, convalidated, "
    "obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE conrelid <> 0 ORDER BY 1, 2";

bool no_server() {
    return postgres_folder().empty();
}

}  // namespace

TEST_CASE("PostgreSQL: an identity that is always generated takes the record's number, in a key and elsewhere") {
    if (no_server()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE a (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, v text); INSERT INTO a (id, v) VALUES "
        "(1, 'x'); CREATE TABLE c (a int REFERENCES a ON DELETE CASCADE); INSERT INTO c VALUES (1)");
    CHECK(load(database, {{"a", {{"id", n(1)}, {"n", n(70)}, {"v", t("x")}}}}) == "ok");
    CHECK(database.run("SELECT * FROM a") == "1|70|x\n");
    CHECK(database.run("SELECT * FROM c") == "1\n");  // no action ran
}

TEST_CASE("PostgreSQL: keys are compared as their type compares them, and take the record's spelling") {
    if (no_server()) return;
    const PostgresTestDatabase database(
        "CREATE EXTENSION citext; CREATE TABLE k (k citext PRIMARY KEY, v int); INSERT INTO k VALUES ('Ab', 1); CREATE "
        "TABLE c (id int PRIMARY KEY, k citext REFERENCES k)");
    CHECK(load(database, {{"k", {{"k", t("aB")}, {"v", n(1)}}}, {"c", {{"id", n(1)}, {"k", t("AB")}}}}) == "ok");
    CHECK(database.run("SELECT k::text, v FROM k") == "aB|1\n");
}

TEST_CASE("PostgreSQL: a row that only equals what is there, but is not the same, is changed") {
    if (no_server()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE v (id int PRIMARY KEY, x numeric, y interval); INSERT INTO v VALUES (1, 1.5, '30 days')");
    CHECK(load(database, {{"v", {{"id", n(1)}, {"x", Value::decimal("1.50")}, {"y", t("1 mon")}}}}) == "ok");
    CHECK(database.run("SELECT x, y FROM v") == "1.50|1 mon\n");
}

TEST_CASE("PostgreSQL: partitions are written by their root, parents without their children, bags by adding") {
    if (no_server()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE i (id int PRIMARY KEY, v text); CREATE TABLE i2 () INHERITS (i); INSERT INTO i2 VALUES (1, "
        "'child'); CREATE TABLE b (v int); INSERT INTO b VALUES (1); CREATE TABLE p (id int PRIMARY KEY, v text) "
        "PARTITION BY HASH (id); CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE "
        "p1 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 1); INSERT INTO p VALUES (1, 'a')");
    CHECK(load(database, {{"i", {{"id", n(1)}, {"v", t("parent")}}},
                          {"p", {{"id", n(1)}, {"v", t("b")}}},
                          {"p", {{"id", n(2)}, {"v", t("c")}}}}) == "ok");
    CHECK(database.run("SELECT tableoid::regclass, v FROM i ORDER BY 1") == "i|parent\ni2|child\n");
    CHECK(database.run("SELECT * FROM p ORDER BY id") == "1|b\n2|c\n");
}

TEST_CASE("PostgreSQL: orphans from before neither block a load nor hide what it brings") {
    if (no_server()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p, v text); INSERT "
        "INTO p VALUES (1); SET session_replication_role = replica; INSERT INTO c VALUES (1, 99, 'old'), (2, 1, 'ok')");
    CHECK(load(database, {{"c", {{"id", n(1)}, {"p", n(99)}, {"v", t("new")}}}}) == "ok");
    CHECK(load(database, {{"c", {{"id", n(2)}, {"p", n(98)}, {"v", t("new")}}}}) == "6 f:10: record 1 (c pk=2) p");
    CHECK(database.run("SELECT * FROM c ORDER BY id") == "1|99|new\n2|1|ok\n");
}

TEST_CASE("PostgreSQL: what a load knows of its own keys counts for nothing where a trigger moves a row") {
    if (no_server()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p); CREATE FUNCTION "
        "f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id := 5; RETURN NEW; END'; CREATE TRIGGER moves BEFORE "
        "INSERT ON p FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE p ENABLE ALWAYS TRIGGER moves");
    CHECK(load(database, {{"p", {{"id", n(1)}}}, {"c", {{"id", n(1)}, {"p", n(1)}}}}) != "ok");
}

TEST_CASE("PostgreSQL: an owner's load leaves every constraint as it was, whatever the session's own settings") {
    if (no_server()) return;
    const PostgresTestDatabase database;
    const std::string role = database.name() + "_owner";
    database.run("CREATE ROLE " + role + " LOGIN; GRANT CREATE, USAGE ON SCHEMA public TO " + role);
    const std::string as_owner = "SET ROLE " + role + "; ";
    database.run(
        as_owner +
        "CREATE TABLE p (id int PRIMARY KEY, c int); CREATE TABLE c (id int PRIMARY KEY, p int NOT NULL, d date, "
        "CONSTRAINT c_p FOREIGN KEY (p) REFERENCES p ON DELETE CASCADE); COMMENT ON CONSTRAINT c_p ON c IS "
        "'it''s kept'; ALTER TABLE p ADD CONSTRAINT p_c FOREIGN KEY (c) REFERENCES c DEFERRABLE NOT VALID");
    for (const std::string_view setting :
         {"datestyle TO 'SQL, DMY'", "search_path TO nowhere, public, pg_catalog", "standard_conforming_strings TO off",
          "statement_timeout TO 50", "default_transaction_read_only TO on"})
        database.run(cat("ALTER ROLE ", role, " IN DATABASE ", database.name(), " SET ", setting));
    const std::string before = database.run(kDefinitions);
    const std::vector<ContractRow> rows = {{"c", {{"id", n(1)}, {"p", n(2)}, {"d", t("2024-03-04")}}},
                                           {"p", {{"id", n(2)}, {"c", n(1)}}}};
    CHECK(load(database, rows, role) == "ok");
    CHECK(load(database, {{"c", {{"id", n(2)}, {"p", n(3)}}}}, role) == "6 f:10: record 1 (c pk=2) p");
    CHECK(database.run(kDefinitions) == before);
    CHECK(database.run("SELECT * FROM c") == "1|2|2024-03-04\n");
    database.run("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_CASE("PostgreSQL: checks that wait for the end hinder neither other tables nor indexes that are built anew") {
    if (no_server()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE others (id int PRIMARY KEY); INSERT INTO others VALUES (1); GRANT SELECT, REFERENCES ON others "
        "TO "
        "public; GRANT CREATE ON SCHEMA public TO public");
    const std::string role = database.name() + "_owner";
    database.run("CREATE ROLE " + role + " LOGIN; SET ROLE " + role +
                 "; CREATE TABLE a (id int PRIMARY KEY, o int REFERENCES others, v int, u int UNIQUE DEFERRABLE "
                 "INITIALLY DEFERRED); CREATE INDEX a_v ON a (v); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES "
                 "a); RESET ROLE; REVOKE REFERENCES ON others FROM public");
    const std::string before = database.run(kDefinitions);
    std::vector<ContractRow> rows;
    for (int i = 1; i <= 11'000; ++i)
        rows.push_back({"a", {{"id", n(i)}, {"o", n(1)}, {"v", n(i % 7)}, {"u", n(i)}}});
    rows.push_back({"b", {{"id", n(1)}, {"a", n(11'000)}}});
    CHECK(load(database, rows, role) == "ok");
    CHECK(database.run("SELECT count(*), max(b.a) FROM a, b") == "11000|11000\n");
    CHECK(database.run("SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'a'::regclass AND NOT "
                       "indisunique") == "CREATE INDEX a_v ON public.a USING btree (v)\n");
    CHECK(database.run(kDefinitions) == before);
    database.run("TRUNCATE a, b");
    rows.back() = {"a", {{"id", n(11'001)}, {"o", n(1)}, {"u", n(5)}}};
    CHECK(load(database, rows, role) == "6 f:110010: record 11001 (a pk=11001) u");
    rows.back() = {"a", {{"id", n(11'001)}, {"o", n(2)}, {"u", n(0)}}};
    CHECK(load(database, rows, role) == "6 f:110010: record 11001 (a pk=11001) o");
    database.run("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_CASE("PostgreSQL: a table that was emptied is made ready for rows as any other") {
    if (no_server()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p); INSERT INTO p "
        "VALUES (1); INSERT INTO c VALUES (9, 1); GRANT SELECT, INSERT ON p TO public");
    const std::string role = database.name() + "_owner";
    database.run("CREATE ROLE " + role + " LOGIN; ALTER TABLE p OWNER TO " + role + "; ALTER TABLE c OWNER TO " + role);
    const auto replace = [&](int parent) -> std::string {
        const auto connection = open_database(DatabaseUrl(database.url(role)), {OpenMode::kReadWrite, 2000});
        LoadOptions options;
        options.files = {"f"};
        try {
            const auto session = connection->begin_load(options);
            const std::uint16_t columns[] = {0, 1};
            const Value values[] = {n(1), n(parent)};
            BoundRow row;
            row.table = static_cast<std::uint32_t>(*connection->schema().find("c"));
            row.columns = columns;
            row.values = values;
            row.origin = {0, 10, 1};
            session->empty_table(row.table);
            session->write({&row, 1});
            session->finish();
            session->commit();
        } catch (const Error& error) {
            return cat(static_cast<int>(error.kind), " ", format_where(error.where), " ", error.message);
        }
        return "ok";
    };
    CHECK(replace(2) == "6 f:10: record 1 (c pk=1) column \"p\" refers to \"p\" id=2, which does not exist");
    database.run("REVOKE INSERT ON c FROM " + role);
    CHECK(replace(1) == "3  this role may not write table \"c\"");
    CHECK(database.run("SELECT * FROM c") == "9|1\n");
    database.run("GRANT INSERT ON c TO " + role);
    CHECK(replace(1) == "ok");
    CHECK(database.run("SELECT * FROM c") == "1|1\n");
    database.run("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_CASE("PostgreSQL: what would act or hide rows in spite of a load is refused by name") {
    if (no_server()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE a (id int PRIMARY KEY); CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN "
        "RETURN "
        "NEW; END'; CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION nothing(); ALTER TABLE a ENABLE "
        "ALWAYS TRIGGER t");
    CHECK(load(database, {{"a", {{"id", n(1)}}}}) == "3 ");
    CHECK(database.run("SELECT count(*) FROM a") == "0\n");
}

TEST_CASE("PostgreSQL: a rule that would act on the rows is refused, one that does not act is not") {
    if (no_server()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1); CREATE RULE r "
        "AS ON INSERT TO a DO INSTEAD NOTHING; ALTER TABLE a ENABLE ALWAYS RULE r");
    const std::vector<ContractRow> rows = {{"a", {{"id", n(2)}}}};
    CHECK(load(database, rows) == "3 ");
    database.run("ALTER TABLE a ENABLE REPLICA RULE r");
    CHECK(load(database, rows) == "3 ");
    CHECK(database.run("SELECT * FROM a") == "1\n");
    database.run("ALTER TABLE a ENABLE RULE r");
    CHECK(load(database, rows) == "ok");
    CHECK(database.run("SELECT * FROM a ORDER BY id") == "1\n2\n");
}

TEST_CASE("PostgreSQL: numbers of new rows follow shared and descending sequences") {
    if (no_server()) return;
    const PostgresTestDatabase database(
        "CREATE SEQUENCE s; CREATE TABLE a (id int PRIMARY KEY DEFAULT nextval('s')); CREATE TABLE b (id int PRIMARY "
        "KEY "
        "DEFAULT nextval('s'), v int); CREATE SEQUENCE d INCREMENT -1; CREATE TABLE c (id int PRIMARY KEY DEFAULT "
        "nextval('d'), v int)");
    CHECK(load(database, {{"a", {{"id", n(7)}}},
                          {"b", {{"id", n(9)}}},
                          {"b", {{"v", n(1)}}, true},
                          {"c", {{"id", n(-5)}}},
                          {"c", {{"v", n(1)}}, true}}) == "ok");
    CHECK(database.run("SELECT id FROM b ORDER BY id") == "9\n10\n");
    CHECK(database.run("SELECT id FROM c ORDER BY id") == "-6\n-5\n");
    CHECK(database.run("SELECT nextval('s'), nextval('d')") == "11|-7\n");
}

TEST_CASE("PostgreSQL: unique values are not swapped where a foreign key that cannot be paused would act") {
    if (no_server()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE p (id int PRIMARY KEY, u text UNIQUE); INSERT INTO p VALUES (1, 'a'), (2, 'b'); CREATE TABLE c "
        "(id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE); INSERT INTO c VALUES (1, 1), (2, 2)");
    const std::string role = database.name() + "_user";
    database.run("CREATE ROLE " + role + " LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO " + role);
    CHECK(load(database, {{"p", {{"id", n(1)}, {"u", t("b")}}}, {"p", {{"id", n(2)}, {"u", t("a")}}}}, role)
              .starts_with("3 "));
    CHECK(database.run("SELECT * FROM p ORDER BY id") == "1|a\n2|b\n");
    CHECK(load(database, {{"p", {{"id", n(1)}, {"u", t("c")}}}}, role) == "ok");
    CHECK(database.run("SELECT * FROM p, c WHERE p = p.id ORDER BY p.id") == "1|c|1|1\n2|b|2|2\n");
    database.run("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

}  // namespace dbfixture
