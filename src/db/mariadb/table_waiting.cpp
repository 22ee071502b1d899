// SPDX-License-Identifier: MIT
// Rule 4 of TableLoader: rows that wait for others to make way, out of memory.
#include <algorithm>

#include "base/cat.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/table_loader.h"
#include "model/packed.h"

namespace dbfixture::mariadb {

void TableLoader::put_aside(const SentRow& row) {
    std::string bytes;
    pack(bytes, row.origin);
    pack(bytes, row.number);
    pack(bytes, row.keyed);
    pack(bytes, row.numbered);
    pack(bytes, static_cast<std::uint32_t>(row.columns.size()));
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
        pack(bytes, row.columns[i]);
        pack_value(bytes, row.values[i]);
    }
    if (!waiting_texts_) waiting_texts_ = std::make_unique<FileTexts>();
    waiting_.push_back(waiting_texts_->add(bytes));
}

// With its statements for the current ones.
SentRow TableLoader::waiting_row(std::int64_t number, Arena& arena) {
    arena.clear();
    const std::string kept = *waiting_texts_->get(number);
    std::string_view bytes = arena.copy(kept);
    SentRow out;
    out.table = static_cast<std::uint32_t>(table_);
    out.origin = unpack<Origin>(bytes);
    out.number = unpack<std::uint64_t>(bytes);
    out.keyed = unpack<bool>(bytes);
    out.numbered = unpack<bool>(bytes);
    const auto count = unpack<std::uint32_t>(bytes);
    std::vector<std::uint16_t> columns;
    auto* const values = arena.make<Value>(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        columns.push_back(unpack<std::uint16_t>(bytes));
        values[i] = unpack_value(bytes, arena);
    }
    current_ = &statements_of(columns, out.keyed);
    out.columns = current_->columns;
    out.values = {values, count};
    return out;
}

void TableLoader::finish() {
    settle();
    while (!waiting_.empty()) {
        if (!retry_waiting() && rewrite_waiting()) break;
    }
}

// Whether any of them went in.
bool TableLoader::retry_waiting() {
    std::vector<std::int64_t> still;
    Arena arena;
    for (const std::int64_t number : waiting_) {
        const SentRow row = waiting_row(number, arena);
        std::optional<ServerError> collision;
        try {
            if (!try_one(row, collision)) still.push_back(number);
        } catch (const ServerError& error) {
            if (error.kind != ErrorKind::kInput) throw;
            refuse(row, row_failure(context_, row, error));
        }
    }
    const bool any = still.size() < waiting_.size();
    waiting_ = std::move(still);
    return any;
}

// All of them go in, or one is refused and the others are as they were. True when none waits any more.
bool TableLoader::rewrite_waiting() {
    context_.session.run("SAVEPOINT dbfixture_waiting");
    parts_.foreign_keys.changing(table_);
    Arena arena;
    std::vector<bool> were_there;
    const std::string where = key_condition();
    for (const std::int64_t number : waiting_) {
        const SentRow row = waiting_row(number, arena);
        were_there.push_back(false);
        if (!row.keyed) continue;
        const auto key = *key_of(context_, row);
        const std::uint64_t logged = row.number > 0 ? row.number : context_.log.add(row.origin);
        parts_.foreign_keys.remember(table_, false, where, key, logged);
        Statement gone(context_.session, cat("DELETE t FROM ", context_.facts(table_).sql_name, " t WHERE ", where));
        gone.execute(key);
        were_there.back() = gone.affected() > 0;
    }
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
        const SentRow row = waiting_row(waiting_[i], arena);
        try {
            insert_again(row, were_there[i]);
        } catch (const ServerError& error) {
            if (error.kind != ErrorKind::kInput) throw;
            context_.session.run("ROLLBACK TO SAVEPOINT dbfixture_waiting");
            waiting_.erase(waiting_.begin() + static_cast<long>(i));
            refuse(row, row_failure(context_, row, error));
            return waiting_.empty();
        }
    }
    context_.session.run("RELEASE SAVEPOINT dbfixture_waiting");
    waiting_.clear();
    return true;
}

void TableLoader::insert_again(const SentRow& row, bool was_there) {
    const TableCounts before = context_.counts(table_);
    is_raw(row) ? write_raw(row, {}) : insert_one(row);
    if (!was_there) return;
    context_.counts(table_) = before;
    ++context_.counts(table_).updated;
}

}  // namespace dbfixture::mariadb
