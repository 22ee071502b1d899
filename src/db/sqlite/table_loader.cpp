// SPDX-License-Identifier: MIT
#include "db/sqlite/table_loader.h"

#include <sqlite3.h>

#include <algorithm>
#include <iterator>
#include <limits>

#include "base/cat.h"
#include "base/text.h"
#include "db/sqlite/default_expression.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/row_identity.h"
#include "db/sqlite/sql_text.h"
#include "db/sqlite/stored_row.h"

namespace dbfixture::sqlite {
namespace {

// Below this many rows, dropping and rebuilding indexes costs more than it saves.
constexpr std::uint64_t kRowsBeforeIndexPause = 5000;

// A statement of many rows pays for AUTOINCREMENT and for starting and ending only once. Beyond these numbers nothing
// more is gained, and below the last its own preparation costs more.
constexpr std::size_t kRowsInStatement = 32;
constexpr std::size_t kParametersInStatement = 512;
constexpr std::uint64_t kRowsBeforeMany = 100;

}  // namespace

TableLoader::TableLoader(LoadContext& context, ForeignKeyCheck& foreign_keys, IndexPause& indexes, SetAside& set_aside,
                         std::size_t table)
    : context_(context),
      foreign_keys_(foreign_keys),
      indexes_(indexes),
      set_aside_(set_aside),
      index_(table),
      table_(context.table(table)),
      facts_(context.facts(table)),
      counts_(context.report.tables[table]) {
    const std::string& obstacle = table_.unreadable.empty() ? facts_.unwritable : table_.unreadable;
    if (!obstacle.empty()) throw cannot_use(table_.name, "written", obstacle);
    const std::string source = read_source(table_, facts_);
    was_empty_ = !query_int(context.handle, cat("SELECT 1 FROM ", source, " LIMIT 1")).has_value();
    foreign_keys_.watch(table, was_empty_);
    const bool has_unique_index = std::any_of(facts_.indexes.begin(), facts_.indexes.end(),
                                              [](const Index& index) { return index.unique && !index.sql.empty(); });
    tracks_ = foreign_keys_.is_child(table) || (was_empty_ && has_unique_index);

    std::string select = facts_.rowid_apart ? "" : facts_.rowid.empty() ? "NULL" : facts_.rowid;
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
        const bool wanted = !table_.columns[i].generated || foreign_keys_.looks_at(table, i);
        append(select, cat(select.empty() ? "" : ", ", wanted ? quote_identifier(table_.columns[i].name) : "NULL"));
    }
    select = cat("SELECT ", select, " FROM ", source, " WHERE ");
    if (!table_.key.empty()) {
        const std::string condition = key_condition(table_, facts_, "=", 1);
        by_key_ = Statement(context.handle, cat(select, condition), true);
        again_by_key_ = Statement(context.handle, cat(select, condition), true);
        if (facts_.rowid_apart && !facts_.rowid.empty())
            rowid_by_key_ =
                Statement(context.handle, cat("SELECT ", facts_.rowid, " FROM ", source, " WHERE ", condition));
    }
    if (!facts_.rowid.empty()) {
        by_rowid_ = Statement(context.handle, cat(select, facts_.rowid, " = ?1"), true);
        again_by_rowid_ = Statement(context.handle, cat(select, facts_.rowid, " = ?1"), true);
    }
}

bool TableLoader::fits(const Plan& plan, const BoundRow& row) {
    return plan.address == row.address &&
           std::equal(plan.columns.begin(), plan.columns.end(), row.columns.begin(), row.columns.end());
}

TableLoader::Plan& TableLoader::plan_for(const BoundRow& row) {
    if (last_plan_ != nullptr && fits(*last_plan_, row)) return *last_plan_;
    std::string name(1, static_cast<char>(row.address));
    for (const std::uint16_t column : row.columns)
        name += {static_cast<char>(column >> 8), static_cast<char>(column & 0xFF)};
    if (const auto known = plans_by_name_.find(name); known != plans_by_name_.end()) {
        plans_.splice(plans_.end(), plans_, known->second);
        return *(last_plan_ = &plans_.back());
    }
    if (plans_.size() == kMostPlans) {  // the one that was not asked for longest
        plans_by_name_.erase(plans_.front().name);
        plans_.pop_front();
    }
    Plan& plan = plans_.emplace_back();
    last_plan_ = &plan;
    plan.name = name;
    plans_by_name_.emplace(std::move(name), std::prev(plans_.end()));
    plan.address = row.address;
    plan.columns.assign(row.columns.begin(), row.columns.end());
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
        const bool given = std::find(plan.columns.begin(), plan.columns.end(), i) != plan.columns.end();
        if (!given && !table_.columns[i].generated) plan.omitted.push_back(i);
    }
    // OR ABORT: a conflict clause in the schema (UNIQUE ON CONFLICT REPLACE) must not delete another row behind our
    // back.
    plan.insert = Statement(context_.handle, insert_sql(plan, "ABORT", 1), true);
    const std::size_t parameters = plan.columns.size() + (row.address == RowAddress::kRowNumber ? 1 : 0);
    plan.many = parameters == 0 ? 0 : std::min(kRowsInStatement, kParametersInStatement / parameters);
    return plan;
}

std::string TableLoader::insert_sql(const Plan& plan, std::string_view on_conflict, std::size_t rows) const {
    std::string names, one_row;
    const auto add = [&](std::string_view name) {
        append(names, cat(names.empty() ? "" : ", ", name));
        append(one_row, one_row.empty() ? "?" : ", ?");
    };
    for (const std::uint16_t column : plan.columns)
        add(quote_identifier(table_.columns[column].name));
    if (plan.address == RowAddress::kRowNumber) add(facts_.rowid);
    std::string sql = cat("INSERT OR ", on_conflict, " INTO ", qualified(table_.name));
    if (names.empty()) return sql + " DEFAULT VALUES";
    append(sql, cat("(", names, ") VALUES "));
    for (std::size_t i = 0; i < rows; ++i)
        append(sql, cat(i == 0 ? "(" : ", (", one_row, ")"));
    return sql;
}

Statement& TableLoader::update_of(Plan& plan) {
    if (plan.update) return plan.update;
    std::string assignments;
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
        append(assignments,
               cat(i == 0 ? "" : ", ", quote_identifier(table_.columns[plan.columns[i]].name), " = ?", i + 1));
    }
    for (const std::size_t column : plan.omitted) {
        append(assignments, cat(assignments.empty() ? "" : ", ", quote_identifier(table_.columns[column].name), " = ",
                                default_expression(table_.columns[column])));
    }
    const std::size_t next = plan.columns.size() + 1;
    const std::string where =
        facts_.rowid.empty() ? key_condition(table_, facts_, "=", next) : cat(facts_.rowid, " = ?", next);
    plan.update = Statement(
        context_.handle, cat("UPDATE OR ABORT ", qualified(table_.name), " SET ", assignments, " WHERE ", where), true);
    return plan.update;
}

bool TableLoader::is_unique_failure(int code) const {
    return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
           code == SQLITE_CONSTRAINT_ROWID || (!facts_.module.empty() && (code & 0xFF) == SQLITE_CONSTRAINT);
}

void TableLoader::refuse(const BoundRow& row, int code) const {
    throw row_error(context_, row, code);
}

// Returns the last parameter that was bound.
int TableLoader::bind(Statement& statement, int parameter, const BoundRow& row) {
    for (const Value& value : row.values)
        statement.bind(++parameter, value);
    if (row.address == RowAddress::kRowNumber) statement.bind(++parameter, row.row_number);
    return parameter;
}

int TableLoader::insert(Plan& plan, const BoundRow& row) {
    bind(plan.insert, 0, row);
    return plan.insert.try_run();
}

// Whether the first plan.many rows may be inserted by one statement: they are new as far as is known, and each tells
// under which rowid it can be found again. A STRICT table's refusals do not tell how many rows went in before.
bool TableLoader::may_insert_many(const Plan& plan, std::span<const BoundRow> rows) const {
    if (one_by_one_ || !was_empty_ || plan.many < 2 || rows.size() < plan.many) return false;
    if (counts_.inserted < kRowsBeforeMany || !set_aside_.empty()) return false;
    if (context_.options.on_problem || context_.options.fire_triggers) return false;
    if (facts_.strict || !facts_.module.empty()) return false;
    const bool by_rowid = plan.address == RowAddress::kRowNumber;
    if (!by_rowid && plan.address != RowAddress::kKey) return false;
    if (!by_rowid && !facts_.rowid_column && !facts_.rowid.empty()) return false;
    return std::all_of(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(plan.many), [&](const BoundRow& row) {
        return row.table == index_ && fits(plan, row) && (facts_.rowid.empty() || rowid_of(row));
    });
}

// Returns how many of the rows were inserted and counted; those after them are to be written one by one.
std::size_t TableLoader::insert_many(Plan& plan, std::span<const BoundRow> rows) {
    // OR FAIL keeps the rows before the one that fails, and needs no copy of what it changes.
    if (!plan.insert_many) plan.insert_many = Statement(context_.handle, insert_sql(plan, "FAIL", plan.many), true);
    try {
        int parameter = 0;
        for (const BoundRow& row : rows)
            parameter = bind(plan.insert_many, parameter, row);
    } catch (const Error&) {
        one_by_one_ = true;
        return 0;
    }
    const int code = plan.insert_many.try_run();
    std::size_t count = rows.size();
    if (code != SQLITE_DONE) {
        one_by_one_ = true;
        const bool failed_a_check =
            is_unique_failure(code) || code == SQLITE_CONSTRAINT_NOTNULL || code == SQLITE_CONSTRAINT_CHECK;
        // An expression that fails (code SQLITE_ERROR) does not tell how many rows went in. It fails again when they
        // are written one by one, which finds those that are there.
        if (!failed_a_check && code != SQLITE_ERROR) refuse(rows[0], code);
        count = failed_a_check ? static_cast<std::size_t>(sqlite3_changes(context_.handle.database)) : 0;
    }
    for (const BoundRow& row : rows.first(count))
        inserted(row, facts_.rowid.empty() ? 0 : *rowid_of(row));
    return count;
}

// The rowid that the row will have, if that can be known before it is stored.
std::optional<std::int64_t> TableLoader::rowid_of(const BoundRow& row) const {
    if (row.address == RowAddress::kRowNumber) return row.row_number;
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
        if (row.columns[i] != facts_.rowid_column) continue;
        if (row.values[i].kind() != ValueKind::kInteger) break;
        return row.values[i].as_integer();
    }
    return std::nullopt;
}

void TableLoader::track(const BoundRow& row, std::int64_t rowid) {
    if (!tracks_) return;
    if (table_.key_kind == KeyKind::kNone) return foreign_keys_.added(row);
    foreign_keys_.touch(index_, rowid, facts_.rowid.empty() ? key_of(table_, row) : std::vector<Value>(), row.origin);
}

void TableLoader::keep_indexes() {
    if (keeps_indexes_) return;
    keeps_indexes_ = true;
    if (!indexes_dropped_) return;
    by_key_.reset();
    by_rowid_.reset();
    indexes_.restore(index_);
}

void TableLoader::put_aside(const BoundRow& row, std::uint64_t key) {
    set_aside_.add(row, key);
    last_fate_ = RowFate::kLater;
}

void TableLoader::inserted(const BoundRow& row) {
    inserted(row, sqlite3_last_insert_rowid(context_.handle.database));
}

void TableLoader::inserted(const BoundRow& row, std::int64_t rowid) {
    ++counts_.inserted;
    last_fate_ = RowFate::kInserted;
    track(row, rowid);
    const bool may_drop = was_empty_ && !indexes_dropped_ && !keeps_indexes_ && !context_.options.on_problem;
    if (may_drop && counts_.inserted == kRowsBeforeIndexPause) {
        indexes_dropped_ = true;
        indexes_.drop(index_);
    }
}

std::size_t TableLoader::write_some(std::span<const BoundRow> rows) {
    last_fate_ = RowFate::kChanged;
    Plan& plan = plan_for(rows[0]);
    if (may_insert_many(plan, rows)) {
        if (const std::size_t count = insert_many(plan, rows.first(plan.many)); count > 0) return count;
    }
    write(rows[0]);
    return 1;
}

void TableLoader::write(const BoundRow& row) {
    last_fate_ = RowFate::kChanged;
    Plan& plan = plan_for(row);
    const bool addressed = row.address == RowAddress::kKey || row.address == RowAddress::kRowNumber;
    const auto identity = [&] {
        return row.address == RowAddress::kRowNumber ? static_cast<std::uint64_t>(row.row_number)
                                                     : hash_key(key_of(table_, row));
    };
    if (addressed && !set_aside_.empty()) {
        const std::uint64_t key = identity();
        if (set_aside_.may_hold(index_, key)) return put_aside(row, key);
    }
    const int code = addressed ? write_addressed(plan, row) : insert(plan, row);
    if (code == SQLITE_DONE) {
        if (!addressed) inserted(row);
    } else if (is_unique_failure(code)) {
        put_aside(row, addressed ? identity() : 0);
    } else {
        refuse(row, code);
    }
}

// Inserting first is fastest into a table that was empty; looking first, into any other.
int TableLoader::write_addressed(Plan& plan, const BoundRow& row) {
    if (was_empty_) {
        const int code = insert(plan, row);
        if (code == SQLITE_DONE) inserted(row);
        if (!is_unique_failure(code)) return code;
    }
    if (find(row, row.address == RowAddress::kKey ? by_key_ : by_rowid_, existing_)) {
        if (!is_another_row(row)) return update(plan, row);
        displace();
    }
    // After a failure once more: an error is made of SQLite's last words, and those were for find().
    const int code = insert(plan, row);
    if (code == SQLITE_DONE) inserted(row);
    return code;
}

// A rowid beside a declared key addresses rows whose key contains NULL. A row there with a key of its own is another
// row, which only happens to have that rowid.
bool TableLoader::is_another_row(const BoundRow& row) const {
    if (row.address != RowAddress::kRowNumber || table_.key_kind != KeyKind::kDeclared) return false;
    bool same = true;
    for (const std::size_t column : table_.key) {
        if (existing_.values[column].is_null()) return false;
        const auto given = std::find(row.columns.begin(), row.columns.end(), column);
        same &= given != row.columns.end() &&
                same_value(existing_.values[column], row.values[static_cast<std::size_t>(given - row.columns.begin())]);
    }
    return !same;
}

// After the largest, else after the last that has none after it.
std::int64_t TableLoader::free_rowid() const {
    constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
    const std::string name = qualified(table_.name);
    const std::int64_t last = query_int(context_.handle, largest_number(table_, facts_)).value_or(0);
    if (last < kLargest) return last + 1;
    const std::string gap = cat("SELECT a.", facts_.rowid, " + 1 FROM ", name, " AS a WHERE a.", facts_.rowid, " < ",
                                kLargest, " AND NOT EXISTS (SELECT 1 FROM ", name, " AS b WHERE b.", facts_.rowid,
                                " = a.", facts_.rowid, " + 1) ORDER BY 1 DESC LIMIT 1");
    return query_int(context_.handle, gap).value_or(std::numeric_limits<std::int64_t>::min());
}

// Gives the row that was found another rowid: beside a key of its own, the rowid says nothing.
void TableLoader::displace() {
    by_rowid_.reset();
    const std::int64_t free = free_rowid();
    Statement move(context_.handle, cat("UPDATE OR ABORT ", qualified(table_.name), " SET ", facts_.rowid,
                                        " = ?1 WHERE ", facts_.rowid, " = ?2"));
    move.bind(1, free).bind(2, existing_.rowid).run();
    foreign_keys_.moved(index_, existing_.rowid, free);
}

bool TableLoader::find(const BoundRow& row, Statement& select, Existing& found) {
    select.reset();
    if (row.address == RowAddress::kRowNumber) {
        select.bind(1, row.row_number);
    } else {
        int parameter = 0;
        for (const Value& value : key_of(table_, row))
            select.bind(++parameter, value);
    }
    if (!select.step()) return false;
    const int first = facts_.rowid_apart ? 0 : 1;
    found.rowid = facts_.rowid_apart ? rowid_apart(row) : select.column_int(0);
    found.values.resize(table_.columns.size());
    for (std::size_t i = 0; i < found.values.size(); ++i)
        found.values[i] = select.column(static_cast<int>(i) + first);
    return true;
}

std::int64_t TableLoader::rowid_apart(const BoundRow& row) {
    if (row.address == RowAddress::kRowNumber) return row.row_number;
    if (!rowid_by_key_) return 0;
    int parameter = 0;
    for (const Value& value : key_of(table_, row))
        rowid_by_key_.bind(++parameter, value);
    const std::int64_t rowid = rowid_by_key_.step() ? rowid_by_key_.column_int(0) : 0;
    rowid_by_key_.reset();
    return rowid;
}

bool TableLoader::says_the_same(const Plan& plan, const BoundRow& row) const {
    if (!plan.omitted.empty()) return false;
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
        const Value& before = existing_.values[plan.columns[i]];
        const Value after =
            row.values[i].kind() == ValueKind::kBoolean ? Value::integer(row.values[i].as_integer()) : row.values[i];
        if (!same_value(before, after)) return false;
    }
    return true;
}

std::vector<Value> TableLoader::stored_key(const Existing& existing) const {
    std::vector<Value> key;
    for (const std::size_t column : table_.key)
        key.push_back(existing.values[column]);
    return key;
}

int TableLoader::update(Plan& plan, const BoundRow& row) {
    if (says_the_same(plan, row)) {
        ++counts_.unchanged;
        (row.address == RowAddress::kKey ? by_key_ : by_rowid_).reset();
        return SQLITE_DONE;
    }
    Statement& statement = update_of(plan);
    int parameter = 0;
    for (const Value& value : row.values)
        statement.bind(++parameter, value);
    if (facts_.rowid.empty()) {
        for (const Value& value : stored_key(existing_))
            statement.bind(++parameter, value);
    } else {
        statement.bind(++parameter, existing_.rowid);
    }
    const int code = statement.try_run();
    if (code == SQLITE_DONE) {
        // Only the database knows what an affinity or a default made of the values.
        const bool by_key = row.address == RowAddress::kKey;
        if (!find(row, by_key ? again_by_key_ : again_by_rowid_, now_)) return SQLITE_CORRUPT;
        const bool changed =
            !std::equal(existing_.values.begin(), existing_.values.end(), now_.values.begin(), same_value);
        ++(changed ? counts_.updated : counts_.unchanged);
        if (foreign_keys_.child_columns_differ(index_, existing_.values, now_.values)) track(row, existing_.rowid);
        foreign_keys_.replaced(index_, existing_.values, now_.values, row.origin);
        (by_key ? again_by_key_ : again_by_rowid_).reset();
    }
    (row.address == RowAddress::kKey ? by_key_ : by_rowid_).reset();
    return code;
}

bool TableLoader::retry(const BoundRow& row) {
    Plan& plan = plan_for(row);
    const bool addressed = row.address == RowAddress::kKey || row.address == RowAddress::kRowNumber;
    const int code = addressed ? write_addressed(plan, row) : insert(plan, row);
    if (code == SQLITE_DONE && !addressed) inserted(row);
    if (code != SQLITE_DONE && !is_unique_failure(code)) refuse(row, code);
    return code == SQLITE_DONE;
}

std::optional<std::string> TableLoader::make_way(const BoundRow& row) {
    if (row.address != RowAddress::kKey && row.address != RowAddress::kRowNumber) return std::nullopt;
    if (!find(row, row.address == RowAddress::kKey ? by_key_ : by_rowid_, existing_)) return std::nullopt;
    if (!delete_) {
        const std::string where =
            facts_.rowid.empty() ? key_condition(table_, facts_, "=", 1) : cat(facts_.rowid, " = ?1");
        delete_ = Statement(context_.handle, cat("DELETE FROM ", qualified(table_.name), " WHERE ", where), true);
    }
    std::vector<Value> kept = existing_.values;
    kept.push_back(Value::integer(existing_.rowid));
    std::string before = store_values(kept);
    if (facts_.rowid.empty()) {
        int parameter = 0;
        for (const Value& value : stored_key(existing_))
            delete_.bind(++parameter, value);
    } else {
        delete_.bind(1, existing_.rowid);
    }
    foreign_keys_.replaced(index_, existing_.values, {}, row.origin);
    const int code = delete_.try_run();
    (row.address == RowAddress::kKey ? by_key_ : by_rowid_).reset();
    if (code != SQLITE_DONE) refuse(row, code);
    return before;
}

bool TableLoader::put_back(const BoundRow& row, std::string_view before) {
    const std::vector<Value> old = load_values(before);
    BoundRow at_rowid = row;
    if (!facts_.rowid.empty() && !facts_.rowid_column) {
        at_rowid.address = RowAddress::kRowNumber;
        at_rowid.row_number = old.back().as_integer();
    }
    const int code = insert(plan_for(at_rowid), at_rowid);
    if (is_unique_failure(code)) return false;
    if (code != SQLITE_DONE) refuse(row, code);
    const bool found = find(at_rowid, at_rowid.address == RowAddress::kKey ? again_by_key_ : again_by_rowid_, now_);
    const std::span<const Value> was(old.data(), old.size() - 1);
    if (!found || foreign_keys_.child_columns_differ(index_, was, now_.values)) track(row, old.back().as_integer());
    (at_rowid.address == RowAddress::kKey ? again_by_key_ : again_by_rowid_).reset();
    ++counts_.updated;
    return true;
}

}  // namespace dbfixture::sqlite
