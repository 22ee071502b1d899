// SPDX-License-Identifier: MIT
#include "db/postgres/saved_manifest.h"

#include <algorithm>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/text.h"
#include "db/clone_mark.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/saved_tables.h"
#include "db/postgres/sql_text.h"
#include "db/saved_mark.h"
#include "db/saved_reference.h"

namespace dbfixture::postgres {
namespace {

Error damaged(const std::string& place, std::string why) {
    return Error(ErrorKind::kInput, cat("the state ", quote(place, 200), " is damaged")).with_detail(std::move(why));
}

// Those of the state, the topmost last.
std::vector<SavedReference> references_of(const SavedState& state) {
    std::vector<std::string> places = {state.place};
    places.insert(places.end(), state.over.begin(), state.over.end());
    std::vector<SavedReference> out;
    for (const std::string& place : places) {
        out.push_back(read_saved_reference(place));
        if (out.back().kind != StateKind::kCopy) throw damaged(place, "It is of another kind.");
    }
    return out;
}

// SQL, two statements: which database this is, with its comment; which of the schemas are ours.
std::string whose_query(const std::vector<SavedReference>& references) {
    std::string names;
    for (const SavedReference& reference : references)
        append(names, cat(names.empty() ? "" : ", ", text_literal(reference.object)));
    return cat(
        "SELECT s.system_identifier, d.oid, coalesce(shobj_description(d.oid, 'pg_database'), '') FROM "
        "pg_control_system() s, pg_database d WHERE d.datname = current_database(); SELECT n.nspname, "
        "coalesce(obj_description(n.oid, 'pg_namespace'), '') FROM pg_namespace n WHERE n.nspname IN (",
        names, ")");
}

// Each leads to a schema of ours in this database. A throwaway copy has the schemas of its original, with tables and
// rows of the same numbers.
void require_here(Session& session, const SavedState& state, const std::vector<SavedReference>& references,
                  const Result& here, const Result& schemas) {
    const bool is_clone = read_clone_mark(here.text(0, 2)).has_value();
    for (std::size_t at = 0; at < references.size(); ++at) {
        const SavedReference& reference = references[at];
        const std::string& place = at == 0 ? state.place : state.over[at - 1];
        if (reference.system != here.text(0, 0) || (reference.database != here.text(0, 1) && !is_clone)) {
            throw Error(ErrorKind::kInput, cat("the state ", quote(place, 200), " is of another database"))
                .with_detail(cat("Its copies are in the database that it was saved from. ",
                                 quote(session.location().shown, 200), " is another one, or was made anew."))
                .with_hint("what is saved with --serialized can be restored into any database");
        }
        bool ours = false;
        for (int row = 0; row < schemas.rows(); ++row)
            ours = ours || (schemas.text(row, 0) == reference.object && schemas.text(row, 1).starts_with(kMarkStart));
        if (!ours) throw damaged(place, cat("The schema ", quote(reference.object), " that held it is gone."));
    }
}

void read_tables(const Result& found, SavedManifest& manifest) {
    for (int row = 0; row < found.rows(); ++row) {
        SavedTable table;
        table.number = static_cast<int>(found.integer(row, 0));
        table.oid = static_cast<Oid>(found.integer(row, 1));
        table.root = static_cast<Oid>(found.integer(row, 2));
        table.schema = found.string(row, 3);
        table.name = found.string(row, 4);
        table.sql_name = quote_identifier(table.schema, table.name);
        table.columns = found.string(row, 5);
        table.key = split_names(found.text(row, 6));
        table.rows = static_cast<std::uint64_t>(found.integer(row, 7));
        table.base = found.transaction(row, 8);
        table.copied_as = found.string(row, 9);
        table.kept_in = found.is_null(row, 10) ? manifest.object : found.string(row, 10);
        table.kept_as = found.is_null(row, 11) ? table.number : static_cast<int>(found.integer(row, 11));
        table.written_by = found.transaction(row, 12);
        manifest.tables.push_back(std::move(table));
    }
}

// The results of saved_description_query(), in one message with who the state belongs to. What fails does not take the
// caller's transaction along.
std::vector<Result> read_description(Session& session, const SavedState& state,
                                     const std::vector<SavedReference>& references, const std::string& place) {
    const std::string& object = references.back().object;
    const bool inside = session.in_transaction();
    const auto alone = [&](const std::string& sql) {
        return inside ? cat("SAVEPOINT dbfixture_read; ", sql, "; RELEASE SAVEPOINT dbfixture_read") : sql;
    };
    const std::size_t first = inside ? 1 : 0;
    std::vector<Result> found;
    try {
        found = session.run_all(alone(cat(whose_query(references), "; ", saved_description_query(object))));
    } catch (const PgError& error) {
        const std::string& code = error.diagnostics.sqlstate;
        if (!code.starts_with("42") && code != "3F000") throw;
        if (inside) session.run("ROLLBACK TO SAVEPOINT dbfixture_read");
        const std::vector<Result> whose = session.run_all(whose_query(references));
        require_here(session, state, references, whose[0], whose[1]);
        throw damaged(place, cat("What describes it in the schema ", quote(object),
                                 " cannot be read: ", error.diagnostics.message, "."));
    }
    require_here(session, state, references, found[first], found[first + 1]);
    found.erase(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(first) + 2);
    if (inside) found.pop_back();
    return found;
}

}  // namespace

std::string SavedTable::relation() const {
    return quote_identifier(kept_in, packed() ? kSavedPacked : std::string_view(copied_as));
}

std::string SavedTable::condition() const {
    return packed() ? cat("number = ", kept_as) : "true";
}

// OFFSET 0 keeps the text from being read once for each column.
std::string SavedTable::source() const {
    if (!packed()) return relation();
    return cat("(SELECT (p.r).* FROM (SELECT row::", sql_name, " AS r FROM ", relation(), " WHERE ", condition(),
               " OFFSET 0) p)");
}

std::string saved_description_query(const std::string& object) {
    const auto in = [&](std::string_view name) { return quote_identifier(object, name); };
    return cat("SELECT version, base, fingerprint, others, system_identifier, database, tool FROM ", in(kSavedState),
               "; SELECT number, oid, root, schema, name, columns, array_to_string(key_columns, chr(31)), rows, base, "
               "copied_as, kept_in, kept_as, written_by FROM ",
               in(kSavedTables), " ORDER BY number; SELECT oid, schema, name, last_value, is_called FROM ",
               in(kSavedSequences), " ORDER BY schema COLLATE \"C\", name COLLATE \"C\"");
}

// Each field behind its length, and a letter for NULL.
std::string saved_checksum(std::span<const Result> description) {
    Checksum sum;
    for (const Result& result : description) {
        sum.update(cat(result.rows(), " "));
        for (int row = 0; row < result.rows(); ++row) {
            for (int column = 0; column < result.columns(); ++column) {
                const std::string_view text = result.text(row, column);
                sum.update(result.is_null(row, column) ? "n" : cat(text.size(), " ", text));
            }
        }
    }
    return sum.digest();
}

SavedManifest read_saved_manifest(Session& session, const SavedState& state) {
    const std::vector<SavedReference> references = references_of(state);
    const std::string& place = state.over.empty() ? state.place : state.over.back();
    SavedManifest manifest;
    manifest.object = references.back().object;
    const std::vector<Result> found = read_description(session, state, references, place);
    if (found[0].rows() != 1) throw damaged(place, "What describes it has gone.");
    if (found[0].integer(0, 0) != kSavedLayoutVersion) {
        throw Error(ErrorKind::kInput, cat("the state ", quote(place, 200), " was saved by another version"))
            .with_hint("save it again with this one");
    }
    manifest.base = found[0].transaction(0, 1);
    manifest.fingerprint = found[0].string(0, 2);
    for (const std::int64_t oid : found[0].integers(0, 3))
        manifest.others.push_back(static_cast<Oid>(oid));
    read_tables(found[1], manifest);
    for (int row = 0; row < found[2].rows(); ++row) {
        manifest.sequences.push_back({static_cast<Oid>(found[2].integer(row, 0)), found[2].string(row, 1),
                                      found[2].string(row, 2), found[2].integer(row, 3), found[2].boolean(row, 4)});
    }
    if (!state.checksum.empty() && saved_checksum(found) != state.checksum)
        throw damaged(place, "What describes it is not what was saved.");
    for (const SavedTable& table : manifest.tables) {
        const bool named = std::ranges::any_of(
            references, [&](const SavedReference& reference) { return reference.object == table.kept_in; });
        if (!named) throw damaged(place, cat("Rows of ", quote(table.name), " were kept in another place."));
    }
    return manifest;
}

}  // namespace dbfixture::postgres
