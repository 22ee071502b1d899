// SPDX-License-Identifier: MIT
#include "ops/sequences.h"

#include <algorithm>

#include "ops/tries.h"

namespace dbfixture {

SequenceCheck check_sequences(Connection& connection, const SelectionOptions& options) {
    const Schema& schema = connection.schema();
    std::vector<bool> chosen = tables_of_labels(schema, options.labels, options.apps);
    if (options.labels.empty()) chosen.assign(chosen.size(), true);
    SequenceCheck check;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        if (chosen[i] && schema.tables[i].has_sequence() && schema.tables[i].unreadable.empty())
            check.tables.push_back(i);
    }
    for (const Sequence& sequence : connection.sequences(check.tables)) {
        ++check.sequences;
        const std::int64_t wanted = std::max<std::int64_t>(sequence.largest.value_or(0), 0);
        const auto given = sequence.given();
        if (sequence.largest ? !given || *given < wanted : given.value_or(0) < 0) {
            check.behind.push_back(sequence);
        } else if (given.value_or(0) > wanted) {
            check.ahead.push_back(sequence);
        }
    }
    return check;
}

void reset_sequences(Connection& connection, const std::vector<std::size_t>& tables) {
    try_often(connection.capabilities().begins_anew, [&] { connection.reset_sequences(tables); });
}

}  // namespace dbfixture
