// SPDX-License-Identifier: MIT
// Whether anything at all was defined since a state's schema was last compared: as with rows, by the transactions that
// the rows of the catalogs bear, which costs a third of a digest. No row is newer than then and none is gone: nothing
// of it is another one. What else was defined (a temporary table, a state) only leads to the digest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/postgres/session.h"

namespace dbfixture::postgres {

// What the row in `seen` says (saved_layout.h).
struct SeenCatalog {
    bool known = false;
    std::uint64_t rows = 0;  // of all catalogs that count
    std::uint64_t base = 0;  // rows of older transactions are those, and of
    std::vector<std::uint64_t> own;
    std::uint64_t large_objects = 0;
    bool guarded = false;  // there were triggers, rules or views that a restore asks for
};

// SQL: the row.
std::string seen_catalog_query(const std::string& object);
SeenCatalog take_seen_catalog(const Result& found);
// SQL: rows of the catalogs, those that are newer.
std::string catalog_rows_query(const SeenCatalog& seen);
// SQL, two statements: `seen` in place of what was there; `ours`: this transaction has changed definitions, to what
// they were.
std::string keep_seen_catalog(const std::string& object, const SeenCatalog& seen, bool ours);

}  // namespace dbfixture::postgres
