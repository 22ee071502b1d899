// SPDX-License-Identifier: MIT
// Texts that are put by in a temporary file; their numbers and hashes stay in memory.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "db/connection.h"

namespace dbfixture {

class PutByFile final : public PutBy {
  public:
    std::int64_t add(std::string_view text) override;
    void replace(std::int64_t number, std::string_view text) override;
    void remove(std::int64_t number) override;
    std::optional<std::string> get(std::int64_t number) override;
    void mark(std::int64_t number, int kind, std::uint64_t hash) override;
    std::vector<std::int64_t> find(int kind, std::uint64_t hash) override;

  private:
    struct Place {
        std::uint64_t begin = 0, size = 0;
        bool removed = false;
    };
    Place append_text(std::string_view text);

    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Closer> file_;
    std::uint64_t end_ = 0;
    std::vector<Place> places_;  // by number, from 1
    std::unordered_multimap<std::uint64_t, std::int64_t> marks_;
};

}  // namespace dbfixture
