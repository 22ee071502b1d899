// SPDX-License-Identifier: MIT
#include "db/postgres/table_loader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/cat.h"
#include "base/text.h"
#include "db/postgres/copy_text.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/value_text.h"

namespace dbfixture::postgres {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;
constexpr std::uint64_t kMostStaged = 2000000;
constexpr std::uint64_t kRowsBeforeIndexPause = 5000;

void append_field(std::string& out, const Value& value) {
    switch (value.kind()) {
        case ValueKind::kNull:
            append(out, kCopyNull);
            break;
        case ValueKind::kInteger:
            append(out, value.as_integer());
            break;
        case ValueKind::kBoolean:
            out += value.as_boolean() ? 't' : 'f';
            break;
        case ValueKind::kText:
            append_copy_field(out, value.as_text());
            break;
        default:
            append_copy_field(out, value_text(value));
    }
}

bool is_bag(const Table& table) {
    return table.key_kind == KeyKind::kNone;
}

}  // namespace

TableLoader::TableLoader(LoadParts& parts, std::size_t table) : parts_(parts), context_(parts.context), table_(table) {
    parts.ladder.prepare({table});
    const Table& of = context_.table(table);
    const TableFacts& facts = context_.facts(table);
    was_empty_ = !context_.session.run(cat("SELECT EXISTS (SELECT FROM ", facts.read_source, ")")).boolean(0, 0);
    parts.foreign_keys.watch(table, was_empty_);
    if (!parts.ladder.replica()) parts.foreign_keys.unsure(table);  // keys may act on its rows
    bool deferred_key = false;
    for (const ConstraintFacts& constraint : facts.constraints) {
        deferred_ |= constraint.deferrable;
        deferred_key |= constraint.deferrable && constraint.kind == 'p';
    }
    is_child_ = parts.foreign_keys.is_child(table);
    traced_ = is_child_ || deferred_ || (was_empty_ && parts.indexes.may_drop_unique(table));
    compares_keys_ = !of.key.empty() && std::all_of(of.key.begin(), of.key.end(), [&](std::size_t column) {
        return facts.columns[column].form == ValueForm::kInteger;
    });
    const bool straight = (was_empty_ && !deferred_key) || is_bag(of);
    if (!straight || context_.options.on_problem || parts.ladder.acts_at_once(table)) {
        if (!is_bag(of) && !facts.can_update) {
            throw Error(ErrorKind::kRefused, cat("this role may not change rows of table ", quote(of.label())))
                .with_detail("It lacks the privilege \"UPDATE\".")
                .with_hint("connect as a role that has this privilege, or have it granted");
        }
        stage();
    }
}

void TableLoader::stage() {
    parts_.foreign_keys.unsure(table_);
    staging_ = std::make_unique<Staging>(context_, table_, sets_);
}

std::size_t TableLoader::set_of(const BoundRow& row, bool keyed) {
    const auto fits = [&](const ColumnSet& set) {
        return set.keyed == keyed &&
               std::equal(set.columns.begin(), set.columns.end(), row.columns.begin(), row.columns.end());
    };
    if (last_set_ < sets_.size() && fits(sets_[last_set_])) return last_set_;
    const auto found = std::find_if(sets_.begin(), sets_.end(), fits);
    last_set_ = static_cast<std::size_t>(found - sets_.begin());
    if (found == sets_.end()) sets_.push_back({{row.columns.begin(), row.columns.end()}, keyed});
    return last_set_;
}

void TableLoader::write(const BoundRow& given) {
    BoundRow row = given;
    if (row.address == RowAddress::kNumbered && parts_.numbers.gives(table_)) {
        const auto key = static_cast<std::uint16_t>(context_.table(table_).key[0]);
        const auto at = std::lower_bound(row.columns.begin(), row.columns.end(), key) - row.columns.begin();
        numbered_columns_.assign(row.columns.begin(), row.columns.end());
        numbered_values_.assign(row.values.begin(), row.values.end());
        const Value number = Value::integer(parts_.numbers.take(table_));
        if (static_cast<std::size_t>(at) < numbered_columns_.size() &&
            numbered_columns_[static_cast<std::size_t>(at)] == key) {
            numbered_values_[static_cast<std::size_t>(at)] = number;
        } else {
            numbered_columns_.insert(numbered_columns_.begin() + at, key);
            numbered_values_.insert(numbered_values_.begin() + at, number);
        }
        row.columns = numbered_columns_;
        row.values = numbered_values_;
        row.address = RowAddress::kKey;
    }
    const bool keyed = row.address == RowAddress::kKey && !is_bag(context_.table(table_));
    const std::size_t set = set_of(row, keyed);
    for (std::size_t i = 0; i < row.values.size(); ++i) {
        const Value& value = row.values[i];
        if (!value.has_text() || value.kind() == ValueKind::kBytes) continue;
        if (std::memchr(value.as_text().data(), 0, value.as_text().size()) == nullptr) continue;
        const std::string& name = context_.table(table_).columns[row.columns[i]].name;
        Error error(ErrorKind::kInput, cat("column ", quote(name), " cannot hold a text with the character U+0000"));
        error.where.column = name;
        error.where.line = value.line();
        return refuse(row, std::move(error));
    }
    if (!staged() && set != batch_set_ && batch_.rows() > 0) {
        // Rows that give other columns by turns would be as many COPYs.
        const bool by_turns = ++switches_ > 20 && written_ / switches_ < 100;
        end_batch();
        if (by_turns && !staged() && context_.facts(table_).can_update) stage();
    }
    batch_set_ = set;
    if (keyed) note_key(row);
    encode(row, set);
    ++written_;
    if (batch_.unsent() >= kPiece) pump(false);
    if (batch_.is_full()) end_batch();
    const bool may_pause = was_empty_ && !staged() && batch_.rows() == 0 && written_ >= kRowsBeforeIndexPause;
    if (may_pause && !std::exchange(paused_, true)) parts_.indexes.drop(table_);
    if (in_staging_ >= kMostStaged) merge();
}

// A key twice cannot be among keys of integers that only rise.
void TableLoader::note_key(const BoundRow& row) {
    if (!compares_keys_) {
        ascending_ = false;
        return;
    }
    this_key_.clear();
    for (const std::size_t column : context_.table(table_).key) {
        const auto at = std::lower_bound(row.columns.begin(), row.columns.end(), column) - row.columns.begin();
        const Value& value = row.values[static_cast<std::size_t>(at)];
        if (value.kind() != ValueKind::kInteger) {
            ascending_ = false;
            return;
        }
        this_key_.push_back(value.as_integer());
    }
    if (parts_.numbers.gives(table_)) parts_.numbers.see(table_, this_key_[0]);
    if (!last_key_.empty() && last_key_ >= this_key_) ascending_ = false;
    last_key_.swap(this_key_);
}

void TableLoader::encode(const BoundRow& row, std::size_t set) {
    std::string& out = batch_.text();
    const bool keyed = sets_[set].keyed;
    const bool logs = staged() ? paused_ || deferred_ || (is_child_ && !keyed) : traced_;
    std::uint64_t number = 0;
    if (staged() || logs || parts_.fates != nullptr) number = context_.log.add(row.origin);
    if (logs) log_fields(row, keyed, number);
    if (!staged()) {
        parts_.foreign_keys.copied(row);
        for (std::size_t i = 0; i < row.values.size(); ++i) {
            if (i > 0) out += '\t';
            append_field(out, row.values[i]);
        }
    } else {
        append(out, cat(number, '\t', set));
        std::size_t next = 0;
        for (const std::size_t column : staging_->columns()) {
            out += '\t';
            if (next < row.columns.size() && row.columns[next] == column) {
                append_field(out, row.values[next++]);
            } else {
                append(out, kCopyNull);
            }
        }
        last_number_ = number;
    }
    batch_.end_row(number, row);
}

// By its key, or by what it refers to where the key is not known.
void TableLoader::log_fields(const BoundRow& row, bool keyed, std::uint64_t number) {
    const auto shape = keyed ? ForeignKeyCheck::kByKey : ForeignKeyCheck::kByReferences;
    fields_.clear();
    for (const std::size_t column : parts_.foreign_keys.logged_columns(table_, shape)) {
        const auto at = std::lower_bound(row.columns.begin(), row.columns.end(), column) - row.columns.begin();
        const auto i = static_cast<std::size_t>(at);
        if (!fields_.empty()) fields_ += '\t';
        if (i < row.columns.size() && row.columns[i] == column) {
            append_field(fields_, row.values[i]);
        } else {
            append(fields_, kCopyNull);
        }
    }
    if (!fields_.empty()) context_.log.keep(table_, shape, number, fields_);
}

std::string TableLoader::copy_sql(std::size_t set) const {
    if (staged()) return staging_->copy();
    std::string list;
    for (const std::uint16_t column : sets_[set].columns)
        append(list, cat(list.empty() ? "" : ", ", quote_identifier(context_.table(table_).columns[column].name)));
    return cat("COPY ", context_.facts(table_).sql_name, " (", list, ") FROM STDIN");
}

void TableLoader::begin_copy() {
    if (copy_) return;
    if (parts_.copying != nullptr) parts_.copying->end_copy();
    context_.session.run("SAVEPOINT dbfixture_batch");
    copy_ = std::make_unique<CopyIn>(context_.session, copy_sql(batch_set_));
    parts_.copying = this;
}

void TableLoader::pump(bool all) {
    if (!all && batch_.unsent() < kPiece) return;
    begin_copy();
    copy_->put(batch_.take_unsent());
}

void TableLoader::end_copy() {
    if (copy_) end_batch();
}

void TableLoader::end_batch() {
    if (batch_.rows() == 0) return;
    if (!staged() && sets_[batch_set_].columns.empty()) return insert_defaults();
    pump(true);
    const std::unique_ptr<CopyIn> copy = std::move(copy_);
    parts_.copying = nullptr;
    try {
        copy->finish();
    } catch (const PgError& error) {
        context_.session.run("ROLLBACK TO SAVEPOINT dbfixture_batch; RELEASE SAVEPOINT dbfixture_batch");
        batch_failed(error);
        batch_.clear();
        return;
    }
    context_.session.run("RELEASE SAVEPOINT dbfixture_batch");
    if (staged()) {
        in_staging_ += batch_.rows();
    } else {
        context_.counts(table_).inserted += batch_.rows();
        for (std::size_t i = 0; parts_.fates != nullptr && i < batch_.rows(); ++i)
            set_fate(batch_.row(i).number, RowFate::kInserted);
    }
    batch_.clear();
}

// COPY cannot be given no column at all.
void TableLoader::insert_defaults() {
    for (std::size_t i = 0; i < batch_.rows(); ++i) {
        context_.session.run(cat("INSERT INTO ", context_.facts(table_).sql_name, " DEFAULT VALUES"));
        set_fate(batch_.row(i).number, RowFate::kInserted);
    }
    context_.counts(table_).inserted += batch_.rows();
    batch_.clear();
}

void TableLoader::set_fate(std::uint64_t number, RowFate fate) {
    if (parts_.fates == nullptr || number < parts_.first_fate) return;
    const std::size_t slot = number - parts_.first_fate;
    if (slot < parts_.fates->size()) (*parts_.fates)[slot] = fate;
}

void TableLoader::settle() {
    end_batch();
    if (staged() && in_staging_ > 0) merge();
}

void TableLoader::finish() {
    settle();
    if (waiting_ > 0) rewrite_waiting();
}

}  // namespace dbfixture::postgres
