// SPDX-License-Identifier: MIT
#include "db/row_log.h"

#include <sys/types.h>

#include <string>

namespace dbfixture {

std::uint64_t RowLog::add(const Origin& origin) {
    ++count_;
    if (no_origins_) return count_;
    if (!origins_) origins_.reset(std::tmpfile());
    if (!origins_ || std::fwrite(&origin, sizeof origin, 1, origins_.get()) != 1) no_origins_ = true;
    return count_;
}

std::optional<Origin> RowLog::origin(std::uint64_t row) {
    if (no_origins_ || !origins_ || row == 0 || row > count_) return std::nullopt;
    Origin out;
    const auto at = static_cast<off_t>((row - 1) * sizeof out);
    const bool found =
        ::fseeko(origins_.get(), at, SEEK_SET) == 0 && std::fread(&out, sizeof out, 1, origins_.get()) == 1;
    ::fseeko(origins_.get(), 0, SEEK_END);
    if (!found) return std::nullopt;
    return out;
}

void RowLog::keep(std::size_t table, int shape, std::uint64_t row, std::string_view fields) {
    if (no_fields_) return;
    if (!fields_) fields_.reset(std::tmpfile());
    const Entry entry = {row, static_cast<std::uint32_t>(table), static_cast<std::uint32_t>(shape), fields.size()};
    no_fields_ = !fields_ || std::fwrite(&entry, sizeof entry, 1, fields_.get()) != 1 ||
                 std::fwrite(fields.data(), 1, fields.size(), fields_.get()) != fields.size();
}

void RowLog::for_each(std::size_t table, int shape,
                      const std::function<void(std::uint64_t row, std::string_view fields)>& take) {
    if (no_fields_ || !fields_) return;
    std::rewind(fields_.get());
    Entry entry{};
    std::string fields;
    while (std::fread(&entry, sizeof entry, 1, fields_.get()) == 1) {
        fields.resize(entry.size);
        if (std::fread(fields.data(), 1, fields.size(), fields_.get()) != fields.size()) break;
        if (entry.table == table && entry.shape == static_cast<std::uint32_t>(shape)) take(entry.row, fields);
    }
    std::fseek(fields_.get(), 0, SEEK_END);
}

}  // namespace dbfixture
