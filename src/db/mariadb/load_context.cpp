// SPDX-License-Identifier: MIT
#include "db/mariadb/load_context.h"

#include <algorithm>

#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {

const Value* SentRow::find(std::size_t column) const {
    const auto at = std::lower_bound(columns.begin(), columns.end(), column);
    if (at == columns.end() || *at != column) return nullptr;
    return &values[static_cast<std::size_t>(at - columns.begin())];
}

std::string LoadContext::temporary_table(const std::string& columns) {
    const std::string name = quote_identifier(cat("dbfixture_", temporary.size() + 1));
    try {
        session.run(cat("CREATE TEMPORARY TABLE ", name, " (", columns, ") ENGINE = InnoDB"));
    } catch (const ServerError& error) {
        if (error.number != kAccessDeniedToDatabase && error.number != kTableAccessDenied) throw;
        throw Error(ErrorKind::kRefused, cat("this user may not create temporary tables in ",
                                             quote(session.location().shown, 200), ", which this load needs"))
            .with_hint("have it granted (GRANT CREATE TEMPORARY TABLES ON DATABASE.*)");
    }
    temporary.push_back(name);
    return name;
}

std::string LoadContext::typed_columns(std::size_t table, std::span<const std::size_t> columns, char letter) const {
    std::string out;
    for (std::size_t i = 0; i < columns.size(); ++i)
        append(out, cat(i == 0 ? "" : ", ", letter, i, " ", facts(table).columns[columns[i]].type));
    return out;
}

Where LoadContext::place(const Origin& origin) const {
    return {origin.file < options.files.size() ? options.files[origin.file] : std::string(),
            origin.line,
            origin.record,
            {},
            {},
            {}};
}

bool has_key(const LoadContext& context, const SentRow& row) {
    const std::vector<std::size_t>& key = context.table(row.table).key;
    return !key.empty() && std::ranges::all_of(key, [&](std::size_t column) {
        const Value* const value = row.find(column);
        return value != nullptr && !value->is_null();
    });
}

std::optional<std::vector<Value>> key_of(const LoadContext& context, const SentRow& row) {
    std::vector<Value> out;
    for (const std::size_t column : context.table(row.table).key) {
        const Value* const value = row.find(column);
        if (value == nullptr || value->is_null()) return std::nullopt;
        out.push_back(*value);
    }
    if (out.empty()) return std::nullopt;
    return out;
}

}  // namespace dbfixture::mariadb
