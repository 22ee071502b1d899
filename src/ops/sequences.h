// SPDX-License-Identifier: MIT
// resetsequences: which sequences do not stand where their tables want them (DESIGN 5).
#pragma once

#include <cstdint>
#include <vector>

#include "db/connection.h"
#include "model/selection.h"

namespace dbfixture {

struct SequenceCheck {
    std::vector<std::size_t> tables;  // the chosen ones that have a sequence
    std::uint64_t sequences = 0;      // how many those are
    std::vector<Sequence> behind;     // the next key may be one that exists
    std::vector<Sequence> ahead;      // keys would be left out; harmless
};

// Call inside a ReadView. Throws kNotFound for a label that matches nothing.
SequenceCheck check_sequences(Connection& connection, const SelectionOptions& options);

// Connection::reset_sequences(), begun again after what passes by itself.
void reset_sequences(Connection& connection, const std::vector<std::size_t>& tables);

}  // namespace dbfixture
