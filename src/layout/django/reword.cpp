// SPDX-License-Identifier: MIT
#include "layout/django/reword.h"

#include <algorithm>
#include <charconv>

#include "base/arena.h"
#include "base/cat.h"
#include "base/text.h"
#include "layout/django/value.h"
#include "model/copy_value.h"

namespace dbfixture {
namespace {

std::optional<std::int64_t> number_of(std::string_view key) {
    if (!key.starts_with("pk=")) return std::nullopt;
    std::int64_t number = 0;
    const auto [rest, problem] = std::from_chars(key.data() + 3, key.data() + key.size(), number);
    if (problem != std::errc() || rest != key.data() + key.size()) return std::nullopt;
    return number;
}

const DjangoMembers* list_of(const DjangoModels& models, const DjangoModel& owner, std::string_view table) {
    const auto found = std::find_if(owner.members.begin(), owner.members.end(), [&](const DjangoMembers& members) {
        return models.schema().tables[members.table].label() == table;
    });
    return found == owner.members.end() ? nullptr : &*found;
}

// As a dump would write it.
std::string written(const Value& stored, DjangoForm form) {
    Arena arena;
    return describe(writer_of(form)(stored, {}, arena));
}

}  // namespace

void reword_list_error(Connection& connection, const DjangoModels& models, Error& error) {
    const auto join = models.schema().find_exact(error.where.table);
    const DjangoModel* const owner = join ? models.owner_of(*join) : nullptr;
    const DjangoMembers* const list = owner == nullptr ? nullptr : list_of(models, *owner, error.where.table);
    if (list == nullptr) return;
    const Table& table = models.schema().tables[list->table];
    const bool of_member = error.where.column == table.columns[list->member].name;
    const auto number = number_of(error.where.key);
    error.where.table = owner->label;
    error.where.column = list->name;
    error.where.key.clear();
    if (!number || table.key.size() != 1) return;
    const Value key = Value::integer(*number);
    const std::vector<std::size_t> columns = {list->owner, list->member};
    const auto lookup = connection.open_lookup(list->table, table.key, columns);
    const LookupAnswer row = lookup->find_one({&key, 1});
    if (row.rows != 1) return;
    const Table& owner_table = models.schema().tables[owner->table];
    error.where.key = cat("pk=", written(row.values[0], owner->field_of_column(owner_table.key[0]).form));
    if (!of_member) return;
    const DjangoModel* const target = models.of_table(list->target.table);
    const Table& target_table = models.schema().tables[list->target.table];
    error.message =
        cat("field ", quote(list->name), " lists ", target != nullptr ? target->label : quote(target_table.label()),
            " ", written(row.values[1], list->form), ", which does not exist");
}

}  // namespace dbfixture
