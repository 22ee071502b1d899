// SPDX-License-Identifier: MIT
// Saves a state as what differs from an image (image_blocks.h).
//
//  1. If the database looks from outside as it did when it was last equal to that image (stamp_file.h), nothing differs
//     and nothing is read.
//  2. Otherwise the database is read in one read transaction: from its file, while the file alone is the state (no log
//     with content), else through a private copy that SQLite makes.
//  3. Where more than half of the blocks differ, the new image is a file of its own.
#pragma once

#include <string>

#include "db/states.h"

namespace dbfixture::sqlite {

// `below` with one more block file, `target`, which must not exist (mode 0600; synced if `syncs`); or `target` alone,
// by rule 3. `stamp`: of the last time that the database was known to be equal to `below`, or "". Of the report's
// tables none are given. On failure `target` is removed again. `below` is compared as it is and not verified
// (states.h). Throws kInput where it is cut short, else as write_image_file().
StateSaveReport write_difference(const std::string& database, const SavedState& below, const std::string& stamp,
                                 const std::string& target, int busy_timeout_ms, bool syncs = true,
                                 WorkCount* work = nullptr);

}  // namespace dbfixture::sqlite
