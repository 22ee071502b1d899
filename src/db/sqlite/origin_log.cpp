// SPDX-License-Identifier: MIT
#include "db/sqlite/origin_log.h"

namespace dbfixture::sqlite {
namespace {

struct Entry {
    std::int64_t row;
    std::uint32_t table;
    std::uint32_t file;
    std::uint32_t line;
    std::uint32_t record;
};

}  // namespace

void OriginLog::add(std::size_t table, std::int64_t row, const Origin& origin) {
    if (failed_) return;
    if (!file_) file_.reset(std::tmpfile());
    const Entry entry = {row, static_cast<std::uint32_t>(table), origin.file, origin.line, origin.record};
    if (!file_ || std::fwrite(&entry, sizeof entry, 1, file_.get()) != 1) failed_ = true;
}

std::optional<Origin> OriginLog::find(std::size_t table, std::int64_t row) {
    std::optional<Origin> found;
    if (!file_ || failed_) return found;
    std::rewind(file_.get());
    Entry entry;
    while (std::fread(&entry, sizeof entry, 1, file_.get()) == 1) {
        if (entry.row == row && entry.table == table) found = Origin{entry.file, entry.line, entry.record};
    }
    std::fseek(file_.get(), 0, SEEK_END);
    return found;
}

}  // namespace dbfixture::sqlite
