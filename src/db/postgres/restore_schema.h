// SPDX-License-Identifier: MIT
// Whether the schema is the one that a state was saved with: rows are put back, definitions are not.
#pragma once

#include <string>

#include "db/postgres/saved_manifest.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// SQL: one value that is another one whenever anything of the user's schemas was defined anew, down to the numbers of
// tables, columns and labels. It asks for no definition in words, so it is cheap: equal values mean equal schemas, and
// that every table and column is the same one, but other values need not mean other schemas.
std::string catalog_digest();

// Throws kInput, naming what differs, unless the user's schemas define what they did then.
void require_same_schema(Session& session, const SavedManifest& manifest);

}  // namespace dbfixture::postgres
