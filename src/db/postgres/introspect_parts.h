// SPDX-License-Identifier: MIT
// What read_catalog() puts together.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "db/postgres/catalog.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// From the server's numbers to places in the catalog. Partitions lead to the table that they are parts of.
struct Places {
    std::unordered_map<Oid, std::size_t> tables;
    std::unordered_map<Oid, std::size_t> sequences;
    // The column of that name; nothing for an expression or a column that is not there.
    static std::optional<std::size_t> column(const Table& table, const std::string& name);
    std::optional<std::size_t> table(std::int64_t oid) const;
};

void read_tables(Session& session, Catalog& catalog, Places& places);
void read_columns(Session& session, Catalog& catalog, const Places& places);
void read_constraints(Session& session, Catalog& catalog, const Places& places);
void read_indexes(Session& session, Catalog& catalog, const Places& places);
void read_triggers(Session& session, Catalog& catalog, const Places& places);
void read_sequences_facts(Session& session, Catalog& catalog, Places& places);
// Which columns address a row, once constraints and indexes are known.
void choose_keys(Catalog& catalog);

// SQL: relations of schemas that are people's.
inline constexpr std::string_view kOurSchemas = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

}  // namespace dbfixture::postgres
