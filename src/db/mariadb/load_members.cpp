// SPDX-License-Identifier: MIT
#include "db/mariadb/load_members.h"

#include <algorithm>
#include <array>

#include "base/cat.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/value_send.h"
#include "db/mariadb/writable.h"

namespace dbfixture::mariadb {
namespace {

void insert(LoadContext& context, TableLoader& loader, const MemberSet& set, const Value& member) {
    const bool owner_first = set.owner < set.member;
    const std::array<std::uint16_t, 2> columns = {std::min(set.owner, set.member), std::max(set.owner, set.member)};
    const std::array<Value, 2> values = {owner_first ? set.owner_value : member,
                                         owner_first ? member : set.owner_value};
    const std::vector<std::size_t>& key = context.table(set.table).key;
    const bool has_key = !key.empty() && std::ranges::all_of(key, [&](std::size_t column) {
        return column == set.owner || column == set.member;
    });
    BoundRow row;
    row.table = set.table;
    row.address = has_key ? RowAddress::kKey : RowAddress::kNumbered;
    row.columns = columns;
    row.values = values;
    row.origin = set.origin;
    loader.write(row);
}

// Owner, member, the set's number and the member's place of each that is wanted; an owner once with NULL.
std::string wanted_table(LoadContext& context, std::span<const MemberSet> sets) {
    const Table& table = context.table(sets[0].table);
    const TableFacts& facts = context.facts(sets[0].table);
    const std::string made = context.temporary_table(cat("o ", facts.columns[sets[0].owner].type, ", m ",
                                                         facts.columns[sets[0].member].type, ", s BIGINT, i BIGINT"));
    Arena arena;
    std::vector<Value> values;
    const auto add = [&](std::size_t set, const Value& member, std::size_t place) {
        values.push_back(
            sendable(sets[set].owner_value, table.columns[sets[0].owner], facts.columns[sets[0].owner], arena));
        values.push_back(sendable(member, table.columns[sets[0].member], facts.columns[sets[0].member], arena));
        values.push_back(Value::integer(static_cast<std::int64_t>(set)));
        values.push_back(Value::integer(static_cast<std::int64_t>(place)));
    };
    for (std::size_t set = 0; set < sets.size(); ++set) {
        add(set, Value::null(), 0);
        for (std::size_t place = 0; place < sets[set].members.size(); ++place)
            add(set, sets[set].members[place], place);
    }
    constexpr std::size_t kAtOnce = 4000;
    ManyRows rows(context.session, cat("INSERT INTO ", made), 4);
    for (std::size_t from = 0; from < values.size(); from += kAtOnce) {
        const std::size_t count = std::min(kAtOnce, values.size() - from);
        rows.send(std::span<const Value>(values).subspan(from, count), count / 4);
    }
    return made;
}

}  // namespace

void replace_member_rows(LoadParts& parts, TableLoader& loader, std::span<const MemberSet> sets) {
    LoadContext& context = parts.context;
    const MemberSet& first = sets[0];
    const Table& table = context.table(first.table);
    const std::string& source = context.facts(first.table).sql_name;
    loader.settle();
    const std::string wanted = wanted_table(context, sets);
    const std::string owner = cat("t.", quote_identifier(table.columns[first.owner].name), " = w.o"),
                      member = cat("t.", quote_identifier(table.columns[first.member].name), " = w.m");
    const std::string others =
        cat("EXISTS (SELECT 1 FROM ", wanted, " w WHERE ", owner, ") AND NOT EXISTS (SELECT 1 FROM ", wanted,
            " w WHERE ", owner, " AND ", member, ")");
    parts.foreign_keys.remember(first.table, true, others, {}, 0);
    const std::string found = cat(" FROM ", source, " t WHERE ", others);
    if (context.session.run(cat("SELECT 1", found, " LIMIT 1")).rows() > 0) {
        require_removable(context.catalog, first.table, context.options.fire_triggers);
        context.session.run(cat("DELETE t", found));
        context.deleted_from.insert(first.table);
    }
    const Result missing = context.session.run(
        cat("SELECT MIN(w.s), MIN(w.i) FROM ", wanted, " w WHERE w.m IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ",
            source, " t WHERE ", owner, " AND ", member, ") GROUP BY w.o, w.m ORDER BY 1, 2"));
    for (int i = 0; i < missing.rows(); ++i) {
        const MemberSet& set = sets[static_cast<std::size_t>(missing.integer(i, 0))];
        insert(context, loader, set, set.members[static_cast<std::size_t>(missing.integer(i, 1))]);
    }
    context.session.run(cat("DROP TEMPORARY TABLE ", wanted));
}

}  // namespace dbfixture::mariadb
