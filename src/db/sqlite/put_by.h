// SPDX-License-Identifier: MIT
// PutBy in two temporary tables, made when the first text comes.
#pragma once

#include "db/connection.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

class TemporaryTexts final : public PutBy {
  public:
    explicit TemporaryTexts(Handle handle) : handle_(handle) {}

    std::int64_t add(std::string_view text) override;
    void replace(std::int64_t number, std::string_view text) override;
    void remove(std::int64_t number) override;
    std::optional<std::string> get(std::int64_t number) override;
    void mark(std::int64_t number, int kind, std::uint64_t hash) override;
    std::vector<std::int64_t> find(int kind, std::uint64_t hash) override;

  private:
    Handle handle_;
    std::int64_t last_ = 0;
    Statement add_, replace_, remove_, get_, mark_, find_;
};

}  // namespace dbfixture::sqlite
