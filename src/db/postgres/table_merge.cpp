// SPDX-License-Identifier: MIT
// Rules 4 and 5 of TableLoader: from the staging table into the table.
#include <algorithm>
#include <utility>

#include "base/cat.h"
#include "base/interrupt.h"
#include "db/postgres/reference.h"
#include "db/postgres/table_loader.h"

namespace dbfixture::postgres {
namespace {

constexpr std::uint64_t kFewRows = 5000;  // by index, whatever the table's size is said to be

bool may_pass_later(const PgError& error) {
    const std::string& state = error.diagnostics.sqlstate;
    return state == kUniqueViolation || state == kExclusionViolation || state == kForeignKeyViolation;
}

}  // namespace

// Rows that do not wait, by their numbers.
std::string TableLoader::between(std::uint64_t after, std::uint64_t to) const {
    return cat(waiting_ > 0 ? "NOT s.w AND " : "", "s.n > ", after, " AND s.n <= ", to);
}

// A staging table without statistics and a table that has just grown mislead the planner: into a scan of the whole
// table for each small batch, so that a load would take the square of its rows.
void TableLoader::plan_for(std::uint64_t rows) {
    const bool by_index = rows < kFewRows;
    if (std::exchange(parts_.by_index, by_index) == by_index) return;
    context_.session.run(by_index ? "SET LOCAL enable_seqscan = off" : "SET LOCAL enable_seqscan = on");
}

void TableLoader::merge() {
    const std::uint64_t total = std::exchange(in_staging_, 0);
    plan_for(total);
    const std::string rows = between(merged_to_, last_number_);
    TableCounts& counts = context_.counts(table_);
    if (waiting_ > 0 && !is_bag_table()) {  // a later record of the same key takes a waiting one's place
        const Result gone = context_.session.run(cat("DELETE FROM ", staging_->name(), " a USING ", staging_->name(),
                                                     " s WHERE a.w AND ", rows, " AND ", staging_->same_key("a", "s")));
        waiting_ -= std::min(waiting_, gone.affected());
        counts.updated += gone.affected();
    }
    if (parts_.fates != nullptr) classify(rows);
    std::uint64_t left = total;
    if (!std::exchange(ascending_, true) && !is_bag_table()) left -= drop_repeated(rows);
    last_key_.clear();
    if (left >= kFewRows && !says_anything(rows)) {
        counts.unchanged += left;
        return merged();
    }
    track(rows);
    const std::uint64_t before = counts.inserted + counts.updated + waiting_ + refused_;
    apply(merged_to_, last_number_);
    const std::uint64_t settled = counts.inserted + counts.updated + waiting_ + refused_ - before;
    counts.unchanged += left - std::min(left, settled);
    merged();
}

// Whether any of many rows is new or changes one: most loads that are repeated say nothing, and this costs a third.
bool TableLoader::says_anything(const std::string& rows) {
    return context_.session.run(staging_->says_anything(rows)).boolean(0, 0);
}

void TableLoader::merged() {
    merged_to_ = last_number_;
    if (waiting_ == 0) {
        context_.session.run(cat("TRUNCATE ", staging_->name()));
    } else {
        context_.session.run(cat("DELETE FROM ", staging_->name(), " WHERE NOT w"));
    }
}

void TableLoader::classify(const std::string& rows) {
    const Result fresh = context_.session.run(staging_->classify(rows));
    for (int i = 0; i < fresh.rows(); ++i)
        set_fate(static_cast<std::uint64_t>(fresh.integer(i, 0)), RowFate::kInserted);
}

// Of rows with the same key the last one wins. Returns how many went; they count as updates of the one that stays.
std::uint64_t TableLoader::drop_repeated(const std::string& rows) {
    const std::string keyed = staging_->is_keyed(rows);
    const Result any = context_.session.run(cat("SELECT EXISTS (SELECT FROM ", staging_->name(), " s WHERE ", keyed,
                                                " GROUP BY ", staging_->key_list("s"), " HAVING count(*) > 1)"));
    if (!any.boolean(0, 0)) return 0;
    const Result gone = context_.session.run(
        cat("DELETE FROM ", staging_->name(), " a USING (SELECT s.n, row_number() OVER (PARTITION BY ",
            staging_->key_list("s"), " ORDER BY s.n DESC) AS place FROM ", staging_->name(), " s WHERE ", keyed,
            ") r WHERE a.n = r.n AND r.place > 1"));
    context_.counts(table_).updated += gone.affected();
    return gone.affected();
}

// What the foreign keys must know of before the rows are in.
void TableLoader::track(const std::string& rows) {
    const std::string keyed = staging_->is_keyed(rows);
    if (keyed == "false") return;
    if (parts_.foreign_keys.is_child(table_)) {
        std::vector<std::size_t> columns;
        for (const ForeignKey& key : context_.table(table_).foreign_keys)
            columns.insert(columns.end(), key.columns.begin(), key.columns.end());
        context_.session.run(cat("INSERT INTO ", parts_.foreign_keys.touched(table_), " SELECT s.n, ",
                                 staging_->key_list("s"), " FROM ", staging_->name(), " s WHERE ", keyed, " AND ",
                                 staging_->brings(columns)));
    }
    for (const Reference* reference : parts_.foreign_keys.by_other_columns(table_)) {
        parts_.ladder.prepare_removal(table_);
        std::string columns;
        std::vector<std::string> set;
        for (const std::string& column : reference->parent_columns) {
            append(columns, cat("t.", column, ", "));
            set.push_back(cat("t.", column, " IS NOT NULL"));
        }
        context_.session.run(cat("INSERT INTO ", parts_.foreign_keys.memory_of(*reference), " SELECT ", columns,
                                 "s.n FROM ", staging_->name(), " s JOIN ", context_.facts(table_).read_source,
                                 " t ON ", staging_->joined(), " WHERE ", keyed, " AND ", conjunction(set), " AND ",
                                 staging_->changes(reference->parent_indexes)));
    }
}

bool TableLoader::try_apply(const std::string& rows, std::optional<PgError>& failure) {
    std::string sql = "SAVEPOINT dbfixture_merge; ";
    std::vector<bool> updates;  // of each statement: whether it is one, or an INSERT
    for (std::size_t set = 0; set < sets_.size(); ++set) {
        if (staging_->must_rewrite(set)) {
            parts_.ladder.prepare_removal(table_);
            parts_.ladder.refuse_removal(table_);
            return try_rewrite(rows, failure);
        }
        const std::string update = staging_->update(set, rows);
        if (!update.empty()) append(sql, cat(update, "; "));
        if (!update.empty()) updates.push_back(true);
    }
    for (std::size_t set = 0; set < sets_.size(); ++set) {
        append(sql, cat(staging_->insert(set, rows), "; "));
        updates.push_back(false);
    }
    try {
        const std::vector<Result> results = context_.session.run_all(cat(sql, "RELEASE SAVEPOINT dbfixture_merge"));
        TableCounts& counts = context_.counts(table_);
        for (std::size_t i = 0; i < updates.size(); ++i)
            (updates[i] ? counts.updated : counts.inserted) += results[i + 1].affected();
        return true;
    } catch (const PgError& error) {
        failure = error;
        context_.session.run("ROLLBACK TO SAVEPOINT dbfixture_merge; RELEASE SAVEPOINT dbfixture_merge");
        return false;
    }
}

bool TableLoader::try_rewrite(const std::string& rows, std::optional<PgError>& failure) {
    parts_.ladder.prepare_removal(table_);
    if (parts_.ladder.acts_on_removal(table_)) return false;
    context_.session.run("SAVEPOINT dbfixture_merge");
    try {
        const Result result = context_.session.run(staging_->rewrite(rows));
        context_.session.run("RELEASE SAVEPOINT dbfixture_merge");
        const auto gone = static_cast<std::uint64_t>(result.integer(0, 0));
        const auto come = static_cast<std::uint64_t>(result.integer(0, 1));
        context_.counts(table_).updated += gone;
        context_.counts(table_).inserted += come - std::min(come, gone);
        return true;
    } catch (const PgError& error) {
        failure = error;
        context_.session.run("ROLLBACK TO SAVEPOINT dbfixture_merge; RELEASE SAVEPOINT dbfixture_merge");
        return false;
    }
}

void TableLoader::apply(std::uint64_t after, std::uint64_t to) {
    check_interrupt();
    const std::string rows = between(after, to);
    std::optional<PgError> failure;
    if (try_apply(rows, failure)) return;
    if (failure->kind != ErrorKind::kInput && !failure->diagnostics.sqlstate.starts_with("P0")) throw *failure;
    if (may_pass_later(*failure) && try_rewrite(rows, failure)) return;
    if (!std::exchange(numbered_, true)) context_.session.run(cat("CREATE INDEX ON ", staging_->name(), " (n)"));
    const Result half = context_.session.run(
        cat("SELECT n, c FROM (SELECT s.n, count(*) OVER () AS c, row_number() OVER (ORDER BY s.n) AS place FROM ",
            staging_->name(), " s WHERE ", rows, ") q WHERE place = greatest(c / 2, 1)"));
    if (half.rows() == 0) throw *failure;
    const auto middle = static_cast<std::uint64_t>(half.integer(0, 0));
    if (half.integer(0, 1) > 1) {
        plan_for(static_cast<std::uint64_t>(half.integer(0, 1)) / 2);
        apply(after, middle);
        apply(middle, to);
        return;
    }
    if (may_pass_later(*failure)) return put_aside(middle);
    refuse_sent(staged_row(middle), *failure);
    set_fate(middle, RowFate::kRefused);
    drop_staged(middle);
}

void TableLoader::put_aside(std::uint64_t number) {
    context_.session.run(cat("UPDATE ", staging_->name(), " SET w = true WHERE n = ", number));
    ++waiting_;
    set_fate(number, RowFate::kLater);
}

void TableLoader::drop_staged(std::uint64_t number) {
    ++refused_;
    context_.session.run(cat("DELETE FROM ", staging_->name(), " WHERE n = ", number));
    if (parts_.foreign_keys.is_child(table_) && !is_bag_table())
        context_.session.run(cat("DELETE FROM ", parts_.foreign_keys.touched(table_), " WHERE n = ", number));
}

SentRow TableLoader::staged_row(std::uint64_t number) {
    SentRow out;
    out.table = table_;
    out.origin = context_.log.origin(number);
    out.fields.resize(context_.table(table_).columns.size());
    std::string list;
    for (std::size_t i = 0; i < staging_->columns().size(); ++i)
        append(list, cat(", s.c", i));
    const Result row =
        context_.session.run(cat("SELECT s.g", list, " FROM ", staging_->name(), " s WHERE s.n = ", number));
    if (row.rows() == 0) return out;
    for (const std::uint16_t column : sets_[static_cast<std::size_t>(row.integer(0, 0))].columns) {
        const auto at = std::find(staging_->columns().begin(), staging_->columns().end(), column);
        const int place = static_cast<int>(at - staging_->columns().begin()) + 1;
        out.fields[column].given = true;
        if (!row.is_null(0, place)) out.fields[column].text = row.string(0, place);
    }
    return out;
}

void TableLoader::rewrite_waiting() {
    plan_for(waiting_);
    std::optional<PgError> failure;
    while (waiting_ > 0 && !try_rewrite("s.w", failure)) {
        if (failure && failure->kind != ErrorKind::kInput) throw *failure;
        name_collision(failure);
    }
    waiting_ = 0;
}

// Of the rows that wait, the first that collides with those before it or with what stays.
void TableLoader::name_collision(std::optional<PgError> failure) {
    context_.session.run("SAVEPOINT dbfixture_collision");
    std::optional<PgError> found;
    std::optional<std::uint64_t> number;
    try {
        context_.session.run(staging_->delete_changed("s.w"));
        number = first_colliding(0, last_number_, found);
    } catch (const PgError& error) {
        failure = error;
    }
    context_.session.run("ROLLBACK TO SAVEPOINT dbfixture_collision; RELEASE SAVEPOINT dbfixture_collision");
    if (!number && !failure) parts_.ladder.refuse_removal(table_);
    if (!number) throw context_.reworded(failure.value());
    refuse_sent(staged_row(*number), *found);
    drop_staged(*number);
    --waiting_;
}

std::optional<std::uint64_t> TableLoader::first_colliding(std::uint64_t after, std::uint64_t to,
                                                          std::optional<PgError>& failure) {
    const std::string rows = cat("s.w AND s.n > ", after, " AND s.n <= ", to);
    std::string sql = "SAVEPOINT dbfixture_merge; ";
    for (std::size_t set = 0; set < sets_.size(); ++set)
        append(sql, cat(staging_->insert(set, rows), "; "));
    try {
        context_.session.run(cat(sql, "RELEASE SAVEPOINT dbfixture_merge"));
        return std::nullopt;
    } catch (const PgError& error) {
        failure = error;
        context_.session.run("ROLLBACK TO SAVEPOINT dbfixture_merge; RELEASE SAVEPOINT dbfixture_merge");
    }
    const Result half = context_.session.run(
        cat("SELECT n, c FROM (SELECT s.n, count(*) OVER () AS c, row_number() OVER (ORDER BY s.n) AS place FROM ",
            staging_->name(), " s WHERE ", rows, ") q WHERE place = greatest(c / 2, 1)"));
    if (half.rows() == 0) return std::nullopt;
    const auto middle = static_cast<std::uint64_t>(half.integer(0, 0));
    if (half.integer(0, 1) == 1) return middle;
    if (const auto first = first_colliding(after, middle, failure)) return first;
    return first_colliding(middle, to, failure);
}

}  // namespace dbfixture::postgres
