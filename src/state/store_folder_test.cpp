// SPDX-License-Identifier: MIT
#include "state/store_folder.h"

#include <catch2/catch.hpp>

using namespace dbfixture;

namespace {

std::string store_of(const std::string& name, const std::string& file) {
    DatabaseIdentity identity;
    identity.name = name;
    identity.file = file;
    return default_store(identity);
}

}  // namespace

TEST_CASE("states lie beside a database's file, and in the working directory for a server's database", "[store]") {
    CHECK(store_of("app.db", "/data/app.db") == "/data/app.db.snapshots");
    CHECK(store_of("app.db", "/data/-live/.app.db") == "/data/-live/.app.db.snapshots");
    CHECK(store_of("app_test", "") == "app_test.snapshots");
    CHECK(store_of("../../etc/x\n", "") == "_.._.._etc_x_.snapshots");
    CHECK(store_of("-x", "") == "_-x.snapshots");
    CHECK(store_of("", "") == "_.snapshots");
}
