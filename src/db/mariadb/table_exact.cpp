// SPDX-License-Identifier: MIT
// Rule 3 of TableLoader: rows one by one.
#include <algorithm>

#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/table_loader.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::size_t kSearchesAtOnce = 64;  // each is a statement of its own for the server

bool is_collision(const ServerError& error) {
    return error.number == kDuplicateKey || error.number == kDuplicateKeyNamed;
}

}  // namespace

std::string TableLoader::key_condition() const {
    std::string out;
    for (const std::size_t column : context_.table(table_).key)
        append(out, cat(out.empty() ? "" : " AND ", "t.", quote_identifier(context_.table(table_).columns[column].name),
                        " = ?"));
    return out;
}

// For each row: its number, and of each column that matters to foreign keys whether it is what is sent.
std::string TableLoader::find_sql(const Statements& statements, std::size_t count) const {
    std::string flags;
    for (const std::size_t column : watched_) {
        const bool given = std::ranges::find(statements.columns, column) != statements.columns.end();
        append(flags, given ? cat(", t.", quote_identifier(context_.table(table_).columns[column].name), " <=> ?")
                            : std::string(", 0"));
    }
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        append(out, cat(i == 0 ? "" : " UNION ALL ", "(SELECT ", i, flags, " FROM ", context_.facts(table_).sql_name,
                        " t WHERE ", key_condition(), " FOR UPDATE)"));
    }
    return out;
}

std::vector<TableLoader::Outcome> TableLoader::find(std::span<const SentRow> rows) {
    std::vector<Outcome> out(rows.size());
    std::vector<ValueForm> forms(watched_.size() + 1, ValueForm::kInteger);
    std::vector<Value> parameters, values;
    for (std::size_t from = 0; from < rows.size();) {
        const std::size_t count = rows.size() - from >= kSearchesAtOnce ? kSearchesAtOnce : 1;
        std::optional<Statement>& statement = count == 1 ? current_->find_one : current_->find_many;
        if (!statement) statement.emplace(context_.session, find_sql(*current_, count));
        parameters.clear();
        for (const SentRow& row : rows.subspan(from, count)) {
            for (const std::size_t column : watched_) {
                if (const Value* const value = row.find(column)) parameters.push_back(*value);
            }
            const auto key = *key_of(context_, row);
            parameters.insert(parameters.end(), key.begin(), key.end());
        }
        statement->execute(parameters);
        statement->read_as(forms);
        while (statement->next(values)) {
            Outcome& found = out[from + static_cast<std::size_t>(values[0].as_integer())];
            const auto same = [](const Value& flag) { return flag.as_integer() == 1; };
            found.there = true;
            found.child_same =
                std::all_of(values.begin() + 1, values.begin() + 1 + static_cast<long>(watched_children_), same);
            found.parent_same =
                std::all_of(values.begin() + 1 + static_cast<long>(watched_children_), values.end(), same);
        }
        from += count;
    }
    return out;
}

void TableLoader::write_one(const SentRow& row) {
    std::optional<ServerError> collision;
    try {
        if (try_one(row, collision)) return;
    } catch (const ServerError& error) {
        if (error.kind != ErrorKind::kInput) throw;
        return refuse(row, row_failure(context_, row, error));
    } catch (const Error& error) {
        if (error.kind != ErrorKind::kInput) throw;
        return refuse(row, error);
    }
    put_aside(row);
    set_fate(row, RowFate::kLater);
}

// False where another row's unique value stops it.
bool TableLoader::try_one(const SentRow& row, std::optional<ServerError>& collision) {
    Outcome found;
    if (row.keyed) found = find({&row, 1})[0];
    if (found.there && row.numbered) {
        Error error(ErrorKind::kBusy, cat("another connection has numbered a row of table ",
                                          quote(context_.table(table_).label()), " meanwhile"));
        error.hint = "run the command again";
        error.tries = 5;  // the next one begins behind that number
        throw error;
    }
    try {
        if (is_raw(row)) {
            write_raw(row, found);
        } else {
            found.there ? update_one(row, found) : insert_one(row);
        }
        return true;
    } catch (const ServerError& error) {
        if (!is_collision(error)) throw;
        collision = error;
        return false;
    }
}

void TableLoader::update_one(const SentRow& row, const Outcome& found) {
    Statements& statements = *current_;
    if (!found.parent_same) {
        const std::uint64_t number = row.number > 0 ? row.number : context_.log.add(row.origin);
        parts_.foreign_keys.remember(table_, false, key_condition(), *key_of(context_, row), number);
    }
    if (!statements.update) statements.update.emplace(context_.session, update_sql());
    statements.update->execute(values_of({&row, 1}, true));
    ++(statements.update->affected() > 0 ? context_.counts(table_).updated : context_.counts(table_).unchanged);
    there(row, found);
}

void TableLoader::insert_one(const SentRow& row) {
    Statements& statements = *current_;
    if (!statements.insert_one) {
        std::string list, marks;
        for (const std::uint16_t column : statements.columns) {
            append(marks, marks.empty() ? "?" : ", ?");
            append(list, cat(list.empty() ? "" : ", ", quote_identifier(context_.table(table_).columns[column].name)));
        }
        statements.insert_one.emplace(context_.session, cat("INSERT INTO ", context_.facts(table_).sql_name, " (", list,
                                                            ") VALUES (", marks, ")"));
    }
    statements.insert_one->execute(row.values);
    inserted(row);
}

}  // namespace dbfixture::mariadb
