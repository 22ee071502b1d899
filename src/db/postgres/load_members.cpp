// SPDX-License-Identifier: MIT
#include "db/postgres/load_members.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/arena.h"
#include "base/cat.h"
#include "db/postgres/copy.h"
#include "db/postgres/copy_text.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/value_text.h"

namespace dbfixture::postgres {
namespace {

void insert(LoadContext& context, TableLoader& loader, const MemberSet& set, const Value& owner, const Value& member) {
    const bool owner_first = set.owner < set.member;
    const std::array<std::uint16_t, 2> columns = {std::min(set.owner, set.member), std::max(set.owner, set.member)};
    const std::array<Value, 2> values = {owner_first ? owner : member, owner_first ? member : owner};
    const std::vector<std::size_t>& key = context.table(set.table).key;
    const bool has_key = !key.empty() && std::all_of(key.begin(), key.end(), [&](std::size_t column) {
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

// Owner, member and the set's number of each that is wanted; an owner without members once, with NULL.
std::string wanted_table(LoadContext& context, std::span<const MemberSet> sets) {
    const TableFacts& facts = context.facts(sets[0].table);
    const std::string made = context.temporary_table(cat("o ", facts.columns[sets[0].owner].type_name, ", m ",
                                                         facts.columns[sets[0].member].type_name, ", s int8, i int8"));
    std::string lines;
    for (std::size_t s = 0; s < sets.size(); ++s) {
        std::string owner;
        append_copy_field(owner, value_text(sets[s].owner_value));
        append(lines, cat(owner, "\t\\N\t", s, "\t0\n"));
        for (std::size_t i = 0; i < sets[s].members.size(); ++i) {
            append(lines, cat(owner, '\t'));
            append_copy_field(lines, value_text(sets[s].members[i]));
            append(lines, cat('\t', s, '\t', i, '\n'));
        }
    }
    CopyIn copy(context.session, cat("COPY ", made, " FROM STDIN"));
    copy.put(lines);
    copy.finish();
    return made;
}

void remove_others(LoadParts& parts, const MemberSet& set, const std::string& wanted, const std::string& equal_owner,
                   const std::string& equal_member) {
    LoadContext& context = parts.context;
    const std::string source = context.facts(set.table).read_source;
    const std::string others =
        cat("EXISTS (SELECT FROM ", wanted, " w WHERE ", equal_owner, ") AND NOT EXISTS (SELECT FROM ", wanted,
            " w WHERE ", equal_owner, " AND ", equal_member, ")");
    for (const Reference* reference : parts.foreign_keys.to(set.table)) {
        std::string columns;
        for (const std::string& column : reference->parent_columns)
            append(columns, cat("t.", column, ", "));
        context.session.run(cat("INSERT INTO ", parts.foreign_keys.memory_of(*reference), " SELECT ", columns,
                                "0 FROM ", source, " t WHERE ", others));
    }
    parts.foreign_keys.unsure(set.table);
    parts.ladder.prepare_removal(set.table);
    parts.ladder.refuse_removal(set.table);
    const Result gone = context.session.run(cat("DELETE FROM ", source, " t WHERE ", others));
    if (gone.affected() > 0) context.deleted_from.insert(set.table);
}

}  // namespace

void replace_member_rows(LoadParts& parts, TableLoader& loader, std::span<const MemberSet> sets) {
    LoadContext& context = parts.context;
    const Table& table = context.table(sets[0].table);
    const TableFacts& facts = context.facts(sets[0].table);
    const bool all_new = loader.was_empty() &&
                         std::all_of(sets.begin(), sets.end(), [](const MemberSet& set) { return set.owner_is_new; });
    if (all_new) {
        std::set<std::string> seen;
        for (const MemberSet& set : sets) {
            seen.clear();
            for (const Value& member : set.members) {
                if (seen.insert(value_text(member)).second) insert(context, loader, set, set.owner_value, member);
            }
        }
        return;
    }
    loader.settle();
    const std::string wanted = wanted_table(context, sets);
    const auto equal = [&](std::size_t column, std::string_view name) {
        return cat("t.", quote_identifier(table.columns[column].name), " ",
                   context.operators.equality(facts.columns[column].base_type), " w.", name);
    };
    const std::string owner = equal(sets[0].owner, "o"), member = equal(sets[0].member, "m");
    remove_others(parts, sets[0], wanted, owner, member);
    const Result missing =
        context.session.run(cat("SELECT w.s, w.o, w.m FROM (SELECT w.o, w.m, min(w.s) AS s, min(w.i) AS i FROM ",
                                wanted, " w WHERE w.m IS NOT NULL GROUP BY w.o, w.m) w WHERE NOT EXISTS (SELECT FROM ",
                                facts.read_source, " t WHERE ", owner, " AND ", member, ") ORDER BY w.s, w.i"));
    context.session.run(cat("DROP TABLE ", wanted));
    for (int i = 0; i < missing.rows(); ++i) {
        Arena arena;
        const MemberSet& set = sets[static_cast<std::size_t>(missing.integer(i, 0))];
        insert(context, loader, set, read_value(facts.columns[set.owner].form, missing.text(i, 1), arena),
               read_value(facts.columns[set.member].form, missing.text(i, 2), arena));
    }
}

}  // namespace dbfixture::postgres
