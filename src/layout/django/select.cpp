// SPDX-License-Identifier: MIT
#include "layout/django/select.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/dollar_forms.h"
#include "fixture/json/text.h"
#include "model/copy_value.h"

namespace dbfixture {
namespace {

// A list's items may be in raw forms too.
Value resolve_forms(const Value& value, Arena& arena) {
    if (value.kind() == ValueKind::kMap) return resolve_dollar_form(value, arena);
    if (value.kind() != ValueKind::kList) return value;
    return with_items(value, arena, [&](const Value& item) { return resolve_forms(item, arena); });
}

}  // namespace

Value parse_django_key(const std::string& text, const Table& table, const DjangoModel& model,
                       const DjangoConfig& config, Arena& arena) {
    const auto read = [&](const Value& value, std::size_t column) {
        DjangoReadNotes notes;
        const DjangoField& field = model.field_of_column(column);
        return read_django_value(value, field.form, table.columns[column], read_rules(config, false, true), notes,
                                 arena);
    };
    const std::string shape =
        cat("key ", quote(text), " must be a list of ", table.key.size(), " values, as [1, \"a\"]");
    if (table.key.size() > 1 && !text.starts_with('[')) throw Error(ErrorKind::kUsage, cat("in --pks: ", shape));
    try {
        const bool is_json = table.key.size() > 1 || text.starts_with("{\"$");
        const Value key = is_json ? resolve_forms(parse_json_value(text, arena), arena) : Value::text(text);
        if (table.key.size() == 1) return read(key, table.key[0]);
        if (key.kind() != ValueKind::kList || key.item_count() != table.key.size()) {
            throw Error(ErrorKind::kInput, shape);
        }
        auto* const parts = arena.make<Value>(key.item_count());
        for (std::size_t i = 0; i < key.item_count(); ++i)
            parts[i] = read(key.items()[i], table.key[i]);
        return Value::list(parts, key.item_count());
    } catch (const Error& error) {
        throw Error(ErrorKind::kUsage, cat("in --pks: ", error.message)).with_hint(error.hint);
    }
}

std::vector<std::size_t> natural_order(const DjangoModels& models, std::vector<std::size_t> tables) {
    const Schema& schema = models.schema();
    std::vector<bool> wanted(schema.tables.size(), false), seen(schema.tables.size(), false);
    for (const std::size_t table : tables)
        wanted[table] = true;
    std::vector<std::size_t> out;
    const auto needs = [&](std::size_t table) {
        std::vector<std::size_t> found;
        for (const ForeignKey& key : schema.tables[table].foreign_keys) {
            if (key.parent) found.push_back(*key.parent);
        }
        const DjangoModel* const model = models.of_table(table);
        if (model == nullptr) return found;
        for (const DjangoField& field : model->fields) {  // those without a constraint, too
            if (field.target) found.push_back(field.target->table);
        }
        for (const DjangoMembers& members : model->members) {
            if (models.writes_natural_key(members.target.table)) found.push_back(members.target.table);
        }
        return found;
    };
    // Depth first, with a stack of its own: schemas may be long chains.
    struct Step {
        std::size_t table;
        std::vector<std::size_t> needs;
    };
    for (const std::size_t first : tables) {
        std::vector<Step> path;
        const auto enter = [&](std::size_t table) {
            if (seen[table] || !wanted[table]) return;
            seen[table] = true;
            path.push_back({table, needs(table)});
            std::reverse(path.back().needs.begin(), path.back().needs.end());
        };
        enter(first);
        while (!path.empty()) {
            if (path.back().needs.empty()) {
                out.push_back(path.back().table);
                path.pop_back();
            } else {
                const std::size_t next = path.back().needs.back();
                path.back().needs.pop_back();
                enter(next);
            }
        }
    }
    return out;
}

}  // namespace dbfixture
