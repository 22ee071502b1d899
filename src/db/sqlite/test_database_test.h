// SPDX-License-Identifier: MIT
// A throwaway SQLite file for tests, with plain SQL in and text out, independent of the code under test.
#pragma once

#include <memory>
#include <string>
#include <vector>

struct sqlite3;

namespace dbfixture {

class TestDatabase {
  public:
    // Runs `sql` in a new database under the temporary folder, which the destructor removes.
    explicit TestDatabase(const std::string& sql = "");
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;
    ~TestDatabase();

    const std::string& path() const { return path_; }
    std::string folder() const;

    // A short-lived connection for each call, so that nothing stays locked. Fails the test on an error.
    void run(const std::string& sql);
    // Runs each, in one transaction, and passes over what a constraint refuses.
    void attempt(const std::vector<std::string>& statements);
    // Rows as "a|b|c" lines, each value as SQLite's quote() writes it.
    std::string rows(const std::string& select);
    // Everything a client can see: each table's rows with rowids, storage classes and bytes, sorted; and the schema.
    std::string content(bool with_sequences = true);
    // A new database with this one's schema, encoding included, and no rows.
    std::unique_ptr<TestDatabase> empty_copy();

  private:
    std::string path_;
};

}  // namespace dbfixture
