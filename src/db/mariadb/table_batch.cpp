// SPDX-License-Identifier: MIT
// Rule 2 of TableLoader: many rows by one statement.
#include <algorithm>

#include "base/cat.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/table_loader.h"

namespace dbfixture::mariadb {

// A failure undoes what the statement did, so that its rows can go one by one.
bool TableLoader::try_statement(const std::function<void()>& action) {
    context_.session.run("SAVEPOINT dbfixture_batch");
    try {
        action();
    } catch (const ServerError& error) {
        if (error.kind != ErrorKind::kInput) throw;
        context_.session.run("ROLLBACK TO SAVEPOINT dbfixture_batch");
        return false;
    }
    context_.session.run("RELEASE SAVEPOINT dbfixture_batch");
    return true;
}

std::vector<Value> TableLoader::values_of(std::span<const SentRow> rows, bool with_key) const {
    std::vector<Value> out;
    for (const SentRow& row : rows) {
        out.insert(out.end(), row.values.begin(), row.values.end());
        for (std::size_t i = 0; with_key && i < context_.table(table_).key.size(); ++i)
            out.push_back(*row.find(context_.table(table_).key[i]));
    }
    return out;
}

void TableLoader::inserted(const SentRow& row) {
    ++context_.counts(table_).inserted;
    set_fate(row, RowFate::kInserted);
    parts_.foreign_keys.present(row);
    parts_.foreign_keys.touched(row);
}

void TableLoader::there(const SentRow& row, const Outcome& outcome) {
    set_fate(row, RowFate::kChanged);
    parts_.foreign_keys.present(row);
    if (!outcome.child_same) parts_.foreign_keys.touched(row);
}

void TableLoader::insert_batch(std::span<const SentRow> rows) {
    if (rows.empty()) return;
    Statements& statements = *current_;
    const auto alone_row = [this](const SentRow& row) { return goes_alone(row); };
    const bool done =
        std::ranges::none_of(rows, alone_row) && try_statement([&] {
            if (!statements.insert) {
                std::string list;
                for (const std::uint16_t column : statements.columns)
                    append(list, cat(list.empty() ? "" : ", ",
                                     quote_identifier(context_.table(table_).columns[column].name)));
                statements.insert.emplace(context_.session,
                                          cat("INSERT INTO ", context_.facts(table_).sql_name, " (", list, ")"),
                                          statements.columns.size());
            }
            statements.insert->send(values_of(rows, false), rows.size());
        });
    for (const SentRow& row : rows)
        done ? inserted(row) : write_one(row);
}

void TableLoader::merge_batch(std::span<const SentRow> rows) {
    const std::vector<Outcome> found = find(rows);
    std::vector<SentRow> present, absent, alone;
    std::vector<Outcome> outcomes;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!found[i].there) {
            absent.push_back(rows[i]);
        } else if (rows[i].numbered || !found[i].parent_same) {
            alone.push_back(rows[i]);
        } else {
            present.push_back(rows[i]);
            outcomes.push_back(found[i]);
        }
    }
    std::uint64_t changed = 0;
    const auto alone_row = [this](const SentRow& row) { return goes_alone(row); };
    const bool updated = !present.empty() && context_.session.server().takes_arrays &&
                         std::ranges::none_of(present, alone_row) && try_statement([&] {
                             const std::vector<Value> values = values_of(present, true);
                             if (!current_->update) current_->update.emplace(context_.session, update_sql());
                             current_->update->execute_rows(values, present.size());
                             changed = current_->update->affected();
                         });
    for (std::size_t i = 0; i < present.size(); ++i)
        updated ? there(present[i], outcomes[i]) : write_one(present[i]);
    if (updated) {
        context_.counts(table_).updated += changed;
        context_.counts(table_).unchanged += present.size() - changed;
    }
    for (const SentRow& row : alone)
        write_one(row);
    insert_batch(absent);
}

// Columns that a row leaves out go to their default: also those that would become the time of the update.
std::string TableLoader::update_sql() const {
    const Table& table = context_.table(table_);
    std::string list;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        const bool given = std::ranges::find(current_->columns, column) != current_->columns.end();
        if (table.columns[column].generated || (!given && context_.facts(table_).columns[column].auto_increment))
            continue;
        append(list, cat(list.empty() ? "" : ", ", quote_identifier(table.columns[column].name),
                         given ? " = ?" : " = DEFAULT"));
    }
    return cat("UPDATE ", context_.facts(table_).sql_name, " t SET ", list, " WHERE ", key_condition());
}

}  // namespace dbfixture::mariadb
