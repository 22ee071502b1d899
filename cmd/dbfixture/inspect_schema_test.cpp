// SPDX-License-Identifier: MIT
// inspect --json-schema: python3-jsonschema judges dumps by it. Those of Django's databases:
// testdata/django/interop.py.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/cat.h"
#include "base/places_test.h"
#include "base/realdata_test.h"
#include "db/postgres/test_server_test.h"
#include "program_test.h"

using namespace dbfixture_test;
using dbfixture::cat;

namespace {

namespace fs = std::filesystem;

struct Work {
    WorkFolder temp;

    int run(const std::string& script) const {
        return shell(cat("cd ", quoted(temp.path), " && ", environment(), script));
    }
    // 0 if all fit the schema, 1 if one does not, 77 if there is nothing to ask.
    int validate(const std::string& files) const {
        return run(cat("/usr/bin/python3 ", quoted(dbfixture::source_folder() / "testdata/tools/validate.py"),
                       " schema.json ", files, " >&2"));
    }
    bool fits(const std::string& text) const {
        write_file(temp.path / "one.json", text);
        const int status = validate("one.json 2>/dev/null");
        REQUIRE((status == 0 || status == 1));
        return status == 0;
    }
    bool can_validate() const {
        write_file(temp.path / "schema.json", "{}");
        if (validate("schema.json") == 0) return true;
        WARN("SKIPPED: python3-jsonschema or python3-yaml is missing");
        return false;
    }
};

constexpr auto kSql = R"(
create table customers (id integer primary key, name text not null, vip boolean, score real, photo blob, note);
create table orders (nr text, line int, customer int not null references customers, total numeric default 0, primary key (nr, line)) without rowid;
create table bag (a int, rowid, oid, _rowid_); create table log (at timestamp, what json, n int generated always as (1));
insert into customers values (1, 'Ann', 1, 1.5, x'00ff', 7), (2, 'Bo', null, 9e999, null, x'31');
insert into orders values ('a', 1, 1, 2.5), ('a', 2, 2, '?'); insert into bag values (1, 2, 3, 4);
insert into log values ('2024-01-01', '{"a":1}'), (5, 'x');
)";

}  // namespace

TEST_CASE_METHOD(Work, "what dumpdata writes fits the schema that inspect prints, and what is wrong does not",
                 "[schema][slow]") {
    if (!can_validate()) return;
    write_file(temp.path / "db.sql", kSql);
    REQUIRE(run("sqlite3 a.db <db.sql && dbfixture inspect -d a.db --json-schema >schema.json && "
                "dbfixture -q -d a.db dumpdata -o a.json && dbfixture -q -d a.db dumpdata -o a.yaml") == 0);
    CHECK(validate("a.json a.yaml") == 0);
    CHECK(fits(R"([{"model": "customers", "fields": {"name": "Cy"}}, {"model": "log", "fields": {"at": null}}])"));
    for (const char* text : {R"([{"model": "customer", "fields": {}}])", R"([{"model": "customers", "fields": {}}])",
                             R"([{"model": "customers", "pk": "x", "fields": {"name": "Cy"}}])",
                             R"([{"model": "customers", "fields": {"name": "Cy", "nmae": 1}}])",
                             R"([{"model": "customers", "fields": {"name": null}}])",
                             R"([{"model": "customers", "fields": {"name": "Cy", "vip": "yes"}}])",
                             R"([{"model": "customers", "fields": {"name": "Cy", "score": {"$reel": "Infinity"}}}])",
                             R"([{"model": "orders", "pk": ["a"], "fields": {"customer": 1}}])",
                             R"([{"model": "orders", "fields": {"customer": 1}}])",
                             R"([{"model": "orders", "pk": ["a", 3], "fields": {}}])",
                             R"([{"model": "bag", "pk": 1, "fields": {"a": 1}}])",
                             R"([{"model": "log", "fields": {"n": 1}}])", R"([{"model": "log", "field": {}}])"}) {
        INFO(text);
        CHECK_FALSE(fits(text));
    }
    // A column may hold what its type does not say: the schema of that database knows.
    CHECK_FALSE(fits(R"([{"model": "bag", "fields": {"a": "odd"}}])"));
    REQUIRE(run("sqlite3 a.db \"insert into bag (a) values ('odd')\" && dbfixture inspect -d a.db --json-schema "
                ">schema.json && "
                "dbfixture -q -d a.db dumpdata -o a.json") == 0);
    CHECK(validate("a.json") == 0);
    REQUIRE(run("dbfixture inspect -d a.db --json-schema --no-counts >schema.json") == 0);
    CHECK(validate("a.json 2>/dev/null") == 1);
}

TEST_CASE_METHOD(Work, "dumps of real databases fit their schemas", "[schema][realdata][slow]") {
    const fs::path database = dbfixture::find_realdata("chinook/Chinook_Sqlite.sqlite");
    if (database.empty() || !can_validate()) return;
    REQUIRE(run(cat("dbfixture inspect -d ", quoted(database), " --json-schema >schema.json && dbfixture -q -d ",
                    quoted(database), " dumpdata -o all.json && dbfixture -q -d ", quoted(database),
                    " dumpdata Customer Invoice -o some.yaml")) == 0);
    CHECK(validate("all.json some.yaml") == 0);
}

TEST_CASE_METHOD(Work, "dumps of Sakila on PostgreSQL fit its schema", "[schema][postgres][realdata][slow]") {
    const fs::path folder = dbfixture::find_realdata("sakila-postgres");
    if (folder.empty() || dbfixture::postgres_folder().empty() || !can_validate()) return;
    const dbfixture::PostgresTestDatabase server;
    REQUIRE(run(cat("for part in schema data; do psql -q -v ON_ERROR_STOP=1 '", server.url(), "' -f ", quoted(folder),
                    "/$part.sql >out 2>&1 || { cat out; exit 1; }; done")) == 0);
    const std::string url = cat("-d '", server.url(), "' ");
    // Payments and rentals are nine tenths of the rows, which python3-jsonschema takes seconds for.
    REQUIRE(run(cat("dbfixture ", url, "inspect --json-schema >schema.json && dbfixture -q ", url,
                    "dumpdata -e rental -e payment -o most.json")) == 0);
    CHECK(validate("most.json") == 0);
    CHECK_FALSE(fits(R"([{"model": "film", "pk": 1, "fields": {"title": "X", "language_id": "one"}}])"));
}

TEST_CASE_METHOD(Work, "dumps of a PostgreSQL database fit its schema", "[schema][postgres][slow]") {
    if (dbfixture::postgres_folder().empty() || !can_validate()) return;
    const dbfixture::PostgresTestDatabase server(
        "CREATE TYPE mood AS ENUM ('sad', 'ok');"
        "CREATE TABLE kinds (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, b boolean NOT NULL, n numeric(10,2), "
        "r float8,"
        " d date, t timestamptz, i interval, u uuid, j jsonb, a int[], m mood, x bytea, r4 int4range);"
        "INSERT INTO kinds (b, n, r, d, t, i, u, j, a, m, x, r4) VALUES (true, 1.50, 'Infinity', '2024-01-01', now(), "
        "'1 day',"
        " '5b6d1f9e-9a3f-4d2a-8f52-000000000001', '{\"a\": [1]}', '{1,2}', 'ok', '\\x00ff', '[1,5)'), (false, NULL, "
        "1.5, NULL, NULL,"
        " NULL, NULL, '\"text\"', NULL, NULL, NULL, NULL)");
    const std::string url = cat("-d '", server.url(), "' ");
    REQUIRE(run(cat("dbfixture ", url, "inspect --json-schema >schema.json && dbfixture -q ", url,
                    "dumpdata -o all.json && ", "dbfixture -q ", url, "dumpdata -o all.yaml")) == 0);
    CHECK(validate("all.json all.yaml") == 0);
    CHECK_FALSE(fits(R"([{"model": "kinds", "pk": 7, "fields": {"b": 1}}])"));
    CHECK_FALSE(fits(R"([{"model": "kinds", "pk": 7, "fields": {}}])"));
    CHECK(fits(R"([{"model": "kinds", "fields": {"b": true, "n": 2}}])"));
}
