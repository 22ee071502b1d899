// SPDX-License-Identifier: MIT
#include "model/bookkeeping.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace dbfixture {
namespace {

constexpr std::array kTables = {
    // Python
    BookkeepingTable{"south_migrationhistory", "", "South"},
    BookkeepingTable{"alembic_version", "", "Alembic"},
    BookkeepingTable{"migrate_version", "repository_id,repository_path,version", "sqlalchemy-migrate"},
    BookkeepingTable{"aerich", "app,content,id,version", "Aerich (Tortoise)"},
    BookkeepingTable{"migratehistory", "", "peewee-migrate"},
    BookkeepingTable{"_yoyo_*", "", "yoyo"},
    BookkeepingTable{"yoyo_lock", "", "yoyo"},
    BookkeepingTable{"migration", "app_name,id,name,ran_on", "Piccolo"},
    BookkeepingTable{"_sqlite_migrations", "", "sqlite-migrate"},
    // Ruby, Elixir, Crystal
    BookkeepingTable{"schema_migrations", "", "Rails, Sequel, golang-migrate, dbmate, Ecto, Migratus"},
    BookkeepingTable{"ar_internal_metadata", "", "Rails"},
    BookkeepingTable{"data_migrations", "version", "data_migrate (Rails)"},
    BookkeepingTable{"schema_info", "version", "Sequel"},
    BookkeepingTable{"micrate_db_version", "", "micrate"},
    // PHP, Perl
    BookkeepingTable{"migrations", "batch,id,migration", "Laravel"},
    BookkeepingTable{"phinxlog", "", "Phinx, CakePHP"},
    BookkeepingTable{"*_phinxlog", "", "CakePHP plugins"},
    BookkeepingTable{"cake_migrations", "", "CakePHP"},
    BookkeepingTable{"cake_seeds", "", "CakePHP"},
    BookkeepingTable{"doctrine_migration_versions", "", "Doctrine"},
    BookkeepingTable{"migration_versions", "executed_at,version", "Doctrine 2"},
    BookkeepingTable{"migration", "apply_time,version", "Yii"},
    BookkeepingTable{"migrations", "batch,class,group,id,namespace,time,version", "CodeIgniter"},
    BookkeepingTable{"propel_migration", "", "Propel"},
    BookkeepingTable{"dbix_class_schema_versions", "", "DBIx::Class"},
    BookkeepingTable{"dbix_class_deploymenthandler_versions", "", "DBIx::Class"},
    // JavaScript
    BookkeepingTable{"_prisma_migrations", "", "Prisma"},
    BookkeepingTable{"knex_migrations", "", "Knex"},
    BookkeepingTable{"knex_migrations_lock", "", "Knex"},
    BookkeepingTable{"SequelizeMeta", "", "Sequelize, Umzug"},
    BookkeepingTable{"SequelizeData", "", "Sequelize seeds"},
    BookkeepingTable{"__drizzle_migrations", "", "Drizzle"},
    BookkeepingTable{"drizzle_migrations", "created_at,hash,id", "Drizzle"},
    BookkeepingTable{"kysely_migration", "", "Kysely"},
    BookkeepingTable{"kysely_migration_lock", "", "Kysely"},
    BookkeepingTable{"mikro_orm_migrations", "", "MikroORM"},
    BookkeepingTable{"migrations", "id,name,timestamp", "TypeORM"},
    BookkeepingTable{"typeorm_metadata", "", "TypeORM"},
    BookkeepingTable{"d1_migrations", "", "Cloudflare D1"},
    BookkeepingTable{"_cf_*", "", "Cloudflare"},
    BookkeepingTable{"migrations", "id,name,run_on", "db-migrate"},
    BookkeepingTable{"migrations", "down,id,name,up", "node-sqlite"},
    BookkeepingTable{"migrations", "currentversion,id,name,version", "knex-migrator (Ghost)"},
    BookkeepingTable{"migrations_lock", "acquired_at,lock_key,locked,released_at", "knex-migrator (Ghost)"},
    BookkeepingTable{"adonis_schema", "", "AdonisJS"},
    BookkeepingTable{"adonis_schema_versions", "", "AdonisJS"},
    BookkeepingTable{"strapi_migrations", "", "Strapi"},
    BookkeepingTable{"strapi_migrations_internal", "", "Strapi"},
    BookkeepingTable{"strapi_database_schema", "", "Strapi"},
    BookkeepingTable{"payload_migrations", "", "Payload"},
    BookkeepingTable{"directus_migrations", "", "Directus"},
    BookkeepingTable{"schemaversion", "md5,name,run_at,version", "Postgrator"},
    // Go
    BookkeepingTable{"goose_db_version", "", "goose"},
    BookkeepingTable{"gorp_migrations", "", "sql-migrate"},
    BookkeepingTable{"bun_migrations", "", "Bun"},
    BookkeepingTable{"bun_migration_locks", "", "Bun"},
    BookkeepingTable{"bun_migrations_locks", "", "Bun"},
    BookkeepingTable{"atlas_schema_revisions", "", "Atlas"},
    BookkeepingTable{"schema_migration", "version", "Pop, Soda"},
    BookkeepingTable{"migrations", "id", "gormigrate"},
    BookkeepingTable{"migrations", "description,id", "xormigrate"},
    BookkeepingTable{"ent_types", "", "Ent"},
    BookkeepingTable{"_migrations", "applied,file", "PocketBase"},
    BookkeepingTable{"migration_log", "error,id,migration_id,sql,success,timestamp", "Grafana"},
    // Rust
    BookkeepingTable{"_sqlx_migrations", "", "SQLx"},
    BookkeepingTable{"__diesel_schema_migrations", "", "Diesel"},
    BookkeepingTable{"refinery_schema_history", "", "refinery"},
    BookkeepingTable{"seaql_migrations", "", "SeaORM"},
    BookkeepingTable{"butane_migrations", "", "Butane"},
    // Java, Kotlin, Scala, Clojure
    BookkeepingTable{"flyway_schema_history", "", "Flyway"},
    BookkeepingTable{"schema_version", "", "Flyway before 5, tern"},
    BookkeepingTable{"DATABASECHANGELOG", "", "Liquibase"},
    BookkeepingTable{"DATABASECHANGELOGLOCK", "", "Liquibase"},
    BookkeepingTable{"changelog", "applied_at,description,id", "MyBatis"},
    BookkeepingTable{"play_evolutions", "", "Play"},
    BookkeepingTable{"play_evolutions_lock", "", "Play"},
    BookkeepingTable{"ragtime_migrations", "", "Ragtime"},
    BookkeepingTable{"android_metadata", "", "Android"},
    BookkeepingTable{"room_master_table", "", "Android Room"},
    // .NET
    BookkeepingTable{"__EFMigrationsHistory", "", "Entity Framework Core"},
    BookkeepingTable{"__EFMigrationsLock", "", "Entity Framework Core"},
    BookkeepingTable{"__MigrationHistory", "", "Entity Framework 6"},
    BookkeepingTable{"VersionInfo", "appliedon,description,version", "FluentMigrator"},
    BookkeepingTable{"SchemaVersions", "applied,schemaversionid,scriptname", "DbUp"},
    // Swift
    BookkeepingTable{"grdb_migrations", "", "GRDB"},
    BookkeepingTable{"_fluent_migrations", "", "Fluent (Vapor)"},
    BookkeepingTable{"_fluent_enums", "", "Fluent (Vapor)"},
    BookkeepingTable{"Z_METADATA", "z_plist,z_uuid,z_version", "Core Data"},
    BookkeepingTable{"Z_PRIMARYKEY", "z_ent,z_max,z_name,z_super", "Core Data"},
    BookkeepingTable{"Z_MODELCACHE", "z_content", "Core Data"},
    // Replication
    BookkeepingTable{"_litestream_*", "", "Litestream"},
};

// "a,b" of a table with the columns B and a.
std::string sorted_columns(const Table& table) {
    std::vector<std::string> names;
    for (const Column& column : table.columns)
        names.push_back(to_lower(column.name));
    std::sort(names.begin(), names.end());
    std::string out;
    for (const std::string& name : names)
        out += (out.empty() ? "" : ",") + name;
    return out;
}

bool is_bookkeeping(const Table& table, const std::vector<std::string>& patterns) {
    const auto named = [&](std::string_view pattern) { return matches_pattern(pattern, table.name); };
    if (std::any_of(patterns.begin(), patterns.end(), named)) return true;
    return std::any_of(kTables.begin(), kTables.end(), [&](const BookkeepingTable& entry) {
        return named(entry.name) && (entry.columns.empty() || entry.columns == sorted_columns(table));
    });
}

}  // namespace

std::span<const BookkeepingTable> bookkeeping_tables() {
    return kTables;
}

void mark_bookkeeping(Schema& schema, const std::vector<std::string>& patterns) {
    for (Table& table : schema.tables) {
        if (is_bookkeeping(table, patterns)) {
            table.role = TableRole::kBookkeeping;
        } else if (table.role == TableRole::kBookkeeping) {
            table.role = TableRole::kOrdinary;
        }
    }
}

bool matches_pattern(std::string_view pattern, std::string_view name) {
    if (pattern.find('*') == std::string_view::npos) return equals_ignore_case(pattern, name);
    const std::string wanted = to_lower(pattern);
    const std::string text = to_lower(name);
    std::size_t at = 0;
    std::size_t in = 0;
    std::size_t star = std::string::npos;  // the last *, tried to stand for ever more
    std::size_t after = 0;
    while (at < text.size()) {
        if (in < wanted.size() && wanted[in] == '*') {
            star = in++;
            after = at;
        } else if (in < wanted.size() && wanted[in] == text[at]) {
            ++in;
            ++at;
        } else if (star != std::string::npos) {
            in = star + 1;
            at = ++after;
        } else {
            return false;
        }
    }
    return wanted.find_first_not_of('*', in) == std::string::npos;
}

}  // namespace dbfixture
