// SPDX-License-Identifier: MIT
// PostgreSQL behind the seam.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "db/connection.h"
#include "db/open.h"
#include "db/postgres/catalog.h"
#include "db/postgres/session.h"
#include "db/states.h"

namespace dbfixture::postgres {

// The server keeps the states; files of a store refer to them (saved_reference.h). Records are every engine's.
inline constexpr std::array kStates = {StateForm{StateKind::kCopy, "copy"}, StateForm{StateKind::kTemplate, "template"},
                                       StateForm{StateKind::kSerialized, ""}};

// Engine::open_states.
std::unique_ptr<States> open_postgres_states(const Location& location, int busy_timeout_ms);

// Engine::opinion: "on" in the setting dbfixture.disposable of the database; replicas, publications, recovery.
DatabaseOpinion opinion_of(const Location& location, int busy_timeout_ms);

// Engine::connect.
std::unique_ptr<Connection> open_postgres(const Location& location, const OpenOptions& options);

// Rows that are kept elsewhere, shown as those of the database.
struct CatalogView {
    std::set<Oid> tables;  // no others are in the catalog
    // Makes a catalog that was just read lead to them: TableFacts::read_source, SequenceFacts::read_source. Throws what
    // reading them would.
    std::function<void(Session&, Catalog&)> turn;
    std::string objects;  // SQL: rows (kind, name, definition), of Connection::schema_objects()
};
// To be read only.
std::unique_ptr<Connection> open_postgres_view(const Location& location, int busy_timeout_ms, CatalogView view);

// On a session in a transaction of the caller's, which outlives it and rolls back: what it does is a part of that.
std::unique_ptr<Connection> open_postgres_inside(Session& session);

}  // namespace dbfixture::postgres
