// SPDX-License-Identifier: MIT
// A server that is one node of a Galera cluster. Locks hold on this node alone: what others write is checked against
// what this one has written when it commits, and applied whatever this one has locked.
#pragma once

#include <cstdint>

#include "db/mariadb/failure.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

// How many writes of other nodes have arrived here; 0 where there is no cluster.
std::uint64_t writes_of_others(Session& session);

// Gives an error that a cluster alone has its words: a node that is not ready, which is kBusy, and a transaction that
// is too large. False for any other.
bool describe_cluster_error(ServerError& error, std::string_view shown);

}  // namespace dbfixture::mariadb
