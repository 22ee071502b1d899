// SPDX-License-Identifier: MIT
// PutBy in unlinked temporary files, for any engine: texts one behind the other, where each stands, and a hash table of
// the marks, which the system may write out as it does with any file.
#pragma once

#include <cstdio>
#include <memory>

#include "db/connection.h"

namespace dbfixture {

class FileTexts final : public PutBy {
  public:
    FileTexts() = default;
    FileTexts(const FileTexts&) = delete;
    FileTexts& operator=(const FileTexts&) = delete;
    ~FileTexts() override;

    std::int64_t add(std::string_view text) override;
    void replace(std::int64_t number, std::string_view text) override;
    void remove(std::int64_t number) override;
    std::optional<std::string> get(std::int64_t number) override;
    void mark(std::int64_t number, int kind, std::uint64_t hash) override;
    std::vector<std::int64_t> find(int kind, std::uint64_t hash) override;

  private:
    struct Place {
        std::int64_t offset;  // -1: removed
        std::uint64_t size;
    };
    struct Mark {
        std::uint64_t key;
        std::int64_t number;  // 0: the slot is free
    };
    struct Close {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    using File = std::unique_ptr<std::FILE, Close>;

    void write_place(std::int64_t number, const Place& place);
    Place read_place(std::int64_t number);
    void grow();
    static bool insert(Mark* slots, std::size_t count, const Mark& mark);

    File texts_, places_, marks_file_;
    std::int64_t last_ = 0, end_ = 0;
    Mark* marks_ = nullptr;
    std::size_t slots_ = 0, used_ = 0;
};

}  // namespace dbfixture
