// SPDX-License-Identifier: MIT
#include "db/sqlite/load_members.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/sql_text.h"

namespace dbfixture::sqlite {
namespace {

// As the database compares them: booleans are stored as integers.
bool same_member(const Value& a, const Value& b) {
    const auto stored = [](const Value& v) {
        return v.kind() == ValueKind::kBoolean ? Value::integer(v.as_integer()) : v;
    };
    return same_value(stored(a), stored(b));
}

bool contains(std::span<const Value> values, const Value& wanted) {
    return std::any_of(values.begin(), values.end(), [&](const Value& v) { return same_member(v, wanted); });
}

}  // namespace

MemberWriter::MemberWriter(LoadContext& context, TableLoader& loader, ForeignKeyCheck& foreign_keys, std::size_t table)
    : context_(context), loader_(loader), foreign_keys_(foreign_keys), table_(table) {}

void MemberWriter::insert(const MemberSet& set, const Value& member) {
    const bool owner_first = set.owner < set.member;
    const std::array<std::uint16_t, 2> columns = {std::min(set.owner, set.member), std::max(set.owner, set.member)};
    const std::array<Value, 2> values = {owner_first ? set.owner_value : member,
                                         owner_first ? member : set.owner_value};
    BoundRow row;
    row.table = set.table;
    row.address = RowAddress::kNumbered;
    row.columns = columns;
    row.values = values;
    row.origin = set.origin;
    loader_.write(row);
}

void MemberWriter::remove(const MemberSet& set, std::int64_t rowid) {
    const Table& table = context_.table(table_);
    const std::string where = cat(" WHERE ", context_.facts(table_).rowid, " = ?1");
    if (foreign_keys_.is_parent(table_)) {
        if (!read_) {
            std::string columns;
            for (std::size_t i = 0; i < table.columns.size(); ++i) {
                const bool wanted = !table.columns[i].generated || foreign_keys_.looks_at(table_, i);
                append(columns, cat(i == 0 ? "" : ", ", wanted ? quote_identifier(table.columns[i].name) : "NULL"));
            }
            read_ = Statement(context_.handle, cat("SELECT ", columns, " FROM ", qualified(table.name), where), true);
        }
        std::vector<Value> before;
        read_.bind(1, rowid);
        if (read_.step()) {
            for (std::size_t i = 0; i < table.columns.size(); ++i)
                before.push_back(read_.column(static_cast<int>(i)));
            foreign_keys_.replaced(table_, before, {}, set.origin);
        }
        read_.reset();
    }
    if (!delete_) delete_ = Statement(context_.handle, cat("DELETE FROM ", qualified(table.name), where), true);
    delete_.bind(1, rowid).run();
    context_.deleted_from.insert(table_);
}

void MemberWriter::replace(const MemberSet& set) {
    if (set.owner_is_new && loader_.was_empty()) {
        for (std::size_t i = 0; i < set.members.size(); ++i) {
            if (!contains(set.members.first(i), set.members[i])) insert(set, set.members[i]);
        }
        return;
    }
    loader_.keep_indexes();
    const Table& table = context_.table(table_);
    if (!find_) {
        find_ = Statement(
            context_.handle,
            cat("SELECT ", context_.facts(table_).rowid, ", ", quote_identifier(table.columns[set.member].name),
                " FROM ", qualified(table.name), " WHERE ", quote_identifier(table.columns[set.owner].name), " = ?1"),
            true);
    }
    std::vector<std::int64_t> gone;
    std::vector<bool> present(set.members.size());
    find_.reset();
    find_.bind(1, set.owner_value);
    while (find_.step()) {
        const Value member = find_.column(1);
        const auto found = std::find_if(set.members.begin(), set.members.end(),
                                        [&](const Value& value) { return same_member(value, member); });
        if (found == set.members.end()) {
            gone.push_back(find_.column_int(0));
        } else {
            present[static_cast<std::size_t>(found - set.members.begin())] = true;
        }
    }
    for (const std::int64_t rowid : gone)
        remove(set, rowid);
    for (std::size_t i = 0; i < set.members.size(); ++i) {
        if (!present[i] && !contains(set.members.first(i), set.members[i])) insert(set, set.members[i]);
    }
}

std::int64_t next_number(LoadContext& context, std::size_t table) {
    const Table& facts = context.table(table);
    std::int64_t largest = query_int(context.handle, largest_number(facts, context.facts(table))).value_or(0);
    if (facts.has_sequence()) {
        Statement sequence(context.handle, "SELECT seq FROM main.sqlite_sequence WHERE name = ?1");
        sequence.bind(1, std::string_view(facts.name));
        if (sequence.step()) largest = std::max(largest, sequence.column_int(0));
    }
    if (largest == std::numeric_limits<std::int64_t>::max()) {
        throw Error(ErrorKind::kInput, cat("table ", quote(facts.name), " has no number left for a new row"))
            .with_detail("Its numbers have reached 9223372036854775807, the largest that there is.");
    }
    return std::max<std::int64_t>(largest, 0) + 1;
}

}  // namespace dbfixture::sqlite
