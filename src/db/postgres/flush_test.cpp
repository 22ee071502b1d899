// SPDX-License-Identifier: MIT
// Emptying tables: what only PostgreSQL has. What every engine must do is in src/db/contract_*test.cpp.
#include <catch2/catch.hpp>

#include "base/cat.h"
#include "db/contract_engine_test.h"
#include "db/postgres/test_server_test.h"

namespace dbfixture {
namespace {

void flush_all(const PostgresTestDatabase& database) {
    const auto connection = open_database(DatabaseUrl(database.url()), {OpenMode::kReadWrite, 2000});
    FlushRequest request;
    for (std::size_t table = 0; table < connection->schema().tables.size(); ++table)
        request.tables.push_back(table);
    connection->flush(request);
}

}  // namespace

TEST_CASE(
    "PostgreSQL: a flush starts anew the sequences that do not stand at their start, and makes no file for others") {
    if (postgres_folder().empty()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE unused (id serial PRIMARY KEY); INSERT INTO unused VALUES (7);"
        "CREATE TABLE taken (id int GENERATED ALWAYS AS IDENTITY (START 3 INCREMENT 2)); INSERT INTO taken DEFAULT "
        "VALUES;"
        "CREATE TABLE moved (id serial); SELECT setval('moved_id_seq', 9, false);"
        "CREATE TABLE once (id serial); SELECT setval('once_id_seq', 1, true);"
        "CREATE TABLE put_by (id int GENERATED ALWAYS AS IDENTITY (CACHE 5))");
    // Which holds numbers of the sequence, whatever its relation says.
    PostgresClient other(database.parameters());
    other.run("INSERT INTO put_by DEFAULT VALUES; SELECT setval('put_by_id_seq', 1, false)");
    const std::string sequences =
        "SELECT relname, pg_relation_filenode(oid) FROM pg_class WHERE relkind = 'S' AND relname LIKE ";
    const std::string unused = database.run(sequences + "'unused%'"), used = database.run(sequences + "'taken%'");

    flush_all(database);
    CHECK(database.run(sequences + "'unused%'") == unused);
    CHECK(database.run(sequences + "'taken%'") != used);
    CHECK(database.run("SELECT nextval('unused_id_seq'), nextval('taken_id_seq'), nextval('moved_id_seq'), "
                       "nextval('once_id_seq')") == "1|3|1|1\n");
    CHECK(other.run("INSERT INTO put_by DEFAULT VALUES RETURNING id") == "1\n");
    CHECK(database.run("SELECT count(*) FROM unused, taken, moved, once") == "0\n");
}

TEST_CASE("PostgreSQL: what guards a database is asked on the connection that is there") {
    if (postgres_folder().empty()) return;
    const PostgresTestDatabase database("CREATE TABLE t (id int)");
    const std::string role = cat("one_", database.name());
    database.run(cat("CREATE ROLE ", role, " LOGIN; ALTER TABLE t OWNER TO ", role, "; ALTER DATABASE ",
                     database.name(), " SET dbfixture.disposable = 'on'; ALTER DATABASE ", database.name(),
                     " CONNECTION LIMIT 1"));
    const Location location = locate(DatabaseUrl(database.url(role)));
    const auto connection = open_database(location, {OpenMode::kReadWrite, 2000});
    CHECK(opinion_of(location, 2000).disposable);
    CHECK(connection->flush({{*connection->schema().find("t")}, false}) == std::vector<std::uint64_t>{0});
    database.run(cat("DROP OWNED BY ", role, "; DROP ROLE ", role));
}

}  // namespace dbfixture
