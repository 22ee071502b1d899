// SPDX-License-Identifier: MIT
// Whether what a state of kind "copy" keeps is still what was saved (reference/postgresql.md, section 7, point 4).
#pragma once

#include <string>

#include "db/postgres/saved_manifest.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// Reads all copies, in one statement or two, inside the session's transaction if there is one: each has as many rows as
// were saved, all of them of the transaction that saved them, and the columns that its table had. Throws kInput, naming
// `place` and the table.
void check_saved_rows(Session& session, const SavedManifest& manifest, const std::string& place);

}  // namespace dbfixture::postgres
