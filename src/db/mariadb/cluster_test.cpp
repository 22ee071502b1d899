// SPDX-License-Identifier: MIT
// What only happens on a Galera cluster: others write through another node, whatever this one has locked.
#include "db/mariadb/cluster.h"

#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "base/cat.h"
#include "db/connection.h"
#include "db/mariadb/galera_bench_test.h"

namespace dbfixture {
namespace {

const std::string kTable = "CREATE TABLE a (id INT PRIMARY KEY, v INT); INSERT INTO a VALUES (1, 0), (2, 0)";

// A load of one row that has been written, and waits.
struct OpenLoad {
    explicit OpenLoad(const GaleraDatabase& database)
        : connection(open_database(DatabaseUrl(database.url(1)), {OpenMode::kReadWrite, 2000})),
          session(connection->begin_load({})) {
        write(1);
        session->finish();
    }
    void write(std::int64_t id) const {
        const std::vector<std::uint16_t> columns = {0, 1};
        const std::vector<Value> values = {Value::integer(id), Value::integer(7)};
        BoundRow row;
        row.columns = columns;
        row.values = values;
        session->write({&row, 1});
    }
    std::unique_ptr<Connection> connection;
    std::unique_ptr<LoadSession> session;
};

constexpr std::string_view kAgain =
    "; run the command again, and let nobody write through another node of the cluster meanwhile";

}  // namespace

TEST_CASE("Galera: who wrote the same row through another node first ends a load, at its COMMIT or before",
          "[galera]") {
    if (no_galera()) return;
    const GaleraDatabase database(kTable);
    for (const bool at_commit : {true, false}) {
        const OpenLoad load(database);
        database.run(2, "UPDATE a SET v = v + 1 WHERE id = 1");
        database.run(1, "SELECT 1");
        const std::string said = failure_of([&] {
            if (!at_commit) {
                load.write(2);
                load.session->finish();
            }
            load.session->commit();
        });
        INFO(said);
        CHECK(said.starts_with("5 database \""));
        CHECK(said.find("\" is in use by another connection; Deadlock found") != std::string::npos);
        CHECK(said.ends_with(kAgain));
    }
    CHECK(database.run(3, "SELECT * FROM a") == "1|2\n2|0\n");
    database.rows();
}

TEST_CASE("Galera: a node that is cut off is busy, with the way out", "[galera]") {
    const auto described = [](unsigned number, const std::string& words) {
        mariadb::ServerError error(number, "08S01", words, "could not run a statement");
        return mariadb::describe_cluster_error(error, "mysql://h/d") ? failure_of([&] { throw error; }) : "none";
    };
    CHECK(described(1047, "WSREP has not yet prepared node for application use") ==
          "5 the server of \"mysql://h/d\" is cut off from its cluster, or is joining it; WSREP has not yet prepared "
          "node for application use; run the command again when it is ready, or name another node of the cluster");
    CHECK(described(1047, "Unknown command") == "none");
    CHECK(described(1105, "Unknown error") == "none");
}

TEST_CASE("Galera: a restore says who is in its way through another node, and is right when nobody is",
          "[galera][state]") {
    if (no_galera()) return;
    const GaleraDatabase database(
        "CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, v INT); INSERT INTO a (id) SELECT seq FROM seq_1_to_500");
    const TestFolder folder;
    const auto states = open_states(locate(DatabaseUrl(database.url(1))), 2000);
    const StateSaveReport saved = states->save(StateKind::kCopy, folder / "state.copy");
    const std::string before = database.rows();
    // Now and then it comes neither before nor within the transaction of a restore, but just behind it.
    std::atomic<bool> done = false;
    std::atomic<int> restoring_us = 10'000;
    std::thread writer([&] {
        MariaDbClient client = database.client(2);
        std::minstd_rand random;
        while (!done) {
            client.attempt("INSERT INTO a (v) VALUES (1)");
            std::this_thread::sleep_for(std::chrono::microseconds(random() % (2U * restoring_us)));
        }
    });
    std::string said;
    for (int tried = 0; tried < 200 && said.find("through another node of the cluster while") == std::string::npos;
         ++tried) {
        const auto begun = std::chrono::steady_clock::now();
        said = failure_of([&] { states->restore(saved.state, ""); });
        const auto took = std::chrono::steady_clock::now() - begun;
        restoring_us = static_cast<int>(took / std::chrono::microseconds(1)) + 1;
    }
    done = true;
    writer.join();
    CHECK(said ==
          "5 somebody wrote to \"a\" through another node of the cluster while rows were put back; ; let nobody write "
          "through another node meanwhile, and run the command again");
    CHECK(failure_of([&] { states->restore(saved.state, ""); }) == "nothing was thrown");
    CHECK((database.rows() == before));
    states->discard(saved.state.place);
}

}  // namespace dbfixture
