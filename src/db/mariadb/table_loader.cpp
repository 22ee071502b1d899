// SPDX-License-Identifier: MIT
#include "db/mariadb/table_loader.h"

#include <algorithm>

#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/value_send.h"
#include "db/mariadb/writable.h"
#include "model/copy_value.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::size_t kMostRows = 1000;
constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::size_t kOverhead = 1024;  // of a message, beside its values

}  // namespace

TableLoader::TableLoader(LoadParts& parts, std::size_t table) : parts_(parts), context_(parts.context), table_(table) {
    const TableFacts& facts = context_.facts(table);
    require_writable(context_.catalog, table, context_.options.fire_triggers, "IU");
    was_empty_ = context_.session.run(cat("SELECT 1 FROM ", facts.sql_name, " LIMIT 1")).rows() == 0;
    parts.foreign_keys.watch(table, was_empty_);
    parts.numbers.watch(table);
    is_child_ = parts.foreign_keys.is_child(table);
    watched_ = parts.foreign_keys.child_columns_of(table);
    watched_children_ = watched_.size();
    for (const std::size_t column : parts.foreign_keys.parent_columns_of(table))
        watched_.push_back(column);
}

void TableLoader::set_fate(const SentRow& row, RowFate fate) {
    if (parts_.fates != nullptr && row.number >= parts_.first_fate)
        (*parts_.fates)[row.number - parts_.first_fate] = fate;
}

TableLoader::Statements& TableLoader::statements_of(const std::vector<std::uint16_t>& columns, bool keyed) {
    const auto fits = [&](const auto& known) { return known->keyed == keyed && known->columns == columns; };
    const auto found = std::ranges::find_if(statements_, fits);
    if (found != statements_.end()) return **found;
    // Prepared statements are the server's: records of very many shapes do not keep one each.
    constexpr std::size_t kMostKept = 50;
    if (statements_.size() >= kMostKept) statements_.clear();
    statements_.push_back(std::make_unique<Statements>());
    statements_.back()->columns = columns;
    statements_.back()->keyed = keyed;
    return *statements_.back();
}

// A row that the load numbers gets its key here.
void TableLoader::write(const BoundRow& given) {
    const Table& table = context_.table(table_);
    if (given.address != RowAddress::kNumbered || !parts_.numbers.gives(table_)) {
        take(given);
        return;
    }
    const auto key = static_cast<std::uint16_t>(table.key[0]);
    const auto at = std::lower_bound(given.columns.begin(), given.columns.end(), key) - given.columns.begin();
    std::vector<std::uint16_t> columns(given.columns.begin(), given.columns.end());
    std::vector<Value> values(given.values.begin(), given.values.end());
    const Value number = Value::integer(parts_.numbers.take(table_));
    if (static_cast<std::size_t>(at) < columns.size() && columns[static_cast<std::size_t>(at)] == key) {
        values[static_cast<std::size_t>(at)] = number;
    } else {
        columns.insert(columns.begin() + at, key);
        values.insert(values.begin() + at, number);
    }
    BoundRow row = given;
    row.columns = columns;
    row.values = values;
    if (take(row)) rows_.back().numbered = true;
    if (rows_.size() >= kMostRows || bytes_ >= kMostBytes) settle();
}

// False for a row that was refused.
bool TableLoader::take(const BoundRow& row) {
    const Table& table = context_.table(table_);
    const std::vector<std::uint16_t> columns(row.columns.begin(), row.columns.end());
    SentRow sent;
    sent.table = static_cast<std::uint32_t>(table_);
    sent.origin = row.origin;
    sent.columns = columns;
    sent.values = row.values;
    sent.keyed = has_key(context_, sent);
    const bool logs = is_child_ || parts_.fates != nullptr;
    if (logs) sent.number = context_.log.add(row.origin);
    const std::size_t room = std::min<std::size_t>(kMostBytes, context_.session.server().most_bytes / 2);
    std::size_t bytes = 0;
    for (const Value& value : row.values)
        bytes += value.has_text() ? value.as_text().size() + 9 : 9;
    const bool other_columns = current_ != nullptr && (current_->columns != columns || current_->keyed != sent.keyed);
    if (other_columns || rows_.size() >= kMostRows || bytes_ + bytes > room) settle();
    const std::size_t before = values_.size();
    try {
        check_nulls(sent);
        check_sizes(sent);
        sent.large = bytes + kOverhead > context_.session.server().most_bytes;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const Value value =
                sendable(row.values[i], table.columns[columns[i]], context_.facts(table_).columns[columns[i]], arena_);
            values_.push_back(copy_value(value, arena_));
        }
    } catch (const Error& error) {
        values_.resize(before);
        refuse(sent, error);
        return false;
    }
    current_ = &statements_of(columns, sent.keyed);
    bytes_ += bytes;
    rows_.push_back(sent);
    rows_.back().columns = current_->columns;
    if (sent.keyed && parts_.numbers.gives(table_) && sent.find(table.key[0])->kind() == ValueKind::kInteger)
        parts_.numbers.see(table_, sent.find(table.key[0])->as_integer());
    return true;
}

// A row may be larger than a message, which is then sent in parts; a value may not.
void TableLoader::check_sizes(const SentRow& row) const {
    const std::uint64_t most = context_.session.server().most_bytes;
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
        if (!row.values[i].has_text() || row.values[i].as_text().size() + kOverhead <= most) continue;
        const std::string& name = context_.table(table_).columns[row.columns[i]].name;
        Error error(ErrorKind::kInput, cat("column ", quote(name), " is given more than the server takes at once"));
        error.detail = cat("The server's max_allowed_packet is ", most, " bytes.");
        error.hint = "raise it (SET GLOBAL max_allowed_packet = ...), or leave the record out";
        error.where.column = name;
        error.where.line = row.values[i].line();
        throw error;
    }
}

// The server would take the time of now for NULL, and number a row.
void TableLoader::check_nulls(const SentRow& row) const {
    const Table& table = context_.table(table_);
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
        const Column& column = table.columns[row.columns[i]];
        if (!row.values[i].is_null() || column.nullable) continue;
        Error error(ErrorKind::kInput, cat("column ", quote(column.name), " must not be null"));
        error.where.column = column.name;
        error.where.line = row.values[i].line();
        throw error;
    }
}

// A row that is left out is no second problem: neither what it refers to nor what refers to it is missed.
void TableLoader::refuse(const SentRow& row, Error error) {
    if (error.where.table.empty()) error = place_error(context_, row, std::move(error));
    error = context_.reworded(std::move(error));
    if (!context_.options.on_problem || error.kind != ErrorKind::kInput) throw error;
    context_.options.on_problem(error);
    parts_.foreign_keys.refused(row);
    if (const auto key = key_of(context_, row)) parts_.foreign_keys.ignore_parent(table_, *key);
    set_fate(row, RowFate::kRefused);
}

SentRow TableLoader::row_at(std::size_t index) const {
    SentRow out = rows_[index];
    const std::size_t width = current_->columns.size();
    out.columns = current_->columns;
    out.values = std::span<const Value>(values_).subspan(index * width, width);
    return out;
}

void TableLoader::settle() {
    if (rows_.empty()) return;
    std::vector<SentRow> rows;
    rows.reserve(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i)
        rows.push_back(row_at(i));
    const bool ask = !was_empty_ && current_->keyed;
    if (ask) {
        merge_batch(rows);
    } else {
        insert_batch(rows);
    }
    rows_.clear();
    values_.clear();
    arena_.clear();
    bytes_ = 0;
}

}  // namespace dbfixture::mariadb
