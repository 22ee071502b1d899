// SPDX-License-Identifier: MIT
// A database on the test server that shell lines of tests work on, by the program and by psql.
#pragma once

#include <string>

#include "base/posix_file.h"
#include "db/postgres/test_server_test.h"
#include "program_test.h"

namespace dbfixture_test {

// Says so where a test cannot run: no server, no psql.
bool without_postgres();

// A database of a name of its own, which is in the names of all that is made of it. There is one on the server at a
// time: runs that copy databases at once make sources for each other, which stay until the last of them is done.
class Original {
  public:
    explicit Original(const std::string& sql = "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)");
    Original(const Original&) = delete;
    Original& operator=(const Original&) = delete;
    ~Original();

    std::string url(const std::string& user = "postgres") const;
    // What shell lines print with $URL and $PSQL, in a folder of their own, and their exit status. The name of the
    // database is NAME in it, that of a run RUN, and the folder of the server SOCKET.
    std::string said_by(const std::string& lines, const std::string& user = "postgres") const;
    // "n" lines: databases that are copies or templates of it.
    std::string copies();
    std::string rows() const;  // of the table t
    // With the database, which it may own.
    void drop_role(const std::string& role);

    dbfixture::PosixFile alone = wait_for_others();
    dbfixture::PostgresClient server{"dbname=postgres"};
    std::string name;
    WorkFolder work;

  private:
    static dbfixture::PosixFile wait_for_others();
    std::string without_names(std::string text) const;
};

}  // namespace dbfixture_test
