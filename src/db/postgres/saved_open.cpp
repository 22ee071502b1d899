// SPDX-License-Identifier: MIT
// A saved state as a database: the present catalog, with its tables and sequences read from the copies.
#include <algorithm>
#include <map>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/connection.h"
#include "db/postgres/saved_copy.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/saved_tables.h"
#include "db/postgres/saved_view.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

// Their texts and copies are read as rows of the present tables.
void require_same_columns(Session& session, const SavedManifest& manifest) {
    std::map<Oid, LiveTable> live;
    for (LiveTable& table : read_live_tables(session).tables)
        live.emplace(table.oid, std::move(table));
    for (const SavedTable& table : manifest.tables) {
        const auto now = live.find(table.oid);
        const bool there = now != live.end() && now->second.sql_name == table.sql_name;
        if (there && now->second.columns == table.columns) continue;
        throw Error(ErrorKind::kInput,
                    cat("cannot read the saved rows of table ", quote(cat(table.schema, ".", table.name))))
            .with_detail(there ? "Its columns are not those that it was saved with."
                               : "The database does not have this table any more.")
            .with_hint("bring the schema to where it was saved, or save the state again");
    }
}

// Of a table's partitions, whose columns may stand in another order.
std::string partitions_source(const Table& table, const std::vector<const SavedTable*>& parts,
                              const TableFacts& facts) {
    std::string columns, out;
    for (const Column& column : table.columns)
        append(columns, cat(columns.empty() ? "" : ", ", "t.", quote_identifier(column.name)));
    for (const SavedTable* const part : parts)
        append(out, cat(out.empty() ? "(" : " UNION ALL ", "SELECT ", columns, " FROM ", part->source(), " t"));
    return out.empty() ? cat("(SELECT * FROM ", facts.sql_name, " WHERE false)") : cat(out, ")");
}

}  // namespace

std::set<Oid> tables_of(const SavedManifest& manifest) {
    std::set<Oid> out(manifest.others.begin(), manifest.others.end());
    for (const SavedTable& table : manifest.tables)
        out.insert(table.oid);
    return out;
}

void turn_to_saved(Catalog& catalog, const SavedManifest& manifest) {
    std::map<Oid, std::vector<const SavedTable*>> by_root;
    for (const SavedTable& table : manifest.tables)
        by_root[table.root].push_back(&table);
    for (std::size_t at = 0; at < catalog.facts.size(); ++at) {
        TableFacts& facts = catalog.facts[at];
        if (facts.kind == 'f') continue;
        facts.can_select = true;
        facts.row_security = false;
        const std::vector<const SavedTable*>& parts = by_root[facts.oid];
        facts.read_source = facts.kind == 'r' && parts.size() == 1
                                ? parts.front()->source()
                                : partitions_source(catalog.schema.tables[at], parts, facts);
        facts.estimated_rows = 0;
        for (const SavedTable* const part : parts)
            facts.estimated_rows += static_cast<double>(part->rows);
    }
    for (SequenceFacts& sequence : catalog.sequences) {
        sequence.can_read = true;
        sequence.read_source =
            cat("(SELECT last_value, is_called FROM ", quote_identifier(manifest.object, kSavedSequences),
                " WHERE oid = ", sequence.oid, ")");
    }
}

std::unique_ptr<Connection> open_copy(SavedSession& saved, const SavedState& state) {
    SavedManifest manifest = read_saved_manifest(saved.get(), state);
    require_same_columns(saved.get(), manifest);
    CatalogView view;
    view.tables = tables_of(manifest);
    view.objects = cat("SELECT kind, name, definition FROM ", quote_identifier(manifest.object, kSavedObjects));
    view.turn = [manifest = std::move(manifest)](Session& session, Catalog& catalog) {
        require_same_columns(session, manifest);
        turn_to_saved(catalog, manifest);
    };
    return open_postgres_view(saved.location(), saved.busy_timeout_ms(), std::move(view));
}

}  // namespace dbfixture::postgres
