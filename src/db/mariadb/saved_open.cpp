// SPDX-License-Identifier: MIT
// A saved state as a database: the present catalog, with its tables read from the copies.
#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/connection.h"
#include "db/mariadb/saved_copy.h"
#include "db/mariadb/saved_manifest.h"
#include "db/mariadb/saved_write.h"
#include "db/mariadb/schema_objects.h"

namespace dbfixture::mariadb {
namespace {

// Its rows are read as those of the present tables.
void require_same_tables(Session& session, const SavedManifest& manifest) {
    const std::vector<SchemaObject> live = read_schema_objects(session);
    for (const auto& [objects, others, how] : {std::tuple(&manifest.objects, &live, " is gone or has changed"),
                                               std::tuple(&live, &manifest.objects, " is new or has changed")}) {
        for (const SchemaObject& object : *objects) {
            if (object.kind != "table" || std::ranges::find(*others, object) != others->end()) continue;
            throw Error(ErrorKind::kInput, "cannot read the saved rows: the database's schema is not that of the state")
                .with_detail(cat("In the database, table ", quote(object.name, 120), how, "."))
                .with_hint("bring the schema to where it was saved, or save the state again");
        }
    }
}

}  // namespace

std::unique_ptr<Connection> open_copy(SavedSession& saved, const SavedState& state) {
    SavedManifest manifest = read_saved_manifest(saved, state);
    require_same_tables(saved.free(), manifest);
    CatalogView view;
    view.objects = manifest.objects;
    view.turn = [manifest = std::move(manifest)](Session& session, Catalog& catalog) {
        require_same_tables(session, manifest);
        for (std::size_t table = 0; table < catalog.facts.size(); ++table) {
            const SavedTable* const copy = manifest.find(catalog.schema.tables[table].name);
            if (copy == nullptr)
                throw damaged_state(manifest.place,
                                    cat("It does not have table ", quote(catalog.schema.tables[table].name)));
            catalog.facts[table].sql_name = copy->source();
            catalog.facts[table].next_number = copy->next_number;
        }
    };
    return open_mariadb_view(saved.location(), {OpenMode::kReadOnly, saved.busy_timeout_ms()}, std::move(view));
}

}  // namespace dbfixture::mariadb
