// SPDX-License-Identifier: MIT
// An enumeration may hold a value that is none of its members, at the place 0; the strict mode refuses it. Such a row
// is made in a temporary table, of which that column alone is set without the strict mode, and copied from there.
#include <algorithm>

#include "base/cat.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/table_loader.h"

namespace dbfixture::mariadb {
namespace {

// Puts the strict mode back.
class WithoutStrictMode {
  public:
    explicit WithoutStrictMode(Session& session) : session_(session) {
        session_.run("SET @dbfixture_mode = @@sql_mode");
        session_.run("SET SESSION sql_mode = ''");
    }
    WithoutStrictMode(const WithoutStrictMode&) = delete;
    WithoutStrictMode& operator=(const WithoutStrictMode&) = delete;
    ~WithoutStrictMode() {
        try {
            session_.run("SET SESSION sql_mode = @dbfixture_mode");
        } catch (const Error&) {
            // The connection is lost with it.
        }
    }

  private:
    Session& session_;
};

}  // namespace

bool TableLoader::is_raw(const SentRow& row) const {
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
        const bool is_enum = context_.facts(table_).columns[row.columns[i]].form == ValueForm::kEnum;
        if (is_enum && row.values[i].kind() == ValueKind::kBytes) return true;
    }
    return false;
}

void TableLoader::write_raw(const SentRow& row, const Outcome& found) {
    const Table& table = context_.table(table_);
    if (raw_.empty()) {
        std::vector<std::size_t> all(table.columns.size());
        for (std::size_t column = 0; column < all.size(); ++column)
            all[column] = column;
        raw_ = context_.temporary_table(context_.typed_columns(table_, all, 'c'));
    }
    std::string names, places, marks, set, raw;
    std::vector<Value> values;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        const std::string name = quote_identifier(table.columns[column].name);
        const Value* const value = row.find(column);
        if (table.columns[column].generated) continue;
        append(set, cat(set.empty() ? "" : ", ", "t.", name, value != nullptr ? cat(" = x.c", column) : " = DEFAULT"));
        if (value == nullptr) continue;
        const bool is_raw =
            context_.facts(table_).columns[column].form == ValueForm::kEnum && value->kind() == ValueKind::kBytes;
        if (is_raw) append(raw, cat(raw.empty() ? "" : ", ", "c", column, " = 0"));
        values.push_back(is_raw ? Value::null() : *value);
        append(names, cat(names.empty() ? "" : ", ", name));
        append(places, cat(places.empty() ? "" : ", ", "c", column));
        append(marks, marks.empty() ? "?" : ", ?");
    }
    context_.session.run(cat("DELETE FROM ", raw_));
    Statement(context_.session, cat("INSERT INTO ", raw_, " (", places, ") VALUES (", marks, ")")).execute(values);
    {
        const WithoutStrictMode without(context_.session);
        context_.session.run(cat("UPDATE ", raw_, " SET ", raw));
    }
    const std::string& name = context_.facts(table_).sql_name;
    if (!found.there) {
        context_.session.run(cat("INSERT INTO ", name, " (", names, ") SELECT ", places, " FROM ", raw_));
        return inserted(row);
    }
    if (!found.parent_same) {
        const std::uint64_t number = row.number > 0 ? row.number : context_.log.add(row.origin);
        parts_.foreign_keys.remember(table_, false, key_condition(), *key_of(context_, row), number);
    }
    Statement update(context_.session,
                     cat("UPDATE ", name, " t JOIN ", raw_, " x SET ", set, " WHERE ", key_condition()));
    update.execute(*key_of(context_, row));
    ++(update.affected() > 0 ? context_.counts(table_).updated : context_.counts(table_).unchanged);
    there(row, found);
}

}  // namespace dbfixture::mariadb
