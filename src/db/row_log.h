// SPDX-License-Identifier: MIT
// Where the rows of a load came from, for errors that are found after their batch has gone: in unlinked temporary
// files, so that memory does not grow with the rows; read only when something has failed.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "model/record.h"

namespace dbfixture {

class RowLog {
  public:
    // Rows are numbered as they come: 1, 2, ... When a file cannot be written, places are forgotten: the load goes on
    // and only its errors lose them.
    std::uint64_t add(const Origin& origin);
    std::uint64_t count() const { return count_; }
    std::optional<Origin> origin(std::uint64_t row);

    // The fields by which a row that went straight into its table can be found again, in the engine's own form. `shape`
    // says which fields they are.
    void keep(std::size_t table, int shape, std::uint64_t row, std::string_view fields);
    void for_each(std::size_t table, int shape,
                  const std::function<void(std::uint64_t row, std::string_view fields)>& take);

  private:
    struct Close {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    using File = std::unique_ptr<std::FILE, Close>;
    struct Entry {
        std::uint64_t row;
        std::uint32_t table;
        std::uint32_t shape;
        std::uint64_t size;
    };

    std::uint64_t count_ = 0;
    File origins_, fields_;
    bool no_origins_ = false, no_fields_ = false;
};

}  // namespace dbfixture
