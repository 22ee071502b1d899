// SPDX-License-Identifier: MIT
// Sequences of a state, exactly as they stood: the last value, and whether it was given out.
#pragma once

#include <string>
#include <vector>

#include "db/postgres/restore_batch.h"
#include "db/postgres/saved_manifest.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// One that stands elsewhere.
struct MovedSequence {
    const SavedSequence* saved = nullptr;
    bool owned = false;  // by this role
};

// SQL: schema, name, and whether this role owns it, of the sequences, of those that had given out a value, that stand
// elsewhere now. `object` is the schema that holds the state. Whether one that had not stands elsewhere can be told by
// it alone, which costs more.
std::string moved_sequences(const std::string& object);

// Adds the statements that find what differs, and takes it from their results.
class SequenceLook {
  public:
    SequenceLook(Batch& batch, const SavedManifest& manifest);
    std::vector<MovedSequence> differing(const std::vector<Result>& results) const;

  private:
    const SavedManifest& manifest_;
    std::vector<std::size_t> places_;
};

// `early` is undone with the transaction, and keeps other sessions from using numbers that they have put by (CACHE):
// for owners. `late` is not undone: the last before COMMIT.
struct SequenceStatements {
    std::vector<std::string> early, late;
};
SequenceStatements put_sequences_back(const std::vector<MovedSequence>& sequences);

}  // namespace dbfixture::postgres
