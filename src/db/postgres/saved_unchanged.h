// SPDX-License-Identifier: MIT
// Which tables are still as a state of kind "copy" has them.
#pragma once

#include <set>

#include "db/postgres/saved_manifest.h"
#include "db/postgres/saved_tables.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// Under the locks: those whose rows are known to be the state's by their transactions (saved_layout.h, rule 3, and what
// our own restores left), or are found to be by comparing them. A table that is not among them may be equal all the
// same.
std::set<Oid> find_unchanged(Session& session, const SavedManifest& manifest, const LiveTables& live);

}  // namespace dbfixture::postgres
