// SPDX-License-Identifier: MIT
#include "db/mariadb/galera_bench_test.h"

#include "base/cat.h"

namespace dbfixture {

bool no_galera() {
    if (!galera_folder().empty()) return false;
    WARN("SKIPPED: Galera: no MariaDB server with it is installed (Debian: mariadb-server, galera-4)");
    return true;
}

std::string galera_node(int node) {
    return cat(galera_folder(), "/n", node);
}

GaleraDatabase::GaleraDatabase(const std::string& sql) : database(sql, galera_node(1)) {}

std::string GaleraDatabase::url(int node) const {
    return cat("mysql://root@/", database.name(), "?socket=", galera_node(node), "/socket");
}

MariaDbClient GaleraDatabase::client(int node) const {
    const std::string wait = "SET SESSION wsrep_sync_wait = 15";
    // To connect to a database does not wait until the node has it.
    MariaDbClient("", "root", galera_node(node), wait).run("SELECT COUNT(*) FROM information_schema.schemata");
    return MariaDbClient(database.name(), "root", galera_node(node), wait);
}

std::string GaleraDatabase::rows() const {
    MariaDbClient first = client(1);
    std::string out = mariadb_rows(first);
    for (int node = 2; node <= kNodes; ++node) {
        MariaDbClient other = client(node);
        INFO("node " << node);
        REQUIRE(mariadb_rows(other) == out);
    }
    return out;
}

std::string GaleraDatabase::counters() const {
    MariaDbClient first = client(1);
    const std::string all = mariadb_counters(first);
    std::string out = all;
    for (int node = 2; node <= kNodes; ++node) {
        MariaDbClient other = client(node);
        if (const std::string theirs = mariadb_counters(other); theirs != all) out += cat("node ", node, ":\n", theirs);
    }
    return out;
}

}  // namespace dbfixture
