// SPDX-License-Identifier: MIT
// The foreign keys of a database, as a load asks about them in SQL: "c" is the child's row, "p" the parent's. Values
// are compared by the columns' own collation, which a foreign key makes the same on both sides.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/mariadb/catalog.h"

namespace dbfixture::mariadb {

struct Reference {
    std::size_t child = 0;
    std::size_t key = 0;                      // index into the child's foreign_keys
    std::optional<std::size_t> parent{};      // nothing where it is in another database
    std::string parent_source;                // for FROM
    std::vector<std::size_t> columns;         // of the child
    std::vector<std::string> parent_columns;  // quoted
    std::vector<std::size_t> parent_indexes;  // of the same; empty without a parent
};

// Those that are not malformed.
std::vector<Reference> read_references(const Catalog& catalog);

// The child's columns under an alias: "c.`a`".
std::vector<std::string> child_columns(const Catalog& catalog, const Reference& reference, std::string_view alias);
// Whether the row p is what these expressions refer to.
std::string is_parent(const Reference& reference, const std::vector<std::string>& values);
// Whether these expressions refer to a row that is not there. A reference with a null part refers to nothing.
std::string is_orphan(const Reference& reference, const std::vector<std::string>& values);

// Terms between ANDs; "true" for none.
std::string conjunction(const std::vector<std::string>& terms);

}  // namespace dbfixture::mariadb
