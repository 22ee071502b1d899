// SPDX-License-Identifier: MIT
#include "layout/table/key.h"

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/dollar_forms.h"
#include "fixture/json/text.h"
#include "layout/bind_value.h"

namespace dbfixture {

Value parse_table_key(const std::string& text, const Table& table, Arena& arena) {
    static const Column kRowNumber{.name = "rowid",
                                   .declared = "INTEGER",
                                   .type = ColumnType::kInteger,
                                   .nullable = false,
                                   .generated = false,
                                   .default_text = {}};
    // As dumps write a key that no plain text can say: {"$binary": ...}.
    if (table.key.size() == 1 && text.starts_with("{\"$"))
        return bind_value(resolve_dollar_form(parse_json_value(text, arena), arena), table.columns[table.key[0]],
                          arena);
    if (table.key.size() == 1) return bind_typed_key(text, table.columns[table.key[0]], arena);
    if (table.key.empty()) return bind_typed_key(text, kRowNumber, arena);
    const Value list = parse_json_value(text, arena);
    if (list.kind() != ValueKind::kList || list.item_count() != table.key.size()) {
        throw Error(ErrorKind::kUsage,
                    cat("key ", quote(text), " must be a list of ", table.key.size(), " values, as [1, \"a\"]"));
    }
    auto* const parts = arena.make<Value>(list.item_count());
    for (std::size_t i = 0; i < list.item_count(); ++i)
        parts[i] = bind_value(list.items()[i], table.columns[table.key[i]], arena);
    return Value::list(parts, list.item_count());
}

}  // namespace dbfixture
