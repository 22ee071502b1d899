// SPDX-License-Identifier: MIT
// States that are large enough for a second session to read beside the one that restores (reader_beside.h).
#include <catch2/catch.hpp>
#include <cstdlib>
#include <thread>

#include "base/cat.h"
#include "db/postgres/restore_bench_test.h"

namespace dbfixture {
namespace {

// Of 16 MB and more, with as many rows as two sessions share.
const std::string kLarge =
    "CREATE TABLE large (id int PRIMARY KEY, x text); INSERT INTO large SELECT g, repeat('x', 300) || g FROM "
    "generate_series(1, 50000) g; CREATE TABLE many (id int PRIMARY KEY, x int); INSERT INTO many SELECT g, g FROM "
    "generate_series(1, 25000) g; ";
const std::string kChanges =
    "UPDATE large SET x = 'changed' WHERE id % 5000 = 1; DELETE FROM large WHERE id % 7000 = 2; INSERT INTO large "
    "VALUES (0, 'new'), (60000, 'new'); DELETE FROM many WHERE id IN (1, 12000, 25000); INSERT INTO many VALUES "
    "(-1, 1); ";

}  // namespace

TEST_CASE("PostgreSQL restore: what two sessions have read of large tables is put back") {
    if (no_server()) return;
    RestoreBench b(kLarge);
    REQUIRE(b.saved.state.bytes > std::uint64_t{16} << 20);
    CHECK(b.after("") == "unchanged");
    CHECK(b.after(kChanges) == "different 34");
    CHECK(b.after(kChanges) == "different 34");
    // In the order of their keys they are not any more, and more differ than are told one by one.
    CHECK(b.after("DELETE FROM large WHERE id BETWEEN 20000 AND 20009; DELETE FROM many WHERE id < 3") ==
          "different 12");
    CHECK(b.after("UPDATE many SET x = x + 1 WHERE id > 5000") == "different 40000");
    CHECK(b.after("UPDATE many SET id = -id WHERE id < 10; UPDATE large SET id = -id WHERE id % 4000 = 3") ==
          "different 44");
    CHECK(b.after("DELETE FROM many; TRUNCATE large") == "different 75000");
    CHECK(b.after("") == "unchanged");
}

TEST_CASE("PostgreSQL restore: a large table whose copy was cut, emptied or added to is left as it is") {
    if (no_server()) return;
    RestoreBench b(kLarge);
    const auto copy_of = [&](std::string_view table) {
        std::string number =
            b.database.run(cat("SELECT copied_as FROM ", b.schema(), ".tables WHERE name = '", table, "'"));
        number.pop_back();
        return cat(b.schema(), ".", number);
    };
    const auto refused = [&](const std::string& sql, const std::string& change) {
        INFO(sql << change);
        b.database.run(cat(sql, ";", change));
        const std::string changed = b.contents();
        CHECK(b.restore().starts_with("6: table \"many\" cannot be restored"));
        CHECK(b.contents() == changed);
    };
    const std::string many = copy_of("many");
    SECTION("cut") {
        refused(cat("DELETE FROM ", many, " WHERE id = 12000"), kChanges);
    }
    SECTION("cut, all rows being there") {
        refused(cat("DELETE FROM ", many, " WHERE id = 12000"), "UPDATE many SET x = 0 WHERE id IN (5, 12000)");
    }
    SECTION("emptied") {
        refused(cat("TRUNCATE ", many), kChanges);
        refused("", "DELETE FROM many");
    }
    SECTION("added to") {
        b.database.run(cat("INSERT INTO ", many, " VALUES (-7, 1), (12000, 2)"));
        CHECK(b.after(kChanges) == "different 34");
    }
}

TEST_CASE("PostgreSQL restore: large tables are put back by one session where there is no second one") {
    if (no_server()) return;
    const PostgresTestRole role;
    RestoreBench b(cat(kLarge, "ALTER TABLE large OWNER TO ", role.name(), "; ALTER TABLE many OWNER TO ", role.name(),
                       "; DO $$ BEGIN EXECUTE 'GRANT CREATE ON DATABASE ' || current_database() || ' TO ", role.name(),
                       "'; END $$"),
                   role.name());
    b.database.run(cat("ALTER ROLE ", role.name(), " CONNECTION LIMIT 1"));
    CHECK(b.after(kChanges) == "different 34");
}

TEST_CASE("PostgreSQL restore: who waits for a large table does not keep it from an answer") {
    if (no_server()) return;
    RestoreBench b(kLarge);
    // It stands in the queue before the second session whenever the first has its locks.
    const std::string waits =
        cat("psql -X -q -h ", postgres_folder(), " -U postgres -d ", b.database.name(),
            " -c 'DO $$ BEGIN LOOP LOCK TABLE large, many; COMMIT; END LOOP; END $$' 2>/dev/null");
    int status = 0;
    std::thread waiting([&] { status = std::system(waits.c_str()); });
    for (int i = 0; i < 4; ++i) {
        CHECK(b.after(kChanges) == "different 34");
    }
    b.database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'DO $$ BEGIN LOOP%'");
    waiting.join();
    CHECK(status != 0);  // it had not ended by itself
}

}  // namespace dbfixture
