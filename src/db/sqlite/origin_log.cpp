// SPDX-License-Identifier: MIT
#include "db/sqlite/origin_log.h"

#include <unordered_map>

namespace dbfixture::sqlite {

void OriginLog::append(const Entry& entry) {
    if (failed_) return;
    if (!file_) file_.reset(std::tmpfile());
    if (!file_ || std::fwrite(&entry, sizeof entry, 1, file_.get()) != 1) failed_ = true;
}

void OriginLog::add(std::size_t table, std::int64_t row, const Origin& origin) {
    append({row, 0, static_cast<std::uint32_t>(table), origin.file, origin.line, origin.record});
}

void OriginLog::move(std::size_t table, std::int64_t from, std::int64_t to) {
    append({to, from, static_cast<std::uint32_t>(table), 0, 0, 0});
}

std::optional<Origin> OriginLog::find(std::size_t table, std::int64_t row) {
    if (!file_ || failed_) return std::nullopt;
    // Forwards through the file: where each rowid's row came from. A move carries an origin from one rowid to another,
    // so every rowid that a chain of moves passes must be known; rowids that are free of moves only matter when they
    // are the one asked for.
    std::unordered_map<std::int64_t, std::optional<Origin>> followed = {{row, std::nullopt}};
    Entry entry{};
    std::rewind(file_.get());
    while (std::fread(&entry, sizeof entry, 1, file_.get()) == 1) {
        if (entry.table == table && entry.record == 0) followed.emplace(entry.moved_from, std::nullopt);
    }
    std::rewind(file_.get());
    while (std::fread(&entry, sizeof entry, 1, file_.get()) == 1) {
        const auto found = entry.table == table ? followed.find(entry.row) : followed.end();
        if (found == followed.end()) continue;
        found->second = entry.record > 0 ? Origin{entry.file, entry.line, entry.record} : followed[entry.moved_from];
    }
    std::fseek(file_.get(), 0, SEEK_END);
    return followed[row];
}

}  // namespace dbfixture::sqlite
