// SPDX-License-Identifier: MIT
// Remembers where each loaded row came from, for errors that are found only at the end (foreign keys, rebuilt unique
// indexes). Kept in an unlinked temporary file, so memory does not grow with the rows; read only when something has
// failed.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>

#include "model/record.h"

namespace dbfixture::sqlite {

class OriginLog {
  public:
    // `row` is the rowid, or for tables without one a hash of the key. When the file cannot be written, origins are
    // forgotten: the load goes on and only its errors lose their place.
    void add(std::size_t table, std::int64_t row, const Origin& origin);
    // The row got another rowid.
    void move(std::size_t table, std::int64_t from, std::int64_t to);
    // The last origin logged for the row, under whatever rowid it then had.
    std::optional<Origin> find(std::size_t table, std::int64_t row);

  private:
    struct Entry {
        std::int64_t row;
        std::int64_t moved_from;  // only where record is 0
        std::uint32_t table;
        std::uint32_t file;
        std::uint32_t line;
        std::uint32_t record;
    };
    void append(const Entry& entry);

    struct Close {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Close> file_;
    bool failed_ = false;
};

}  // namespace dbfixture::sqlite
