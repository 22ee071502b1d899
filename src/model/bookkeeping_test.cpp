// SPDX-License-Identifier: MIT
#include "model/bookkeeping.h"

#include <catch2/catch.hpp>

using namespace dbfixture;

namespace {

bool is_bookkeeping(const std::string& name, const std::vector<std::string>& columns,
                    const std::vector<std::string>& patterns = {}) {
    Schema schema;
    schema.tables.emplace_back();
    schema.tables[0].name = name;
    for (const std::string& column : columns) {
        schema.tables[0].columns.emplace_back();
        schema.tables[0].columns.back().name = column;
    }
    mark_bookkeeping(schema, patterns);
    return schema.tables[0].role == TableRole::kBookkeeping;
}

}  // namespace

TEST_CASE("tables of migration tools are known by name, in any case", "[bookkeeping]") {
    for (const std::string name :
         {"alembic_version", "SequelizeMeta", "__EFMigrationsHistory", "d1_migrations", "kysely_migration_lock",
          "_litestream_seq", "_cf_KV", "seaql_migrations", "bun_migration_locks", "_yoyo_log", "migratehistory",
          "__drizzle_migrations", "blog_phinxlog", "knex_migrations"}) {
        INFO(name);
        CHECK(is_bookkeeping(name, {"x"}));
    }
    for (const std::string name : {"users", "litestream_x", "x_yoyo_log", "_cfx", "migrations_of_birds", "phinxlogs"}) {
        INFO(name);
        CHECK_FALSE(is_bookkeeping(name, {"id"}));
    }
}

TEST_CASE("a name that others use too needs the columns of the tool", "[bookkeeping]") {
    CHECK(is_bookkeeping("migrations", {"id", "migration", "batch"}));  // Laravel
    CHECK(is_bookkeeping("Migrations", {"ID", "timestamp", "name"}));   // TypeORM
    CHECK(is_bookkeeping("_migrations", {"file", "applied"}));          // PocketBase
    CHECK(is_bookkeeping("migration", {"version", "apply_time"}));      // Yii
    CHECK_FALSE(is_bookkeeping("migrations", {"id", "bird", "from_place", "to_place"}));
    CHECK_FALSE(is_bookkeeping("migrations", {"id", "migration", "batch", "bird"}));
    CHECK_FALSE(is_bookkeeping("_migrations", {"file"}));
    CHECK_FALSE(is_bookkeeping("changelog", {"id", "text"}));
}

TEST_CASE("the config adds names and patterns", "[bookkeeping]") {
    CHECK(is_bookkeeping("Our_Steps", {"id"}, {"our_steps"}));
    CHECK(is_bookkeeping("audit_2024_log", {"id"}, {"x", "audit_*_log"}));
    CHECK_FALSE(is_bookkeeping("audit_2024", {"id"}, {"audit_*_log"}));
}

TEST_CASE("a star stands for any text, also for none", "[bookkeeping]") {
    CHECK(matches_pattern("a*b", "ab"));
    CHECK(matches_pattern("a*b*c", "axbybzc"));
    CHECK(matches_pattern("*", ""));
    CHECK(matches_pattern("**x", "yx"));
    CHECK_FALSE(matches_pattern("a*b", "abx"));
    CHECK_FALSE(matches_pattern("a*b*c", "acb"));
    CHECK_FALSE(matches_pattern("", "x"));
}

TEST_CASE("each row of the table of tools lists its columns sorted and in lower case", "[bookkeeping]") {
    for (const BookkeepingTable& entry : bookkeeping_tables()) {
        INFO(entry.name);
        std::vector<std::string> columns(1);
        for (const char c : entry.columns) {
            if (c == ',') {
                columns.emplace_back();
            } else {
                columns.back() += c;
            }
        }
        if (!entry.columns.empty()) CHECK(is_bookkeeping(std::string(entry.name), {columns.rbegin(), columns.rend()}));
    }
}
