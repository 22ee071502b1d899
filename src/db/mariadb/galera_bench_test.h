// SPDX-License-Identifier: MIT
// A database on a cluster of three nodes, which other programs than the one under test compare whole: each node is
// asked after it has applied what the others have committed.
#pragma once

#include <string>

#include "db/mariadb/saved_bench_test.h"

namespace dbfixture {

constexpr int kNodes = 3;

// Also says why a test is skipped.
bool no_galera();

// Of the server's socket.
std::string galera_node(int node);

struct GaleraDatabase {
    explicit GaleraDatabase(const std::string& sql = "");

    std::string url(int node = 1) const;
    MariaDbClient client(int node) const;
    std::string run(int node, const std::string& sql) const { return client(node).run(sql); }
    // Rows of all tables by HEX; fails the test where nodes differ.
    std::string rows() const;
    // Next numbers of all nodes; those that are the same as the first's are not repeated.
    std::string counters() const;

    MariaDbTestDatabase database;
};

}  // namespace dbfixture
