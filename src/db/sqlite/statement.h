// SPDX-License-Identifier: MIT
// A prepared statement for the paths that touch every row. SQLiteCpp's Statement shares ownership of each column it
// hands out, which costs more than reading it; SQLiteCpp opens the database, this reads and writes rows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "model/value.h"

struct sqlite3;
struct sqlite3_stmt;

namespace dbfixture::sqlite {

// An open database and how it stores text.
struct Handle {
    sqlite3* database = nullptr;
    TextEncoding encoding = TextEncoding::kUtf8;
    bool borrowed = false;  // the caller's own connection: nothing is switched that could not be put back
};

struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
};

class Statement {
  public:
    Statement() = default;
    // Throws Error with the SQL in the detail. `long_lived`: it will be run many times.
    Statement(Handle handle, std::string_view sql, bool long_lived = false);

    explicit operator bool() const noexcept { return statement_ != nullptr; }

    // Parameters count from 1. Text and bytes are not copied: they must live until the next reset() or bind of that
    // parameter. Booleans bind as 0 and 1. Throws Error (kInput) for what SQLite cannot hold (NaN, integers above
    // INT64_MAX).
    Statement& bind(int parameter, const Value& value);
    Statement& bind(int parameter, std::int64_t value);
    Statement& bind(int parameter, std::string_view text);

    // True when there is a row. At the end it resets by itself, so that a finished statement holds no lock.
    bool step();
    // For statements that return no row: SQLITE_DONE, or the extended result code of the failure; always resets.
    int try_run();
    // As try_run(), throws unless it is done.
    void run();
    void reset() noexcept;

    int column_count() const noexcept;
    // Valid until the next step() or reset(). Text that is not valid in its encoding is kEncodedText.
    Value column(int index);
    std::int64_t column_int(int index) const noexcept;
    std::string column_text(int index) const;
    bool column_is_null(int index) const noexcept;

  private:
    Value utf16_column(int index);

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    Handle handle_;
    Arena converted_;  // UTF-16 text of the current row as UTF-8
};

// Runs SQL that returns nothing of interest.
void execute(Handle handle, std::string_view sql);

// The first column of the first row as an integer, or nothing if there is no row.
std::optional<std::int64_t> query_int(Handle handle, std::string_view sql);

}  // namespace dbfixture::sqlite
