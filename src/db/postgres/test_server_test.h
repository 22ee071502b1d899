// SPDX-License-Identifier: MIT
// A server for tests, which .ci/postgres starts: by ctest once for all (main_test.cpp), else by the test program for
// itself. And throwaway databases on it, with plain SQL in and text out, independent of the code under test.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dbfixture {

// The folder that the server's socket is in; "" where no server is installed.
const std::string& postgres_folder();

// A connection of its own, by the client library alone. Fails the test on an error.
class PostgresClient {
  public:
    // `parameters` behind those of the socket: "dbname=x user=y".
    explicit PostgresClient(const std::string& parameters);
    PostgresClient(const PostgresClient&) = delete;
    PostgresClient& operator=(const PostgresClient&) = delete;
    ~PostgresClient();
    // "a|b" lines of the last statement, NULL as nothing.
    std::string run(const std::string& sql);
    // The same, or the SQLSTATE of the error.
    std::string attempt(const std::string& sql);

  private:
    void* connection_ = nullptr;
};

// An empty database whose name has the word "test", dropped by the destructor.
class PostgresTestDatabase {
  public:
    explicit PostgresTestDatabase(const std::string& sql = "");
    PostgresTestDatabase(const PostgresTestDatabase&) = delete;
    PostgresTestDatabase& operator=(const PostgresTestDatabase&) = delete;
    ~PostgresTestDatabase();

    const std::string& name() const { return name_; }
    std::string parameters() const;  // "dbname=..."
    std::string url(std::string_view user = "postgres") const;
    void create();
    void drop();
    // A short-lived connection for each call.
    std::string run(const std::string& sql) const;

  private:
    std::string name_;
};

}  // namespace dbfixture
