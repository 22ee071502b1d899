// SPDX-License-Identifier: MIT
#include "db/postgres/restore_sequences.h"

#include <algorithm>

#include "base/cat.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

constexpr std::size_t kPartsInStatement = 100;

std::string name_of(const SavedSequence& sequence) {
    return quote_identifier(sequence.schema, sequence.name);
}

}  // namespace

std::string moved_sequences(const std::string& object) {
    return cat(
        "SELECT schema, name FROM (SELECT schema, name, last_value, "
        "pg_sequence_last_value(to_regclass(quote_ident(schema) || '.' || quote_ident(name))) AS v FROM ",
        quote_identifier(object, kSavedSequences),
        " WHERE is_called OFFSET 0) s WHERE v IS DISTINCT FROM "
        "last_value");
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
                        text_literal(sequence.name), " FROM ", name_of(sequence), " WHERE is_called OR last_value <> ",
                        sequence.last_value));
        if (++parts == kPartsInStatement) add();
    }
    add();
}

std::vector<const SavedSequence*> SequenceLook::differing(const std::vector<Result>& results) const {
    std::vector<const SavedSequence*> out;
    for (const std::size_t place : places_) {
        const Result& found = results[place];
        for (int row = 0; row < found.rows(); ++row) {
            const auto sequence = std::ranges::find_if(manifest_.sequences, [&](const SavedSequence& one) {
                return one.schema == found.text(row, 0) && one.name == found.text(row, 1);
            });
            if (sequence != manifest_.sequences.end()) out.push_back(&*sequence);
        }
    }
    return out;
}

SequenceStatements put_sequences_back(Session& session, const std::vector<const SavedSequence*>& sequences) {
    SequenceStatements out;
    if (sequences.empty()) return out;
    std::string names;
    for (const SavedSequence* sequence : sequences)
        append(names, cat(names.empty() ? "" : ", ", text_literal(name_of(*sequence))));
    const Result owned =
        session.run(cat("SELECT pg_has_role(c.relowner, 'USAGE') FROM unnest(ARRAY[", names,
                        "]) WITH ORDINALITY u(name, n) JOIN pg_class c ON c.oid = to_regclass(u.name) ORDER BY u.n"));
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        const bool own = owned.rows() == static_cast<int>(sequences.size()) && owned.boolean(static_cast<int>(i), 0);
        const std::string name = name_of(*sequences[i]);
        if (own) out.early.push_back(cat("ALTER SEQUENCE ", name, " RESTART"));
        (own ? out.early : out.late)
            .push_back(cat("SELECT setval(", text_literal(name), "::regclass, ", sequences[i]->last_value,
                           sequences[i]->called ? ", true)" : ", false)"));
    }
    return out;
}

}  // namespace dbfixture::postgres
