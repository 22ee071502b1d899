// SPDX-License-Identifier: MIT
// What the database would be after a change, saved while it stays as it is: the change is made to a database of our own
// that has its tables and rows, and what that has then is saved. Views, routines and triggers are left out of it, and
// shown in it all the same: the schema is that of the original.
#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "db/mariadb/connection.h"
#include "db/mariadb/saved_compare.h"
#include "db/mariadb/saved_copy.h"
#include "db/mariadb/saved_place.h"
#include "db/mariadb/saved_write.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/writable.h"

namespace dbfixture::mariadb {
namespace {

void make_tables(Session& session, const LiveState& live) {
    session.run("SET SESSION foreign_key_checks = 0");
    for (const SchemaObject& object : live.objects) {
        const bool is_table = object.kind == "table" && live.catalog.schema.find(object.name).has_value();
        if (is_table) session.run(object.definition);
    }
}

void fill_tables(SavedSession& saved, const LiveState& live, const std::string& clone) {
    in_locking_transaction(saved, [&](Session& session) {
        for (std::size_t table = 0; table < live.catalog.facts.size(); ++table) {
            const Table& of = live.catalog.schema.tables[table];
            const std::string columns = own_columns(of);
            if (columns.empty()) continue;
            session.run(cat("INSERT INTO ", quote_identifier(clone, of.name), " (", columns, ") SELECT ", columns,
                            " FROM ", sql_name(live, table), " LOCK IN SHARE MODE"));
        }
        require_still(saved.second(), live);
    });
}

void set_counters(SavedSession& saved, Session& session) {
    const auto now = next_numbers(session);
    for (const auto& [table, number] : next_numbers(saved.second())) {
        const auto found = now.find(table);
        if (found != now.end() && found->second != number)
            session.run(cat("ALTER TABLE ", quote_identifier(table), " AUTO_INCREMENT = ", number));
    }
}

}  // namespace

SavedState derive_copy(SavedSession& saved, const std::string& place, const std::function<void(Connection&)>& change) {
    NewPlace target(saved, place);
    const LiveState live = read_live(saved.second());
    require_replicated(live.catalog, "save");
    const OwnDatabase clone(saved, new_sibling_name(saved.database(), place), place);
    const Location location = sibling_of(saved.location(), clone.name());
    SavedSession inside(location, saved.busy_timeout_ms());
    make_tables(inside.second(), live);
    fill_tables(saved, live, clone.name());
    set_counters(saved, inside.second());
    {
        CatalogView view;
        view.objects = live.objects;
        const auto copy = open_mariadb_view(location, {OpenMode::kReadWrite, saved.busy_timeout_ms()}, std::move(view));
        change(*copy);
    }
    const LiveState changed = read_live(inside.second());
    const std::vector<Definition> programs = read_programs(saved.second());
    create_description(saved.second(), target.object());
    StateWriter writer(saved, target.object());
    SavedState derived;
    in_locking_transaction(inside, [&](Session& session) {
        SavedManifest manifest{target.object(), place, {}, live.objects, programs, read_defaults(saved.second())};
        const auto numbers = next_numbers(inside.second());
        for (std::size_t table = 0; table < changed.catalog.facts.size(); ++table) {
            SavedTable copy = writer.copy(session, static_cast<int>(table) + 1, changed.catalog.schema.tables[table],
                                          changed.catalog.facts[table], sql_name(changed, table));
            const auto found = numbers.find(copy.name);
            if (found != numbers.end()) copy.next_number = found->second;
            manifest.tables.push_back(std::move(copy));
        }
        writer.sum_up(session, manifest.tables);
        derived = write_description(session, manifest, live.database);
    });
    target.keep();
    return derived;
}

}  // namespace dbfixture::mariadb
