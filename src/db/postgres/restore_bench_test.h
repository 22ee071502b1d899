// SPDX-License-Identifier: MIT
// For tests: a database, a state of it, and all that is in it, read by plain SQL.
#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/folder_test.h"
#include "db/open.h"
#include "db/postgres/test_server_test.h"
#include "db/states.h"

namespace dbfixture {

inline bool no_server() {
    return postgres_folder().empty();
}

class RestoreBench {
  public:
    // Runs the SQL, and saves the state. Tables of more than 128 kB get a copy of their own, smaller ones are packed.
    explicit RestoreBench(const std::string& sql, std::string_view user = "postgres")
        : database(sql), states(open_states(locate(DatabaseUrl(database.url(user))), 300)) {
        wait_for_older();
        save();
    }

    // For the transactions of other tests on the server: rows that are younger than one of them count as changed.
    void wait_for_older() const {
        std::string now = database.run("SELECT pg_current_xact_id()");
        now.pop_back();
        const std::string sql = cat("SELECT pg_snapshot_xmin(pg_current_snapshot()) > '", now, "'::xid8");
        for (int i = 0; i < 100 && database.run(sql) != "t\n"; ++i)
            ::usleep(50'000);
    }

    void save(std::string_view name = "state") {
        saved = states->save(StateKind::kCopy, folder / cat(name, ".copy"));
        before = contents();
    }
    // The rows of every table and where the sequences stand, one a line.
    std::string contents() const { return contents_of(database.parameters()); }
    static std::string contents_of(const std::string& parameters);

    // "different 3", or the error.
    std::string restore(const std::string& stamp = "") { return restore(*states, stamp); }
    std::string restore(States& by, const std::string& stamp = "");
    // Restores after the SQL ran, and checks that everything is as it was saved.
    std::string after(const std::string& sql);
    // Of the schema that holds the state, quoted.
    std::string schema() const {
        std::string name =
            database.run("SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname LIKE 'dbfixture\\_%'");
        name.pop_back();
        return name;
    }

    PostgresTestDatabase database;
    TestFolder folder;
    std::unique_ptr<States> states;
    StateSaveReport saved;
    std::string before;
    StateRestoreReport report;  // of the last restore
};

// A role without any privilege but that it owns what the SQL gives it, gone with its database.
class PostgresTestRole {
  public:
    PostgresTestRole();
    PostgresTestRole(const PostgresTestRole&) = delete;
    PostgresTestRole& operator=(const PostgresTestRole&) = delete;
    ~PostgresTestRole();
    const std::string& name() const { return name_; }

  private:
    std::string name_;
};

}  // namespace dbfixture
