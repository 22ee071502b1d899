// SPDX-License-Identifier: MIT
// Rules 2, 6 and 7 of TableLoader: a batch that COPY refused.
#include <algorithm>

#include "base/cat.h"
#include "base/text.h"
#include "db/postgres/copy_text.h"
#include "db/postgres/table_loader.h"
#include "db/postgres/value_text.h"

namespace dbfixture::postgres {
namespace {

bool is_of_a_row(const PgError& error) {
    const std::string& state = error.diagnostics.sqlstate;
    return error.kind == ErrorKind::kInput || state.starts_with("P0") || state == "428C9";
}

// The column that COPY's context begins with: a name may hold anything, so the schema decides where it ends.
std::optional<std::size_t> column_named(const Table& table, std::string_view words) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const std::string& name = table.columns[i].name;
        const std::string_view rest = words.substr(std::min(words.size(), name.size()));
        const bool fits = words.starts_with(name) && (rest.empty() || rest.starts_with(':') || rest.starts_with('\n'));
        if (fits && (!best || table.columns[*best].name.size() < name.size())) best = i;
    }
    return best;
}

}  // namespace

void TableLoader::batch_failed(const PgError& error) {
    if (!is_of_a_row(error)) throw error;
    const std::string& state = error.diagnostics.sqlstate;
    const bool collides = state == kUniqueViolation || state == kExclusionViolation;
    if (!staged() && collides && !is_bag_table() && context_.facts(table_).can_update) return stage_batch();
    if (staged() && context_.options.on_problem) return resend(0, batch_.rows());
    const std::uint64_t line = copy_place(error.diagnostics.context).line;
    const std::size_t index = line > 0 ? line - 1 : find_failing(0, batch_.rows());
    if (index >= batch_.rows()) throw error;
    throw context_.reworded(row_failure(context_, row_of_batch(index, error), error));
}

bool TableLoader::is_bag_table() const {
    return context_.table(table_).key_kind == KeyKind::kNone;
}

// Sends rows again, but for those that are bad, which are reported.
void TableLoader::resend(std::size_t from, std::size_t to) {
    while (from < to) {
        std::optional<PgError> failure;
        if (try_copy(from, to, failure)) {
            in_staging_ += to - from;
            return;
        }
        if (!is_of_a_row(*failure)) throw *failure;
        const std::uint64_t line = copy_place(failure->diagnostics.context).line;
        const std::size_t bad = line > 0 ? from + line - 1 : find_failing(from, to);
        std::optional<PgError> none;
        if (bad > from && try_copy(from, bad, none)) in_staging_ += bad - from;
        refuse_sent(row_of_batch(bad, *failure), *failure);
        set_fate(batch_.row(bad).number, RowFate::kRefused);
        from = bad + 1;
    }
}

bool TableLoader::try_copy(std::size_t from, std::size_t to, std::optional<PgError>& failure) {
    context_.session.run("SAVEPOINT dbfixture_batch");
    try {
        CopyIn copy(context_.session, copy_sql(batch_set_));
        copy.put(batch_.lines(from, to));
        copy.finish();
    } catch (const PgError& error) {
        failure = error;
        context_.session.run("ROLLBACK TO SAVEPOINT dbfixture_batch; RELEASE SAVEPOINT dbfixture_batch");
        return false;
    }
    context_.session.run("RELEASE SAVEPOINT dbfixture_batch");
    return true;
}

// The server said nothing of a line (a trigger or a key that looks at the end of the statement): the first row without
// which the rows before it go in.
std::size_t TableLoader::find_failing(std::size_t from, std::size_t to) {
    std::size_t good = from, bad = to;  // rows [from, good) go in, [from, bad) do not
    while (bad - good > 1) {
        const std::size_t middle = good + (bad - good) / 2;
        context_.session.run("SAVEPOINT dbfixture_half");
        std::optional<PgError> failure;
        const bool fits = try_copy(from, middle, failure);
        context_.session.run("ROLLBACK TO SAVEPOINT dbfixture_half; RELEASE SAVEPOINT dbfixture_half");
        (fits ? good : bad) = middle;
    }
    return good;
}

SentRow TableLoader::row_of_batch(std::size_t index, const PgError& error) const {
    SentRow out;
    out.table = table_;
    out.origin = batch_.row(index).origin;
    const Table& table = context_.table(table_);
    out.fields.resize(table.columns.size());
    std::string_view line = batch_.line(index);
    line.remove_suffix(1);
    CopyFields fields;
    const auto& texts = fields.split(line);
    const std::string_view words = copy_place(error.diagnostics.context).column;
    std::size_t set = batch_set_;
    if (staged()) set = static_cast<std::size_t>(std::stoul(std::string(*texts[1])));
    const std::vector<std::uint16_t>& columns = sets_[set].columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        std::size_t at = i;
        if (staged()) {
            const auto& all = staging_->columns();
            at = 2 + static_cast<std::size_t>(std::find(all.begin(), all.end(), columns[i]) - all.begin());
        }
        SentRow::Field& field = out.fields[columns[i]];
        field.given = true;
        if (at < texts.size() && texts[at]) field.text = std::string(*texts[at]);
        field.line = batch_.value_line(index, i);
    }
    if (staged() && words.starts_with('c')) {
        const std::size_t number = static_cast<std::size_t>(std::strtoul(words.data() + 1, nullptr, 10));
        if (number < staging_->columns().size()) out.blamed = staging_->columns()[number];
    } else if (!words.empty()) {
        out.blamed = column_named(table, words);
    }
    return out;
}

SentRow TableLoader::sent_row(const BoundRow& row) const {
    SentRow out;
    out.table = table_;
    out.origin = row.origin;
    out.fields.resize(context_.table(table_).columns.size());
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
        SentRow::Field& field = out.fields[row.columns[i]];
        field.given = true;
        field.line = row.values[i].line();
        try {
            if (!row.values[i].is_null()) field.text = value_text(row.values[i]);
        } catch (const Error&) {
            field.text = "";  // no text that the server could be given
        }
    }
    return out;
}

void TableLoader::refuse(const BoundRow& row, Error error) {
    const SentRow sent = sent_row(row);
    Where place = context_.place(row.origin);
    place.column = error.where.column;
    if (error.where.line > 0) place.line = error.where.line;
    place.table = context_.table(table_).label();
    place.key = describe_key(context_, sent);
    error.where = place;
    error = context_.reworded(std::move(error));
    if (!context_.options.on_problem || error.kind != ErrorKind::kInput) throw error;
    context_.options.on_problem(error);
    forget_row(sent);
    if (parts_.fates != nullptr) set_fate(context_.log.add(row.origin), RowFate::kRefused);
}

// A row that is left out is no second problem: neither what it refers to nor what refers to it is missed.
void TableLoader::forget_row(const SentRow& row) {
    parts_.foreign_keys.refused(row);
    std::vector<std::string> key;
    for (const std::size_t column : context_.table(table_).key) {
        if (row.fields[column].text) key.push_back(*row.fields[column].text);
    }
    if (!key.empty() && key.size() == context_.table(table_).key.size()) parts_.foreign_keys.ignore_parent(table_, key);
}

void TableLoader::refuse_sent(const SentRow& row, const PgError& failure) {
    const Error error = context_.reworded(row_failure(context_, row, failure));
    if (!context_.options.on_problem || error.kind != ErrorKind::kInput) throw error;
    context_.options.on_problem(error);
    forget_row(row);
}

// Each row as the staging table wants it: its number, its set, all columns.
void TableLoader::stage_batch() {
    stage();
    CopyBatch plain;
    std::swap(plain, batch_);
    const std::vector<std::uint16_t>& columns = sets_[batch_set_].columns;
    for (std::size_t i = 0; i < plain.rows(); ++i) {
        std::string_view line = plain.line(i);
        line.remove_suffix(1);
        std::vector<std::string_view> fields;
        for (std::size_t tab = 0; tab != std::string_view::npos; line.remove_prefix(std::min(line.size(), tab + 1))) {
            tab = line.find('\t');
            fields.push_back(line.substr(0, tab));
            if (tab == std::string_view::npos) break;
        }
        std::uint64_t number = plain.row(i).number;
        if (number == 0) number = context_.log.add(plain.row(i).origin);
        std::string& out = batch_.text();
        append(out, cat(number, '\t', batch_set_));
        std::size_t next = 0;
        for (const std::size_t column : staging_->columns()) {
            const bool given = next < columns.size() && columns[next] == column;
            append(out, cat('\t', given ? fields[next++] : kCopyNull));
        }
        last_number_ = number;
        BoundRow row;
        row.origin = plain.row(i).origin;
        batch_.end_row(number, row);
    }
    ascending_ = false;
    end_batch();
}

}  // namespace dbfixture::postgres
