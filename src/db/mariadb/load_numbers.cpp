// SPDX-License-Identifier: MIT
#include "db/mariadb/load_numbers.h"

#include <algorithm>
#include <limits>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/sequences.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {

Numbers::Numbers(LoadContext& context) : context_(context), states_(context.catalog.schema.tables.size()) {}

void Numbers::see(std::size_t table, std::int64_t key) {
    states_[table].last = std::max(states_[table].last, key);
}

std::int64_t Numbers::next(std::size_t table) {
    State& state = states_[table];
    if (!state.known) {
        state.known = true;
        const Table& of = context_.table(table);
        const TableFacts& facts = context_.facts(table);
        const auto largest = context_.session.number(
            cat("SELECT MAX(", quote_identifier(of.columns[of.key[0]].name), ") FROM ", facts.sql_name));
        if (largest) see(table, *largest);
        if (!forgotten_.contains(table) && facts.next_number)
            see(table, static_cast<std::int64_t>(*facts.next_number) - 1);
    }
    if (state.last == std::numeric_limits<std::int64_t>::max()) {
        throw Error(ErrorKind::kInput,
                    cat("table ", quote(context_.table(table).label()), " has no number left for a new row"))
            .with_hint("give the record a \"pk\"");
    }
    return state.last + 1;
}

std::int64_t Numbers::take(std::size_t table) {
    const std::int64_t number = next(table);
    see(table, number);
    return number;
}

void Numbers::forget(std::size_t table) {
    forgotten_.insert(table);
    states_[table] = {};
}

void Numbers::after_commit() {
    const std::vector<std::size_t> tables(forgotten_.begin(), forgotten_.end());
    put_behind_largest_where_free(context_.session, context_.catalog, tables);
}

void Numbers::after_rollback() noexcept {
    try {
        const std::vector<std::size_t> tables(watched_.begin(), watched_.end());
        each_where_free(context_.session, tables, [this](std::size_t table) {
            const TableFacts& facts = context_.facts(table);
            if (facts.next_number &&
                next_number_of(context_.session, facts, context_.table(table)) != *facts.next_number)
                set_next_number(context_.session, facts, *facts.next_number);
        });
    } catch (const Error&) {
        // A gap in the numbers is left, as after any rollback.
    }
}

}  // namespace dbfixture::mariadb
