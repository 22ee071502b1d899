// SPDX-License-Identifier: MIT
// A restore to a path where no database is.
//
//  1. The file is written without a name, synced, and gets its name in one step that replaces nothing. Whatever happens
//     before, there is still no database, and nothing of ours is left.
//  2. Where something of an earlier database lies beside the name (-journal, -wal), SQLite must see to it before there
//     are pages that it could be played back into: it does so when it opens an empty file. The same way is taken where
//     the file system cannot do rule 1.
#pragma once

#include <optional>
#include <string>

#include "db/sqlite/image_source.h"
#include "db/states.h"

namespace dbfixture::sqlite {

// Rule 1. Nothing where it cannot be done or a database has appeared meanwhile. Throws Error, kInput for a damaged
// image.
std::optional<StateRestoreReport> create_database(const std::string& database, const SavedState& image,
                                                  const ImageSource& source);

// Rule 2: an empty file with the image's mode, removed again unless it was kept or has content.
class EmptyDatabase {
  public:
    EmptyDatabase() = default;
    // Does nothing if there is a file.
    EmptyDatabase(const std::string& path, const SavedState& image);
    EmptyDatabase(const EmptyDatabase&) = delete;
    EmptyDatabase& operator=(const EmptyDatabase&) = delete;
    ~EmptyDatabase();
    void keep() { path_.clear(); }

  private:
    std::string path_;  // "" if there is nothing to remove
};

}  // namespace dbfixture::sqlite
