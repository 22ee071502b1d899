// SPDX-License-Identifier: MIT
// An empty database of its own in memory, in which definitions are tried.
#pragma once

#include <memory>
#include <string>

#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

class MemoryDatabase {
  public:
    // Throws Error where there is no memory for it.
    MemoryDatabase();

    Handle handle() const { return {database_.get(), TextEncoding::kUtf8}; }
    // SQLite's words for what it does not understand, "" if it does. `run`: and then does what the statement says.
    std::string refusal(const std::string& sql, bool run);

  private:
    struct Close {
        void operator()(sqlite3* database) const noexcept;
    };
    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace dbfixture::sqlite
