// SPDX-License-Identifier: MIT
#include "db/sqlite/set_aside.h"

#include "db/sqlite/stored_row.h"

namespace dbfixture::sqlite {

void SetAside::add(const BoundRow& row, std::uint64_t key) {
    if (!filter_) {
        filter_ = std::make_unique<std::bitset<kFilterBits>>();
        execute(handle_, "CREATE TEMP TABLE dbfixture_set_aside(number INTEGER PRIMARY KEY, row BLOB, before BLOB)");
        insert_ = Statement(handle_, "INSERT INTO temp.dbfixture_set_aside(row) VALUES (?1)", true);
        forwards_ = Statement(
            handle_,
            "SELECT number, row, before FROM temp.dbfixture_set_aside WHERE number > ?1 ORDER BY number LIMIT 1", true);
        backwards_ = Statement(
            handle_,
            "SELECT number, row, before FROM temp.dbfixture_set_aside WHERE number < ?1 ORDER BY number DESC LIMIT 1",
            true);
        delete_ = Statement(handle_, "DELETE FROM temp.dbfixture_set_aside WHERE number = ?1", true);
        update_ = Statement(handle_, "UPDATE temp.dbfixture_set_aside SET before = ?2 WHERE number = ?1", true);
    }
    if (row.address == RowAddress::kKey || row.address == RowAddress::kRowNumber) {
        repeated_ |= may_hold(row.table, key);
        filter_->set(filter_bit(row.table, key));
    }
    const std::string stored = store_row(row);
    insert_.bind(1, Value::bytes(stored)).run();
    ++count_;
}

bool SetAside::may_hold(std::size_t table, std::uint64_t key) const {
    return filter_ && filter_->test(filter_bit(table, key));
}

std::optional<SetAside::Entry> SetAside::next(std::int64_t number, bool backwards) {
    Statement& select = backwards ? backwards_ : forwards_;
    if (!select) return std::nullopt;
    select.bind(1, number);
    if (!select.step()) return std::nullopt;
    Entry entry{select.column_int(0), std::string(select.column(1).as_text()), std::nullopt};
    if (!select.column_is_null(2)) entry.before = std::string(select.column(2).as_text());
    select.reset();
    return entry;
}

void SetAside::remove(std::int64_t number) {
    delete_.bind(1, number).run();
    --count_;
}

void SetAside::set_before(std::int64_t number, std::string_view before) {
    update_.bind(1, number).bind(2, Value::bytes(before)).run();
}

}  // namespace dbfixture::sqlite
