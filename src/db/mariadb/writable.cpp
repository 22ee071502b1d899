// SPDX-License-Identifier: MIT
#include "db/mariadb/writable.h"

#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture::mariadb {

namespace {

constexpr std::string_view kToInnoDb = "make it a table of InnoDB (ALTER TABLE ... ENGINE = InnoDB), or ";

}  // namespace

bool is_replicated(std::string_view engine) {
    return engine == "InnoDB";
}

std::string why_not_replicated(std::string_view engine) {
    return cat("Its engine, ", engine, ", is not replicated: each node of this cluster has rows of its own.");
}

Error not_replicated(std::string_view doing, std::string_view table, std::string_view engine) {
    return Error(ErrorKind::kRefused, cat("cannot ", doing, " table ", quote(table)))
        .with_detail(why_not_replicated(engine))
        .with_hint(cat(kToInnoDb, "move it to another database"));
}

void require_replicated(const Catalog& catalog, std::string_view doing) {
    for (std::size_t table = 0; table < catalog.facts.size(); ++table) {
        if (catalog.facts[table].of_one_node)
            throw not_replicated(doing, catalog.schema.tables[table].label(), catalog.facts[table].engine);
    }
}

void require_writable(const Catalog& catalog, std::size_t table, bool fire_triggers, std::string_view events) {
    const Table& of = catalog.schema.tables[table];
    const TableFacts& facts = catalog.facts[table];
    if (facts.of_one_node)
        throw not_replicated("write to", of.label(), facts.engine).with_hint(cat(kToInnoDb, "leave it out"));
    if (!facts.transactional) {
        throw Error(ErrorKind::kRefused, cat("cannot write to table ", quote(of.label())))
            .with_detail(
                cat("Its engine, ", facts.engine, ", has no transactions: what fails half way would stay half done."))
            .with_hint(cat(kToInnoDb, "leave it out"));
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
