// SPDX-License-Identifier: MIT
#include "db/postgres/restore_owner.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "db/postgres/introspect.h"
#include "model/fk_graph.h"

namespace dbfixture::postgres {
namespace {

// The table, or the one that it is a partition of.
std::optional<std::size_t> place_of(const Catalog& catalog, Oid oid) {
    const auto found = std::ranges::find_if(catalog.facts, [oid](const TableFacts& facts) {
        return facts.oid == oid || std::ranges::find(facts.leaves, oid) != facts.leaves.end();
    });
    if (found == catalog.facts.end()) return std::nullopt;
    return static_cast<std::size_t>(found - catalog.facts.begin());
}

}  // namespace

OwnerRungs::OwnerRungs(Session& session, const std::vector<RestoreTable*>& tables)
    : catalog_(read_catalog(session, {})),
      context_{session, catalog_, options_, false, Operators(session)},
      references_(read_references(session, catalog_, context_.operators)),
      ladder_(context_, references_) {
    try {
        prepare(tables);
    } catch (Error& error) {
        if (error.kind == ErrorKind::kRefused) {
            error.hint =
                "connect as the owner of the tables or as a role that may set session_replication_role, or save states "
                "with --template";
        }
        throw;
    }
}

void OwnerRungs::prepare(const std::vector<RestoreTable*>& tables) {
    std::vector<std::size_t> places;
    const std::vector<std::size_t> sorted = order_tables(catalog_.schema).tables;
    for (const std::size_t at : sorted) {
        for (RestoreTable* table : tables) {
            if (place_of(catalog_, table->oid) != at) continue;
            order_.push_back(table);
            if (places.empty() || places.back() != at) places.push_back(at);
        }
    }
    ladder_.prepare(places);
    for (const std::size_t place : places) {
        ladder_.prepare_removal(place);
        ladder_.refuse_removal(place);
    }
}

void OwnerRungs::put_back() {
    ladder_.restore();
}

}  // namespace dbfixture::postgres
