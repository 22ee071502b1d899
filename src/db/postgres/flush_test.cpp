// SPDX-License-Identifier: MIT
// Emptying tables: what only PostgreSQL has. What every engine must do is in src/db/contract_*test.cpp.
#include <catch2/catch.hpp>

#include "base/cat.h"
#include "db/contract_engine_test.h"
#include "db/postgres/test_server_test.h"

namespace dbfixture {
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
