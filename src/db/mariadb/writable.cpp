// SPDX-License-Identifier: MIT
#include "db/mariadb/writable.h"

#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture::mariadb {

void require_writable(const Catalog& catalog, std::size_t table, bool fire_triggers, std::string_view events) {
    const Table& of = catalog.schema.tables[table];
    const TableFacts& facts = catalog.facts[table];
    if (!facts.transactional) {
        throw Error(ErrorKind::kRefused, cat("cannot write to table ", quote(of.label())))
            .with_detail(
                cat("Its engine, ", facts.engine, ", has no transactions: what fails half way would stay half done."))
            .with_hint(cat("make it a table of InnoDB (ALTER TABLE ... ENGINE = InnoDB), or leave it out"));
    }
    if (fire_triggers) return;
    std::vector<std::string> names;
    for (const TriggerFacts& trigger : facts.triggers) {
        if (events.find(trigger.event) != std::string_view::npos) names.push_back(trigger.name);
    }
    if (names.empty()) return;
    throw Error(ErrorKind::kRefused, cat("cannot write to table ", quote(of.label()), " without firing its triggers"))
        .with_detail(cat("It has ", quote_list(names), ", and this server cannot silence triggers."))
        .with_hint(events == "D"
                       ? "add --drop-triggers to drop them for the while, or leave the table out"
                       : "add --triggers to let them fire, --drop-triggers to drop them for the while, or leave the "
                         "table out");
}

void require_removable(const Catalog& catalog, std::size_t table, bool fire_triggers) {
    require_writable(catalog, table, fire_triggers, "D");
    std::vector<std::string> children;
    for (const ChildElsewhere& child : catalog.children_elsewhere) {
        if (child.parent == table) children.push_back(child.child);
    }
    if (children.empty()) return;
    throw Error(ErrorKind::kRefused, cat("cannot empty table ", quote(catalog.schema.tables[table].label())))
        .with_detail(cat("Tables of other databases refer to it: ", quote_list(children), "."));
}

}  // namespace dbfixture::mariadb
