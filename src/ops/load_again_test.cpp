// SPDX-License-Identifier: MIT
// What passes by itself is tried again: on servers, with sessions that really are in the way.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/cat.h"
#include "base/error.h"
#include "db/mariadb/galera_bench_test.h"
#include "db/mariadb/test_server_test.h"
#include "db/postgres/test_server_test.h"
#include "ops/flush.h"
#include "ops/loading_test.h"
#include "ops/sequences.h"
#include "ops/tries.h"

namespace dbfixture {
namespace {

using Run = std::function<std::string(const std::string&)>;

// A database on one server, and sessions of others.
struct Server {
    std::string name;
    std::function<std::string()> url;
    Run run;                       // a session for each call
    std::function<Run()> session;  // one that stays as long as what is given back
    std::string waits;             // SQL: how many statements wait for others
    std::string heavy;             // SQL that makes a transaction the last to be given up
    std::string refuse, refusals;  // SQL that makes each row of `parent` meet another transaction, so to say; and
    std::string once;              // that counts how often; and that lets the third one pass
    std::shared_ptr<void> holder;
};

std::optional<Server> mariadb(const std::string& sql) {
    if (mariadb_folder().empty()) return std::nullopt;
    const auto database = std::make_shared<MariaDbTestDatabase>(sql);
    const std::string refuse =
        "CREATE SEQUENCE tries NOCACHE; CREATE TRIGGER refuse BEFORE UPDATE ON parent FOR EACH ROW IF NEXTVAL(tries) "
        "<= "
        "@most THEN SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'met another one'; END IF";
    const auto with = [&](const std::string& most) {
        std::string out = refuse;
        return out.replace(out.find("@most"), 5, most);
    };
    return Server{"MariaDB",
                  [database] { return database->url(); },
                  [database](const std::string& one) { return database->run(one); },
                  [database]() -> Run {
                      const auto client = std::make_shared<MariaDbClient>(database->name());
                      return [client](const std::string& one) { return client->run(one); };
                  },
                  "SELECT COUNT(*) FROM information_schema.processlist p LEFT JOIN information_schema.innodb_trx t ON "
                  "t.trx_mysql_thread_id = p.id WHERE p.db = DATABASE() AND (t.trx_state = 'LOCK WAIT' OR p.state LIKE "
                  "'Waiting for table metadata lock')",
                  "INSERT INTO heavy SELECT seq FROM seq_1_to_2000",
                  with("99"),
                  "SELECT next_not_cached_value - 1 FROM tries",
                  with("2"),
                  database};
}

std::optional<Server> postgres(const std::string& sql) {
    if (postgres_folder().empty()) return std::nullopt;
    const auto database = std::make_shared<PostgresTestDatabase>(sql);
    const auto with = [](std::string_view most) {
        return cat(
            "CREATE SEQUENCE tries; CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
            "nextval('tries') <= ",
            most,
            " THEN RAISE 'met another one' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$; CREATE TRIGGER refuse "
            "BEFORE UPDATE ON parent FOR EACH ROW EXECUTE FUNCTION refuse()");
    };
    return Server{"PostgreSQL",
                  [database] { return database->url(); },
                  [database](const std::string& one) { return database->run(one); },
                  [database]() -> Run {
                      const auto client = std::make_shared<PostgresClient>(database->parameters());
                      client->run("SET deadlock_timeout = '60s'");  // the other one is given up
                      return [client](const std::string& one) { return client->run(one); };
                  },
                  "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = "
                  "'Lock'",
                  "INSERT INTO heavy SELECT generate_series(1, 2000)",
                  with("99"),
                  "SELECT last_value FROM tries",
                  with("2"),
                  database};
}

// `parent` comes before `child` in a load, and after it in a flush.
std::vector<Server> servers() {
    const std::string sql =
        "CREATE TABLE parent (id INT PRIMARY KEY, v INT); CREATE TABLE child (id INT PRIMARY KEY, v INT, parent INT "
        "REFERENCES parent (id)); CREATE TABLE heavy (x INT); INSERT INTO parent VALUES (1, 0); INSERT INTO child "
        "VALUES "
        "(1, 0, 1)";
    std::vector<Server> out;
    for (auto& server : {mariadb(sql), postgres(sql)}) {
        if (server) out.push_back(*server);
    }
    if (out.size() < 2) WARN("SKIPPED: not all servers are installed (Debian: mariadb-server, postgresql)");
    return out;
}

LoadRequest both_rows() {
    return request_for({R"([{"model": "parent", "pk": 1, "fields": {"v": 7}},)"
                        R"({"model": "child", "pk": 1, "fields": {"v": 7, "parent": 1}}])"});
}

std::unique_ptr<Connection> open(const Server& server, int busy_timeout_ms) {
    return open_database(DatabaseUrl(server.url()), {OpenMode::kReadWrite, busy_timeout_ms});
}

// Does `work` while another session locks `first`, and, once the work waits for that, wants `second`, which the work
// has: one of both must be given up. Says what came of the work.
std::string crosswise(const Server& server, const std::string& first, const std::string& second,
                      const std::function<std::string()>& work) {
    const Run other = server.session();
    other("BEGIN; " + server.heavy + "; UPDATE " + first + " SET v = v + 100");
    std::string said;
    std::atomic<bool> done = false;
    std::thread worker([&] {
        try {
            said = work();
        } catch (const Error& error) {
            said = format_error(error);
        }
        done = true;
    });
    while (!done && server.run(server.waits) == "0\n")
        std::this_thread::sleep_for(std::chrono::milliseconds(250));  // asked more often, InnoDB says the same
    other("UPDATE " + second + " SET v = v + 100; COMMIT");
    worker.join();
    return said;
}

std::string counts(const LoadSummary& summary) {
    std::string out;
    for (const TableCounts& table : summary.report.tables)
        append(out, cat(table.inserted, "/", table.updated, "/", table.unchanged, " "));
    return out;
}

}  // namespace

TEST_CASE("an error says how often it is worth a try, and what was tried so often says so", "[ops]") {
    int calls = 0;
    const auto fail = [&](int tries) {
        calls = 0;
        return [&calls, tries]() -> int {
            ++calls;
            Error error(ErrorKind::kBusy, "in use");
            error.detail = "met";
            error.tries = tries;
            throw error;
        };
    };
    const auto said = [](bool again, const std::function<int()>& work) -> std::string {
        try {
            try_often(again, work);
            return "done";
        } catch (const Error& error) {
            return error.detail;
        }
    };
    CHECK(said(true, fail(3)) == "met; tried 3 times");
    CHECK(calls == 3);
    CHECK(said(true, fail(1)) == "met");
    CHECK(calls == 1);
    CHECK(said(false, fail(3)) == "met");
    CHECK(calls == 1);
}

TEST_CASE("a load that meets another transaction crosswise is begun again, from the fixtures", "[ops][contract]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        int again = 0;
        LoadRequest request = both_rows();
        request.before_again = [&again] { ++again; };
        const std::string said =
            crosswise(server, "child", "parent", [&] { return counts(load(*open(server, 20000), request)); });
        CHECK(said == "0/1/0 0/0/0 0/1/0 ");
        CHECK(again == 1);
        CHECK(server.run("SELECT v FROM parent UNION ALL SELECT v FROM child") == "7\n7\n");
    }
}

TEST_CASE("a flush that meets another transaction crosswise is begun again", "[ops][contract]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        const std::string said = crosswise(server, "parent", "child", [&] {
            const auto connection = open(server, 20000);
            const Schema& schema = connection->schema();
            FlushRequest request;
            request.tables = {*schema.find("child"), *schema.find("parent")};
            std::string out;
            for (const std::uint64_t rows : flush(*connection, request))
                append(out, cat(rows, " "));
            return out;
        });
        CHECK(said == "1 1 ");
        CHECK(server.run("SELECT COUNT(*) FROM parent") == "0\n");
    }
}

TEST_CASE("tries are bounded, and what was met is told", "[ops][contract]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        server.run(server.refuse);
        const auto said = [&](bool reopens) -> std::string {
            LoadRequest request = both_rows();
            request.fire_triggers = true;
            request.fixtures[0].reopens = reopens;
            try {
                return counts(load(*open(server, 2000), request));
            } catch (const Error& error) {
                return cat(static_cast<int>(error.kind), " ", error.detail);
            }
        };
        CHECK(said(false) == "5 met another one");  // standard input is read once
        CHECK(server.run(server.refusals) == "1\n");
        CHECK(said(true) == "5 met another one; tried 5 times");
        CHECK(server.run(server.refusals) == "6\n");
        CHECK(server.run("SELECT v FROM parent UNION ALL SELECT v FROM child") == "0\n0\n");
    }
}

TEST_CASE("after what passed nothing counts twice", "[ops][contract]") {
    for (const Server& server : servers()) {
        INFO(server.name);
        server.run(server.once);
        LoadRequest request = both_rows();
        request.fire_triggers = true;
        const LoadSummary summary = load(*open(server, 2000), request);
        CHECK(summary.records == 2);
        CHECK(summary.report.warnings.empty());
        CHECK(server.run(server.refusals) == "3\n");
        CHECK(server.run("SELECT v FROM parent UNION ALL SELECT v FROM child") == "7\n7\n");
    }
}

TEST_CASE("Galera: a load that another node is in the way of is begun again", "[ops][galera]") {
    if (no_galera()) return;
    const GaleraDatabase database(
        "CREATE TABLE parent (id INT PRIMARY KEY, v INT); INSERT INTO parent SELECT seq, 0 FROM seq_1_to_500");
    std::string records;
    for (int id = 1; id <= 500; ++id)
        append(records, cat(id == 1 ? "[" : ",", R"({"model": "parent", "pk": )", id, R"(, "fields": {"v": 7}})"));
    std::atomic<bool> done = false;
    std::thread writer([&] {
        MariaDbClient client = database.client(2);
        while (!done)
            client.attempt("UPDATE parent SET v = v + 1 WHERE id = 500");
    });
    LoadRequest request = request_for({records + "]"});
    request.before_again = [&] {
        done = true;
        if (writer.joinable()) writer.join();
    };
    std::string said;
    try {
        for (int tries = 0; tries < 50 && !done; ++tries)
            load(*open_database(DatabaseUrl(database.url(1)), {OpenMode::kReadWrite, 2000}), request);
    } catch (const Error& error) {
        said = format_error(error);
    }
    CHECK(said == "");
    CHECK(done);
    request.before_again();
    CHECK(database.run(3, "SELECT COUNT(*) FROM parent WHERE v = 7") == "500\n");
    database.rows();
}

TEST_CASE("MariaDB: what waited for a lock as long as it may is tried once more", "[ops][mariadb]") {
    const auto made = mariadb(
        "CREATE TABLE parent (id INT AUTO_INCREMENT PRIMARY KEY, v INT); INSERT INTO parent VALUES (1, 0); ALTER TABLE "
        "parent AUTO_INCREMENT = 50");
    if (!made) return;
    const Server& server = *made;
    const LoadRequest request = request_for({R"([{"model": "parent", "pk": 1, "fields": {"v": 7}}])"});
    const Run other = server.session();
    other("BEGIN; UPDATE parent SET v = 1");
    try {
        load(*open(server, 1000), request);
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::kBusy);
        CHECK(error.message.ends_with("is locked by another connection"));
        CHECK(error.detail == "Lock wait timeout exceeded; try restarting transaction; tried 2 times");
    }
    // Who lets it go while it waits for the second time.
    const auto let_go = [&other](const std::string& sql) {
        return std::thread([&other, sql] {
            std::this_thread::sleep_for(std::chrono::milliseconds(1700));
            other(sql);
        });
    };
    std::thread one = let_go("ROLLBACK");
    CHECK(counts(load(*open(server, 1000), request)) == "0/1/0 ");
    one.join();
    other("BEGIN; SELECT * FROM parent");
    std::thread two = let_go("COMMIT");
    const auto connection = open(server, 1000);
    reset_sequences(*connection, {*connection->schema().find("parent")});
    two.join();
    CHECK(server.run("SELECT auto_increment FROM information_schema.tables WHERE table_schema = DATABASE()") == "2\n");
}

}  // namespace dbfixture
