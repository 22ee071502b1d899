// SPDX-License-Identifier: MIT
// Rules 10 and 11 of ForeignKeyCheck: records that are left out, and references that cannot be asked here.
#include <algorithm>

#include "base/cat.h"
#include "db/sqlite/default_expression.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/load_foreign_keys.h"
#include "db/sqlite/row_identity.h"
#include "db/sqlite/sql_text.h"

namespace dbfixture::sqlite {
namespace {}  // namespace

bool ForeignKeyCheck::can_be_asked(Reference& reference) {
    if (reference.can_be_asked) return *reference.can_be_asked;
    try {
        const Statement probe(context_.handle, cat("SELECT 1 FROM ", qualified(context_.table(reference.child).name),
                                                   " AS c WHERE ", orphan_condition(reference)));
        reference.can_be_asked = true;
    } catch (const Error& error) {
        if (!is_unusable(error)) throw;
        reference.can_be_asked = false;
        unchecked_.push_back({reference.child, reference.key, error.detail.substr(0, error.detail.find(kInStatement))});
    }
    return *reference.can_be_asked;
}

std::string ForeignKeyCheck::unchecked(std::size_t table, std::size_t key) const {
    for (const Unchecked& unchecked : unchecked_) {
        if (unchecked.child == table && unchecked.key == key) return unchecked.why;
    }
    return {};
}

void ForeignKeyCheck::refused(const BoundRow& row) {
    for (Reference& reference : references_) {
        if (reference.child == row.table) keep_refused(reference, row);
    }
}

// A column that the record leaves out has its default; without one it is NULL, which refers to nothing.
void ForeignKeyCheck::keep_refused(Reference& reference, const BoundRow& row) {
    const Table& child = context_.table(reference.child);
    const std::vector<std::size_t>& columns = child.foreign_keys[reference.key].columns;
    std::vector<Value> values;
    std::string expressions;
    for (const std::size_t column : columns) {
        const auto given = std::find(row.columns.begin(), row.columns.end(), column);
        const bool is_given = given != row.columns.end();
        const Value value =
            is_given ? row.values[static_cast<std::size_t>(given - row.columns.begin())] : Value::null();
        if (is_given ? value.is_null() : !child.columns[column].default_text) return;
        values.push_back(value);
        append(expressions,
               is_given ? cat("?", values.size(), ", ") : cat(default_expression(child.columns[column]), ", "));
    }
    const std::string table = cat("temp.dbfixture_refused_", reference.child, "_", reference.key);
    if (!reference.has_refused)
        execute(context_.handle, cat("CREATE TEMP TABLE dbfixture_refused_", reference.child, "_", reference.key, "(",
                                     numbered("k", columns.size()), ", file, line, record, key)"));
    reference.has_refused = true;
    const std::size_t next = values.size() + 1;
    Statement keep(context_.handle, cat("INSERT INTO ", table, " SELECT ", expressions, "?", next, ", ?", next + 1,
                                        ", ?", next + 2, ", ?", next + 3));
    int parameter = 0;
    for (const Value& value : values)
        keep.bind(++parameter, value);
    const std::string key = describe_key(child, row);
    keep.bind(++parameter, static_cast<std::int64_t>(row.origin.file));
    keep.bind(++parameter, static_cast<std::int64_t>(row.origin.line));
    keep.bind(++parameter, static_cast<std::int64_t>(row.origin.record));
    keep.bind(++parameter, std::string_view(key));
    keep.run();
}

void ForeignKeyCheck::check_refused(const Reference& reference) {
    const Table& child = context_.table(reference.child);
    const ForeignKey& key = child.foreign_keys[reference.key];
    std::vector<std::string> values;
    for (std::size_t i = 0; i < key.columns.size(); ++i)
        values.push_back(cat("c.k", i));
    Statement find(context_.handle, cat("SELECT ", numbered("c.k", values.size()),
                                        ", file, line, record, key FROM temp.dbfixture_refused_", reference.child, "_",
                                        reference.key, " AS c WHERE ", no_parent(reference, values)));
    while (find.step()) {
        std::vector<Value> refers_to;
        for (std::size_t i = 0; i < values.size(); ++i)
            refers_to.push_back(find.column(static_cast<int>(i)));
        if (is_ignored(reference, refers_to)) continue;
        Error error = dangling(reference, refers_to);
        const int at = static_cast<int>(values.size());
        error.where = context_.place({static_cast<std::uint32_t>(find.column_int(at)),
                                      static_cast<std::uint32_t>(find.column_int(at + 1)),
                                      static_cast<std::uint32_t>(find.column_int(at + 2))});
        error.where.table = child.name;
        error.where.key = find.column_text(at + 3);
        error.where.column = child.columns[key.columns[0]].name;
        context_.options.on_problem(error);
    }
}

}  // namespace dbfixture::sqlite
