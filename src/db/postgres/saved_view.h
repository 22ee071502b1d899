// SPDX-License-Identifier: MIT
// The catalog of a saved state of kind "copy".
#pragma once

#include <set>

#include "db/postgres/catalog.h"
#include "db/postgres/saved_manifest.h"

namespace dbfixture::postgres {

// What is in it, for read_catalog(): with partitioned and foreign tables.
std::set<Oid> tables_of(const SavedManifest& manifest);
// Makes the present catalog of these tables lead to the rows that were saved.
void turn_to_saved(Catalog& catalog, const SavedManifest& manifest);

}  // namespace dbfixture::postgres
