// SPDX-License-Identifier: MIT
#include "db/postgres/load_numbers.h"

#include <algorithm>
#include <limits>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/flush.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {

Numbers::Numbers(LoadContext& context) : context_(context), states_(context.catalog.schema.tables.size()) {}

const SequenceFacts* Numbers::sequence_of(std::size_t table) const {
    const Table& of = context_.table(table);
    if (of.key.size() != 1) return nullptr;
    const ColumnFacts& column = context_.facts(table).columns[of.key[0]];
    if (!column.sequence || column.form != ValueForm::kInteger) return nullptr;
    return &context_.catalog.sequences[*column.sequence];
}

void Numbers::see(std::size_t table, std::int64_t key) {
    State& state = states_[table];
    const SequenceFacts* const sequence = sequence_of(table);
    const bool down = sequence != nullptr && sequence->increment < 0;
    if (!state.last || (down ? key < *state.last : key > *state.last)) state.last = key;
}

std::int64_t Numbers::next(std::size_t table) {
    State& state = states_[table];
    const SequenceFacts& sequence = *sequence_of(table);
    const bool down = sequence.increment < 0;
    if (!state.known) {
        state.known = true;
        const std::size_t column = context_.table(table).key[0];
        for (const Sequence& stored : read_sequences(context_.session, context_.catalog, {table})) {
            if (stored.column != column) continue;
            if (stored.largest) see(table, *stored.largest);
            if (forgotten_.contains(table) || !stored.stored) continue;
            if (stored.called) {
                see(table, *stored.stored);
            } else if (!(down ? *stored.stored >= sequence.start : *stored.stored <= sequence.start)) {
                see(table, *stored.stored - sequence.increment);
            }
        }
    }
    const auto none_left = [&] {
        return Error(ErrorKind::kInput,
                     cat("table ", quote(context_.table(table).label()), " has no number left for a new row"))
            .with_detail(cat("Its numbers have reached ", down ? sequence.least : sequence.most, ", the ",
                             down ? "smallest" : "largest", " that there is."))
            .with_hint("give the record a \"pk\"");
    };
    if (!state.last) return sequence.start;
    std::int64_t out = 0;
    if (__builtin_add_overflow(*state.last, sequence.increment, &out)) throw none_left();
    if (down ? out > sequence.start : out < sequence.start) out = sequence.start;
    if (down ? out < sequence.least : out > sequence.most) throw none_left();
    return out;
}

std::int64_t Numbers::take(std::size_t table) {
    const std::int64_t number = next(table);
    see(table, number);
    return number;
}

void Numbers::forget(std::size_t table) {
    if (!context_.table(table).has_sequence()) return;
    forgotten_.insert(table);
    states_[table] = {};
}

void Numbers::set(Sequence sequence) {
    const SequenceFacts& facts =
        context_.catalog.sequences[*context_.facts(sequence.table).columns[sequence.column].sequence];
    if (facts.owned) {
        write_sequences(context_.session, context_.catalog, {sequence});
    } else if (facts.can_update) {
        at_commit_.push_back(sequence);
    } else {
        context_.report.warnings.push_back(cat("sequence ", quote(facts.name), " is behind table ",
                                               quote(context_.table(sequence.table).label()),
                                               ", and this role may not set it"));
    }
}

void Numbers::raise(const std::vector<std::size_t>& tables) {
    if (context_.scratch) return;
    std::vector<std::size_t> with_sequences;
    std::copy_if(tables.begin(), tables.end(), std::back_inserter(with_sequences),
                 [&](std::size_t table) { return context_.table(table).has_sequence(); });
    if (with_sequences.empty()) return;
    std::map<std::size_t, Sequence> wanted;  // by sequence
    for (Sequence& found : read_sequences(context_.session, context_.catalog, with_sequences)) {
        const std::size_t number = *context_.facts(found.table).columns[found.column].sequence;
        const SequenceFacts& facts = context_.catalog.sequences[number];
        const bool down = facts.increment < 0;
        // Of a shared sequence the other tables count as well: it never goes back.
        const bool anew = forgotten_.contains(found.table) && facts.users.size() < 2;
        const bool called = found.stored && found.called;
        const bool behind =
            found.largest &&
            (!found.stored || anew || (down ? *found.largest < *found.stored : *found.largest > *found.stored) ||
             (!called && *found.largest == *found.stored));
        if (!behind && !(anew && !found.largest)) continue;
        found.stored = found.largest;
        found.called = true;
        const auto [at, is_new] = wanted.emplace(number, found);
        if (!is_new && found.stored &&
            (!at->second.stored || (down ? *found.stored < *at->second.stored : *found.stored > *at->second.stored)))
            at->second = found;
    }
    for (const auto& [number, sequence] : wanted)
        set(sequence);
}

void Numbers::before_commit() {
    if (!at_commit_.empty()) write_sequences(context_.session, context_.catalog, at_commit_);
}

}  // namespace dbfixture::postgres
