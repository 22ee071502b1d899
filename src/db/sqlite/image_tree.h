// SPDX-License-Identifier: MIT
// Visits the pages of b-trees in a database file; rule 1 of image_check.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/posix_file.h"

namespace dbfixture::sqlite {

enum class TreeKind { kTable, kIndex, kEither };

class ImageTrees {
  public:
    // Maps the file, which nobody may cut short meanwhile. Throws as visit() does if it does not begin a database.
    explicit ImageTrees(const PosixFile& file);

    // Returns the number of entries: the rows of a table. Throws Error (kFailure) with the message "damaged" and what
    // is wrong, about which page, as detail.
    std::uint64_t visit(std::uint32_t root, TreeKind kind);
    std::uint32_t pages() const { return pages_; }

  private:
    struct Page;
    std::string_view claim(std::uint32_t number);
    void visit_cells(const Page& page);
    void follow_overflow(std::uint32_t number, std::uint64_t bytes);

    class Mapping {
      public:
        explicit Mapping(const PosixFile& file);
        Mapping(const Mapping&) = delete;
        Mapping& operator=(const Mapping&) = delete;
        ~Mapping();
        std::string_view bytes() const { return {static_cast<const char*>(start_), size_}; }

      private:
        std::size_t size_;
        void* start_;
    };

    const Mapping mapping_;
    const std::string_view file_;
    std::uint32_t page_size_ = 0;
    std::uint32_t usable_ = 0;
    std::uint32_t pages_ = 0;
    std::vector<bool> seen_;
    std::vector<std::uint32_t> todo_;
};

}  // namespace dbfixture::sqlite
