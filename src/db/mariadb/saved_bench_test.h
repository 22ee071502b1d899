// SPDX-License-Identifier: MIT
// A database of MariaDB with a saved state, and what it holds, told without the code under test: HEX and length of
// every value, through the client library alone.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/folder_test.h"
#include "db/mariadb/test_server_test.h"
#include "db/open.h"
#include "db/states.h"

namespace dbfixture {

bool no_mariadb();

// Of the client's database: rows of all tables, each in some order; the next numbers.
std::string mariadb_rows(MariaDbClient& client);
std::string mariadb_counters(MariaDbClient& client);

struct MariaDbSavedBench {
    explicit MariaDbSavedBench(const std::string& sql);
    MariaDbSavedBench(const MariaDbSavedBench&) = delete;
    MariaDbSavedBench& operator=(const MariaDbSavedBench&) = delete;
    ~MariaDbSavedBench() { states->discard(saved.state.place); }

    // Rows of all tables in some order, and what their counters say.
    std::string contents() const;
    // "unchanged", "restored 3", or the error.
    std::string restore();
    std::string run(const std::string& sql) const { return database.run(sql); }

    MariaDbTestDatabase database;
    TestFolder folder;
    std::unique_ptr<States> states;
    StateSaveReport saved;
    StateRestoreReport report{};
    std::string before;
};

// As it would be printed, with its detail and hint.
std::string failure_of(const std::function<void()>& action);

}  // namespace dbfixture
