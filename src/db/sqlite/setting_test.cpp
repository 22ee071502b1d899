// SPDX-License-Identifier: MIT
#include "db/sqlite/setting.h"

#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "db/sqlite/flush.h"
#include "db/sqlite/image_check.h"
#include "db/sqlite/introspect.h"
#include "db/sqlite/load_session.h"
#include "db/sqlite/memory_database.h"
#include "db/sqlite/transaction.h"

using namespace dbfixture;
using namespace dbfixture::sqlite;

namespace {

bool is_on(Handle handle, int option) {
    int on = -1;
    sqlite3_db_config(handle.database, option, -1, &on);
    return on == 1;
}

void set(Handle handle, int option, bool on) {
    sqlite3_db_config(handle.database, option, on ? 1 : 0, nullptr);
}

// A table whose trigger writes another.
struct Triggered {
    MemoryDatabase database;
    Handle handle = database.handle();
    Triggered() {
        for (const char* sql :
             {"CREATE TABLE t (id INTEGER PRIMARY KEY)", "CREATE TABLE log (id INTEGER PRIMARY KEY, x)",
              "CREATE TRIGGER after_t AFTER DELETE ON t BEGIN INSERT INTO log (x) VALUES (old.id); END",
              "INSERT INTO t VALUES (1), (2)"})
            execute(handle, sql);
    }
    std::int64_t count(const std::string& table) { return *query_int(handle, "SELECT count(*) FROM " + table); }
};

}  // namespace

TEST_CASE("triggers fire again after a flush that silenced them, also after one that failed", "[setting]") {
    Triggered database;
    Catalog catalog = read_catalog(database.handle);
    const std::size_t table = *catalog.schema.find("t");
    FlushRequest request;
    request.tables = {table};
    CHECK(flush_tables(database.handle, catalog, request) == std::vector<std::uint64_t>{2});
    CHECK(database.count("log") == 0);
    CHECK(is_on(database.handle, SQLITE_DBCONFIG_ENABLE_TRIGGER));
    execute(database.handle, "INSERT INTO t VALUES (3)");
    execute(database.handle, "DELETE FROM t");
    CHECK(database.count("log") == 1);

    catalog.facts[table].unwritable = "it cannot be written";
    CHECK_THROWS_AS(flush_tables(database.handle, catalog, request), Error);
    CHECK(is_on(database.handle, SQLITE_DBCONFIG_ENABLE_TRIGGER));
}

TEST_CASE("triggers are as they were after a load, however it ends", "[setting]") {
    for (const bool before : {true, false}) {
        for (const bool fire : {true, false}) {
            Triggered database;
            set(database.handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, before);
            Catalog catalog = read_catalog(database.handle);
            LoadOptions options;
            options.fire_triggers = fire;
            {
                const auto session = start_load(database.handle, options, [&]() -> Catalog& { return catalog; });
                CHECK(is_on(database.handle, SQLITE_DBCONFIG_ENABLE_TRIGGER) == fire);
                session->empty_table(*catalog.schema.find("t"));
                CHECK(is_on(database.handle, SQLITE_DBCONFIG_ENABLE_TRIGGER) == fire);
                session->finish();
                CHECK(is_on(database.handle, SQLITE_DBCONFIG_ENABLE_TRIGGER) == fire);
                if (before) session->commit();
            }
            CHECK(is_on(database.handle, SQLITE_DBCONFIG_ENABLE_TRIGGER) == before);
            CHECK(database.count("t") == (before ? 0 : 2));
        }
    }
}

TEST_CASE("a transaction leaves the enforcement of foreign keys as it was", "[setting]") {
    for (const bool before : {true, false}) {
        for (const bool commits : {true, false}) {
            Triggered database;
            set(database.handle, SQLITE_DBCONFIG_ENABLE_FKEY, before);
            {
                Transaction transaction(database.handle);
                CHECK_FALSE(is_on(database.handle, SQLITE_DBCONFIG_ENABLE_FKEY));
                if (commits) transaction.commit();
            }
            CHECK(is_on(database.handle, SQLITE_DBCONFIG_ENABLE_FKEY) == before);
            // Also inside a transaction of somebody else's, which goes on.
            execute(database.handle, "BEGIN");
            {
                Transaction transaction(database.handle);
                CHECK_FALSE(is_on(database.handle, SQLITE_DBCONFIG_ENABLE_FKEY));
                if (commits) transaction.commit();
            }
            CHECK(is_on(database.handle, SQLITE_DBCONFIG_ENABLE_FKEY) == before);
            CHECK(sqlite3_get_autocommit(database.handle.database) == 0);
        }
    }
}

TEST_CASE("a look at triggers leaves no authorizer behind that a later statement would ask", "[setting]") {
    Triggered database;
    execute(database.handle, "CREATE TRIGGER odd AFTER INSERT ON log BEGIN SELECT no_such_function(new.x); END");
    Catalog catalog = read_catalog(database.handle);
    {
        const auto session = start_load(database.handle, {}, [&]() -> Catalog& { return catalog; });
        const std::vector<std::uint16_t> columns = {0};
        const std::vector<Value> values = {Value::integer(7)};
        BoundRow row;
        row.table = static_cast<std::uint32_t>(*catalog.schema.find("log"));
        row.columns = columns;
        row.values = values;
        session->write({&row, 1});
        const LoadReport report = session->finish();
        REQUIRE(report.warnings.size() == 1);
        CHECK(report.warnings[0].find("no such function: no_such_function") != std::string::npos);
        session->commit();
    }
    // With the authorizer still there, its memory is gone.
    execute(database.handle, "DROP TRIGGER odd");
    execute(database.handle, "DELETE FROM t");
    CHECK(database.count("log") == 3);
}
