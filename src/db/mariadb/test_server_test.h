// SPDX-License-Identifier: MIT
// A server for tests, which .ci/mariadb starts, and three that are one cluster, which .ci/galera starts: by ctest once
// for all (main_test.cpp), else by the test program for itself. And throwaway databases on it, with plain SQL in and
// text out, independent of the code under test.
#pragma once

#include <string>
#include <string_view>

namespace dbfixture {

// The folder that the server's socket is in; "" where no server is installed.
const std::string& mariadb_folder();

// The folder with those of the servers of a Galera cluster, "n1" to "n3"; "" where Galera is not installed.
const std::string& galera_folder();

// A connection of its own, by the client library alone, which begins with the statement `first`. Fails the test on an
// error, and where the server does not answer in a while.
class MariaDbClient {
  public:
    explicit MariaDbClient(const std::string& database, const std::string& user = "root",
                           const std::string& folder = mariadb_folder(), const std::string& first = "");
    MariaDbClient(const MariaDbClient&) = delete;
    MariaDbClient& operator=(const MariaDbClient&) = delete;
    ~MariaDbClient();
    // "a|b" lines of the last statement, NULL as nothing.
    std::string run(const std::string& sql);
    // The same, or the number of the error.
    std::string attempt(const std::string& sql);

  private:
    void* connection_ = nullptr;
};

// An empty database whose name has the word "test", dropped by the destructor. Texts are compared byte by byte in it
// unless a column says otherwise.
class MariaDbTestDatabase {
  public:
    explicit MariaDbTestDatabase(const std::string& sql = "", std::string folder = mariadb_folder());
    MariaDbTestDatabase(const MariaDbTestDatabase&) = delete;
    MariaDbTestDatabase& operator=(const MariaDbTestDatabase&) = delete;
    ~MariaDbTestDatabase();

    const std::string& name() const { return name_; }
    std::string url(std::string_view user = "root") const;
    void create() const;
    void drop() const;
    // A short-lived connection for each call.
    std::string run(const std::string& sql) const;

  private:
    std::string name_, folder_;
};

}  // namespace dbfixture
