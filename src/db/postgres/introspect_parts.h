// SPDX-License-Identifier: MIT
// What read_catalog() puts together.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "db/postgres/catalog.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// What the statements tell each other: from the server's numbers to places in the catalog.
struct Places {
    struct Schema {
        std::string name;
        bool usable = false;  // by this role
    };
    std::unordered_map<Oid, Schema> schemas;
    std::unordered_set<Oid> extensions;           // what belongs to them
    std::unordered_map<Oid, std::size_t> tables;  // partitions lead to the table that they are parts of
    std::unordered_map<Oid, std::size_t> sequences;
    std::unordered_map<Oid, SequenceFacts> sequence_relations;  // what the relations say of them
    const std::set<Oid>* only = nullptr;                        // tables that are asked for; nullptr: all
    // Schema and name of what has no place of its own: partitions, extensions' tables.
    std::unordered_map<Oid, std::pair<std::string, std::string>> others;
    std::unordered_set<Oid> binary_collations;     // that order as bytes do
    const Result* attributes = nullptr;            // of all relations
    std::unordered_map<Oid, int> first_attribute;  // its row there; the relation's others follow
    struct Untyped {
        std::size_t table, column;
        std::int64_t dimensions;
    };
    std::vector<Untyped> untyped;

    std::optional<std::size_t> table(std::int64_t oid) const;
    // The name of a relation's column; "" for an expression or a column that is not there.
    std::string column_name(std::int64_t relation, std::int64_t number) const;
};

// A statement, and who takes what it gives back. All of them go in one message.
//
//  1. Most read one table of the server's whole and leave putting together to us: planning and running a join takes
//     several times as long, and without statistics of those tables the planner may choose badly. To plan takes a new
//     session longer than to read.
//  2. What people make has numbers from kFirstOid up.
struct CatalogQuery {
    std::string sql;
    void (*take)(const Result& found, Catalog& catalog, Places& places);
};
inline constexpr std::string_view kFirstOid = "16384";

// In this order.
void ask_tables(std::vector<CatalogQuery>& queries);
void ask_columns(std::vector<CatalogQuery>& queries);
void ask_constraints(std::vector<CatalogQuery>& queries);
void ask_triggers(std::vector<CatalogQuery>& queries);
void ask_sequences(std::vector<CatalogQuery>& queries);
// The types of columns, in further statements: which ones is known only now.
void read_types(Session& session, Catalog& catalog, const Places& places);
// Which columns address a row, once constraints and indexes are known.
void choose_keys(Catalog& catalog);

// SQL: relations of schemas n that are people's: neither the server's nor ours (saved_mark.h).
// Without patterns and subqueries, which take longer to plan than all schemas to look through.
inline constexpr std::string_view kOurSchemas =
    "left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema' AND NOT (left(n.nspname, 10) = 'dbfixture_' AND "
    "coalesce(obj_description(n.oid, 'pg_namespace'), '') LIKE '{\"tool\": \"dbfixture\", %')";

}  // namespace dbfixture::postgres
