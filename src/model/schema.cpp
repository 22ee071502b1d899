// SPDX-License-Identifier: MIT
#include "model/schema.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace dbfixture {
namespace {

template <typename Item>
std::optional<std::size_t> find_by_name(const std::vector<Item>& items, std::string_view name) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].name == name) return i;
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (equals_ignore_case(items[i].name, name)) return i;
    }
    return std::nullopt;
}

template <typename Item>
std::vector<std::string> names_of(const std::vector<Item>& items) {
    std::vector<std::string> names;
    names.reserve(items.size());
    for (const Item& item : items)
        names.push_back(item.name);
    return names;
}

}  // namespace

std::optional<std::size_t> Table::find_column(std::string_view column) const {
    return find_by_name(columns, column);
}

bool Table::is_key_column(std::size_t column) const {
    return std::find(key.begin(), key.end(), column) != key.end();
}

std::vector<std::string> Table::column_names() const {
    return names_of(columns);
}

std::optional<std::size_t> Schema::find(std::string_view name) const {
    if (const auto exact = find_exact(name)) return exact;
    return find_by_name(tables, name);
}

std::optional<std::size_t> Schema::find_exact(std::string_view name) const {
    const auto found =
        std::lower_bound(tables.begin(), tables.end(), name,
                         [](const Table& table, std::string_view wanted) { return table.name < wanted; });
    if (found == tables.end() || found->name != name) return std::nullopt;
    return static_cast<std::size_t>(found - tables.begin());
}

std::vector<std::string> Schema::table_names() const {
    return names_of(tables);
}

TableFinder::TableFinder(const Schema& schema) : schema_(schema) {
    by_name_.reserve(schema.tables.size());
    for (std::size_t i = 0; i < schema.tables.size(); ++i)
        by_name_.emplace(to_lower(schema.tables[i].name), i);
}

std::optional<std::size_t> TableFinder::find(std::string_view name) const {
    const auto found = by_name_.find(to_lower(name));
    if (found == by_name_.end()) return std::nullopt;
    if (schema_.tables[found->second].name == name) return found->second;
    const auto exact = schema_.find_exact(name);
    return exact ? exact : found->second;
}

bool is_bookkeeping_table(std::string_view name) {
    static constexpr std::array<std::string_view, 26> kTables = {
        "django_migrations",            // Django
        "south_migrationhistory",       // South
        "schema_migrations",            // Rails, golang-migrate, dbmate, Ecto
        "ar_internal_metadata",         // Rails
        "alembic_version",              // Alembic
        "flyway_schema_history",        // Flyway
        "schema_version",               // Flyway before 5, tern
        "databasechangelog",            // Liquibase
        "databasechangeloglock",        // Liquibase
        "goose_db_version",             // goose
        "gorp_migrations",              // sql-migrate
        "_prisma_migrations",           // Prisma
        "knex_migrations",              // Knex
        "knex_migrations_lock",         // Knex
        "sequelizemeta",                // Sequelize
        "sequelizedata",                // Sequelize seeds
        "__efmigrationshistory",        // Entity Framework Core
        "__drizzle_migrations",         // Drizzle
        "mikro_orm_migrations",         // MikroORM
        "typeorm_metadata",             // TypeORM
        "phinxlog",                     // Phinx, CakePHP
        "doctrine_migration_versions",  // Doctrine
        "_sqlx_migrations",             // SQLx
        "__diesel_schema_migrations",   // Diesel
        "refinery_schema_history",      // refinery
        "atlas_schema_revisions",       // Atlas
    };
    return std::any_of(kTables.begin(), kTables.end(),
                       [&](std::string_view table) { return equals_ignore_case(table, name); });
}

}  // namespace dbfixture
