// SPDX-License-Identifier: MIT
#include "layout/django/settle.h"

#include <algorithm>
#include <utility>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "model/copy_value.h"

namespace dbfixture {
namespace {

// Gives the row other values, in `arena`: those that it has belong to its batch.
void set_value(BoundRow& row, std::size_t slot, const Value& value, Arena& arena) {
    auto* const values = arena.make<Value>(row.values.size());
    std::copy(row.values.begin(), row.values.end(), values);
    values[slot] = value;
    row.values = {values, row.values.size()};
}

std::optional<std::size_t> slot_of(const BoundRow& row, std::size_t column) {
    const auto found = std::find(row.columns.begin(), row.columns.end(), column);
    if (found == row.columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - row.columns.begin());
}

// Of a row's own natural key; "" if the row does not have all of it.
std::string natural_identity(const DjangoModels& models, const BoundRow& row) {
    const DjangoModel* const model = models.of_table(row.table);
    if (model == nullptr || model->natural_key.empty()) return {};
    std::vector<Value> values;
    for (const std::size_t column : model->natural_key) {
        const auto slot = slot_of(row, column);
        if (!slot) return {};
        values.push_back(row.values[*slot]);
    }
    return identity_of(row.table, values);
}

// Of a row's primary key; "" if it has none yet.
std::string key_identity(const DjangoModels& models, const BoundRow& row) {
    const Table& table = models.schema().tables[row.table];
    const auto slot = table.key.size() == 1 ? slot_of(row, table.key[0]) : std::nullopt;
    if (!slot || row.values[*slot].is_null()) return {};
    return identity_of(row.table, {&row.values[*slot], 1});
}

}  // namespace

DjangoWriter::DjangoWriter(Connection& connection, LoadSession& session, const DjangoModels& models,
                           const std::vector<std::string>& files, std::function<void(const Error&)> on_problem,
                           std::function<bool(std::size_t table)> may_search)
    : session_(session),
      models_(models),
      files_(files),
      on_problem_(std::move(on_problem)),
      resolver_(
          connection, session, models,
          {std::move(may_search), [this](std::size_t table) { write_ready_of(table); },
           [this](const DjangoTarget& target, std::span<const Value> wanted) { return find_waiting(target, wanted); }}),
      waiting_(session.put_by(), models),
      ready_tables_(models.schema().tables.size()) {}

// A bad row ends the load, unless problems are collected.
void DjangoWriter::report(const Error& error, const BoundRow& row) {
    if (!on_problem_ || error.kind != ErrorKind::kInput) throw error;
    on_problem_(error);
    const Table& table = models_.schema().tables[row.table];
    const auto slot = table.key.size() == 1 ? slot_of(row, table.key[0]) : std::nullopt;
    if (slot && !row.values[*slot].is_null()) session_.note_bad_record(row.table, {&row.values[*slot], 1});
}

void DjangoWriter::write(const RowBatch& batch) {
    const std::span<const RowLink> all_links = links_of(batch);
    if (all_links.empty() && waiting_.empty()) return session_.write(batch.rows);
    forget();
    const std::vector<const Value*> answers = resolver_.expect(batch, all_links);
    const std::span<const BoundRow> rows = batch.rows;
    std::vector<RowLink> links;
    std::size_t next = 0;  // link
    std::size_t plain = 0;
    const auto write_plain = [&](std::size_t end) {
        if (end > plain) write_ready();
        for (; plain < end && !waiting_.empty(); ++plain) {
            if (rows[plain].address == RowAddress::kNumbered && reserved_.contains(rows[plain].table)) {
                wait(rows[plain], {});  // or it might be given a number that a waiting row has
            } else {
                drop_waiting(rows[plain]);
                session_.write(rows.subspan(plain, 1));
            }
        }
        if (end > plain) session_.write(rows.subspan(plain, end - plain));
    };
    while (next < all_links.size()) {
        const std::size_t index = all_links[next].row;
        if (index >= rows.size()) break;
        write_plain(index);
        plain = index + 1;
        BoundRow row = rows[index];
        links.clear();
        for (; next < all_links.size() && all_links[next].row == index; ++next) {
            RowLink& link = links.emplace_back(all_links[next]);
            if (answers[next] == nullptr) continue;
            set_value(row, link.slot, *answers[next], scratch_);
            link.value = Value::null();
        }
        try {
            if (!process(row, links)) wait(row, links);
        } catch (const Error& error) {
            write_ready();  // an error of an earlier row comes first
            report(error, row);
        }
    }
    write_plain(rows.size());
    write_ready();
}

void DjangoWriter::forget() {
    scratch_.clear();
    resolver_.forget();
}

// Settles what the row needs and makes it ready to be written; false, with nothing done, if it must wait.
bool DjangoWriter::process(BoundRow& row, std::span<RowLink> links) {
    if (!settle(row, links)) return false;
    drop_waiting(row);
    const Table& table = models_.schema().tables[row.table];
    for (const RowLink& link : links) {
        if (link.kind != RowLink::Kind::kMembers) continue;
        const auto key = slot_of(row, table.key[0]);
        if (!key) fail(row, link, {ErrorKind::kInput, "the record has no primary key to list members of"});
        MemberSet& set = ready_.sets.emplace_back();
        set.table = static_cast<std::uint32_t>(link.members->table);
        set.owner = static_cast<std::uint16_t>(link.members->owner);
        set.member = static_cast<std::uint16_t>(link.members->member);
        set.owner_value = row.values[*key];
        set.members = {link.value.items(), link.value.item_count()};
        set.origin = row.origin;
        ready_.owners.push_back(ready_.rows.size());
    }
    ready_.rows.push_back(row);
    ready_tables_[row.table] = true;
    return true;
}

void DjangoWriter::write_ready_of(std::size_t table) {
    if (ready_tables_[table]) write_ready();
}

// The rows that are ready, and then their lists.
void DjangoWriter::write_ready() {
    if (ready_.rows.empty()) return;
    std::swap(ready_, writing_);
    ready_.clear();
    for (const BoundRow& row : writing_.rows)
        ready_tables_[row.table] = false;
    session_.write(writing_.rows, &fates_);
    std::vector<MemberSet>& sets = writing_.sets;
    for (std::size_t i = 0; i < sets.size(); ++i)
        sets[i].owner_is_new = fates_[writing_.owners[i]] == RowFate::kInserted;
    if (!on_problem_) return session_.replace_members(sets);
    for (std::size_t i = 0; i < sets.size(); ++i) {
        try {
            session_.replace_members({&sets[i], 1});
        } catch (const Error& error) {
            report(error, writing_.rows[writing_.owners[i]]);
        }
    }
}

bool DjangoWriter::settle(BoundRow& row, std::span<RowLink> links) {
    for (RowLink& link : links) {
        if (link.kind != RowLink::Kind::kReference || link.value.kind() != ValueKind::kList) continue;
        std::vector<Value> found;
        try {
            if (!resolver_.resolve(*link.field->target, link, {&link.value, 1}, found)) return false;
        } catch (Error& error) {
            fail(row, link, std::move(error));
        }
        set_value(row, link.slot, found[0], scratch_);
        link.value = Value::null();
    }
    for (RowLink& link : links) {
        if (link.kind == RowLink::Kind::kMembers && !settle_members(link, row)) return false;
    }
    for (const RowLink& link : links) {
        if (link.kind == RowLink::Kind::kOwnKey) give_key(row, link, scratch_);
    }
    return true;
}

bool DjangoWriter::settle_members(RowLink& link, const BoundRow& row) {
    const std::size_t count = link.value.item_count();
    const Value* items = link.value.items();
    std::vector<Value> keys, found;
    std::copy_if(items, items + count, std::back_inserter(keys),
                 [](const Value& item) { return item.kind() == ValueKind::kList; });
    if (keys.empty()) return true;
    try {
        if (!resolver_.resolve(link.members->target, link, keys, found)) return false;
    } catch (Error& error) {
        fail(row, link, std::move(error));
    }
    auto* const settled = scratch_.make<Value>(count);
    auto next = found.begin();
    for (std::size_t i = 0; i < count; ++i)
        settled[i] = items[i].kind() == ValueKind::kList ? *next++ : items[i];
    link.value = Value::list(settled, count);
    return true;
}

// The row that has this natural key already, else a new number.
void DjangoWriter::give_key(BoundRow& row, const RowLink& link, Arena& arena) {
    if (!row.values[link.slot].is_null()) return;
    const DjangoModel& model = *link.model;
    const Table& table = models_.schema().tables[model.table];
    std::vector<Value> wanted;
    for (const std::size_t column : model.natural_key) {
        const auto slot = slot_of(row, column);
        if (slot) wanted.push_back(row.values[*slot]);
    }
    if (!model.natural_key.empty() && wanted.size() == model.natural_key.size()) {
        const LookupAnswer found = resolver_.find_rows(model.table, table.key[0], wanted);
        if (found.rows > 1) fail(row, link, {ErrorKind::kInput, "several rows have this record's natural key"});
        if (found.rows == 1) {
            set_value(row, link.slot, copy_value(found.values[0], arena), arena);
            return;
        }
    }
    if (!link.value.is_null()) {  // the default of the config
        set_value(row, link.slot, copy_value(link.value, arena), arena);
        return;
    }
    if (!table.numbers_rows) {
        fail(row, link,
             Error(ErrorKind::kInput, cat("a record of ", model.label, " needs a \"pk\""))
                 .with_detail("No row has its natural key, and the database does not number the rows of this table.")
                 .with_hint("give the record a \"pk\""));
    }
    set_value(row, link.slot, Value::integer(new_number(model.table)), arena);
}

std::int64_t DjangoWriter::new_number(std::size_t table) {
    write_ready_of(table);
    std::int64_t& last = reserved_[table];
    last = std::max(session_.next_number(table), waiting_.empty() ? 0 : last + 1);
    return last;
}

// The value that a waiting row with this natural key has, or is given now, in the column that is referred to.
std::optional<Value> DjangoWriter::find_waiting(const DjangoTarget& target, std::span<const Value> wanted) {
    if (waiting_.empty()) return std::nullopt;
    const std::string identity = identity_of(target.table, wanted);
    WaitingRow found;
    for (const std::int64_t number : waiting_.find(WaitingRows::kByNaturalKey, identity)) {
        if (!waiting_.get(number, found) || natural_identity(models_, found.row) != identity) continue;
        const auto slot = slot_of(found.row, target.column);
        if (!slot) continue;
        if (found.row.values[*slot].is_null()) {
            for (const RowLink& own : found.links) {
                if (own.kind == RowLink::Kind::kOwnKey) give_key(found.row, own, scratch_);
            }
            waiting_.update(found);
            mark_key(found.number, found.row);
        }
        return copy_value(found.row.values[*slot], scratch_);
    }
    return std::nullopt;
}

bool DjangoWriter::knows_natural_key(const BoundRow& row, std::span<const RowLink> links) const {
    const DjangoModel* model = models_.of_table(row.table);
    return std::none_of(links.begin(), links.end(), [&](const RowLink& link) {
        if (link.kind != RowLink::Kind::kReference || link.value.kind() != ValueKind::kList) return false;
        const auto& key = model->natural_key;
        return std::find(key.begin(), key.end(), row.columns[link.slot]) != key.end();
    });
}

void DjangoWriter::wait(BoundRow row, std::span<const RowLink> links) {
    // Keys are given in the order of the records, as Django would.
    for (const RowLink& link : links) {
        if (link.kind == RowLink::Kind::kOwnKey && knows_natural_key(row, links)) give_key(row, link, scratch_);
    }
    const std::int64_t number = waiting_.add(row, links);
    drop_waiting(row, number);
    mark_key(number, row);
}

void DjangoWriter::mark_key(std::int64_t number, const BoundRow& row) {
    const std::string key = key_identity(models_, row);
    if (!key.empty()) waiting_.mark(number, WaitingRows::kByKey, key);
}

// A later record of the same key takes a waiting row's place: the last one wins.
void DjangoWriter::drop_waiting(const BoundRow& row, std::int64_t but) {
    if (waiting_.empty() || finishing_) return;
    const std::string key = key_identity(models_, row);
    if (key.empty()) return;
    WaitingRow other;
    for (const std::int64_t number : waiting_.find(WaitingRows::kByKey, key)) {
        if (number == but || !waiting_.get(number, other) || key_identity(models_, other.row) != key) continue;
        waiting_.remove(number);
    }
}

// Makes a waiting row known by its natural key once the values of that are settled; whether it is news.
bool DjangoWriter::index(WaitingRow& waiting) {
    const DjangoModel* const model = models_.of_table(waiting.row.table);
    if (waiting.indexed || model == nullptr || model->natural_key.empty()) return false;
    for (const std::size_t column : model->natural_key) {
        const auto slot = slot_of(waiting.row, column);
        if (!slot) return false;
        for (RowLink& link : waiting.links) {
            if (link.kind != RowLink::Kind::kReference || link.slot != *slot) continue;
            if (link.value.kind() != ValueKind::kList) continue;
            std::vector<Value> found;
            if (!resolver_.resolve(*link.field->target, link, {&link.value, 1}, found)) {
                waiting_.mark(waiting.number, WaitingRows::kLacking, resolver_.lacking());
                return false;
            }
            set_value(waiting.row, *slot, copy_value(found[0], waiting.arena), waiting.arena);
            link.value = Value::null();
        }
    }
    waiting.indexed = true;
    waiting_.update(waiting);
    waiting_.mark(waiting.number, WaitingRows::kByNaturalKey, natural_identity(models_, waiting.row));
    return true;
}

// A row that becomes known lets those try again that lacked it, so that chains of any length cost what they are long.
void DjangoWriter::index_all() {
    if (!waiting_.has_natural_keys()) return;
    std::vector<std::int64_t> again;
    WaitingRow waiting;
    const auto try_row = [&](std::int64_t number) {
        forget();
        if (!waiting_.get(number, waiting) || !index(waiting)) return;
        for (const std::int64_t other : waiting_.find(WaitingRows::kLacking, natural_identity(models_, waiting.row)))
            again.push_back(other);
    };
    for (std::int64_t number = 1; number <= waiting_.last(); ++number) {
        try_row(number);
        while (!again.empty()) {
            const std::int64_t next = again.back();
            again.pop_back();
            try_row(next);
        }
    }
}

void DjangoWriter::write_waiting(bool numbered) {
    if (numbered && !waiting_.has_numbered()) return;
    WaitingRow waiting;
    for (std::int64_t number = 1; number <= waiting_.last(); ++number) {
        forget();
        if (!waiting_.get(number, waiting)) continue;
        if ((waiting.row.address == RowAddress::kNumbered) != numbered) continue;
        try {
            for (const RowLink& link : waiting.links) {  // before it meets itself among those that it refers to
                if (link.kind != RowLink::Kind::kOwnKey || !waiting.indexed) continue;
                give_key(waiting.row, link, waiting.arena);
                waiting_.update(waiting);
            }
            if (!process(waiting.row, waiting.links)) fail_unresolved(waiting);
            write_ready();
        } catch (const Error& error) {
            waiting_.remove(number);  // nor is it what others refer to
            report(error, waiting.row);
        }
    }
}

void DjangoWriter::finish() {
    resolver_.search_anywhere();
    index_all();
    finishing_ = true;
    // Numbers that were given come before those that the database gives.
    for (const bool numbered : {false, true})
        write_waiting(numbered);
    resolver_.close();
}

void DjangoWriter::fail_unresolved(const WaitingRow& waiting) {
    for (const RowLink& link : waiting.links) {
        const bool open = link.kind == RowLink::Kind::kReference ? link.value.kind() == ValueKind::kList
                                                                 : link.kind == RowLink::Kind::kMembers;
        if (!open) continue;
        RowLink copy = link;
        const bool settled = link.kind == RowLink::Kind::kMembers && settle_members(copy, waiting.row);
        if (!settled)
            fail(waiting.row, link, Error(ErrorKind::kInput, resolver_.missing()).with_hint(resolver_.missing_hint()));
    }
    fail(waiting.row, waiting.links.front(),
         Error(ErrorKind::kInput, resolver_.missing()).with_hint(resolver_.missing_hint()));
}

void DjangoWriter::fail(const BoundRow& row, const RowLink& link, Error error) const {
    if (error.where.record > 0) throw error;  // of an earlier row, which was written before a search
    const Table& table = models_.schema().tables[row.table];
    if (row.origin.file < files_.size()) error.where.file = files_[row.origin.file];
    error.where.line = link.value.line() > 0 ? link.value.line() : row.origin.line;
    error.where.record = row.origin.record;
    error.where.table = table.label();
    const auto slot = table.key.size() == 1 ? slot_of(row, table.key[0]) : std::nullopt;
    if (slot && !row.values[*slot].is_null()) error.where.key = cat("pk=", describe(row.values[*slot]));
    if (link.field != nullptr) error.where.column = link.field->name;
    if (link.members != nullptr) error.where.column = link.members->name;
    throw error;
}

}  // namespace dbfixture
