// SPDX-License-Identifier: MIT
#include "db/postgres/restore_sequences.h"

#include <algorithm>

#include "base/cat.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

constexpr std::size_t kPartsInStatement = 100;

// SQL: whether this role owns the sequence s.
constexpr std::string_view kOwned = "pg_has_role((SELECT c.relowner FROM pg_class c WHERE c.oid = s), 'USAGE')";

std::string name_of(const SavedSequence& sequence) {
    return quote_identifier(sequence.schema, sequence.name);
}

}  // namespace

std::string moved_sequences(const std::string& object) {
    return cat("SELECT schema, name, ", kOwned,
               " FROM (SELECT schema, name, last_value, s, pg_sequence_last_value(s) AS v "
               "FROM (SELECT schema, name, last_value, to_regclass(quote_ident(schema) || '.' || quote_ident(name)) AS "
               "s FROM ",
               quote_identifier(object, kSavedSequences),
               " WHERE is_called OFFSET 0) q OFFSET 0) r WHERE v IS DISTINCT FROM last_value");
}

SequenceLook::SequenceLook(Batch& batch, const SavedManifest& manifest) : manifest_(manifest) {
    places_.push_back(batch.add(moved_sequences(manifest.object)));
    std::string sql;
    std::size_t parts = 0;
    const auto add = [&] {
        if (!sql.empty()) places_.push_back(batch.add(sql));
        sql.clear();
        parts = 0;
    };
    for (const SavedSequence& sequence : manifest.sequences) {
        if (sequence.called) continue;
        append(sql, cat(sql.empty() ? "" : " UNION ALL ", "SELECT ", text_literal(sequence.schema), ", ",
                        text_literal(sequence.name), ", ", kOwned, " FROM ", name_of(sequence),
                        " q, (SELECT to_regclass(", text_literal(name_of(sequence)),
                        ") AS s) r WHERE is_called OR last_value <> ", sequence.last_value));
        if (++parts == kPartsInStatement) add();
    }
    add();
}

std::vector<MovedSequence> SequenceLook::differing(const std::vector<Result>& results) const {
    std::vector<MovedSequence> out;
    for (const std::size_t place : places_) {
        const Result& found = results[place];
        for (int row = 0; row < found.rows(); ++row) {
            const auto sequence = std::ranges::find_if(manifest_.sequences, [&](const SavedSequence& one) {
                return one.schema == found.text(row, 0) && one.name == found.text(row, 1);
            });
            if (sequence != manifest_.sequences.end()) out.push_back({&*sequence, found.boolean(row, 2)});
        }
    }
    return out;
}

SequenceStatements put_sequences_back(const std::vector<MovedSequence>& sequences) {
    SequenceStatements out;
    for (const MovedSequence& sequence : sequences) {
        const std::string name = name_of(*sequence.saved);
        if (sequence.owned) out.early.push_back(cat("ALTER SEQUENCE ", name, " RESTART"));
        (sequence.owned ? out.early : out.late)
            .push_back(cat("SELECT setval(", text_literal(name), "::regclass, ", sequence.saved->last_value,
                           sequence.saved->called ? ", true)" : ", false)"));
    }
    return out;
}

}  // namespace dbfixture::postgres
