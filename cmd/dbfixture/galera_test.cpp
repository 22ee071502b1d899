// SPDX-License-Identifier: MIT
// The program on one node of a Galera cluster of three: what it leaves is the same on all of them. More kills with
// DBFIXTURE_ROUNDS.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>
#include <string>

#include "base/cat.h"
#include "db/mariadb/galera_bench_test.h"
#include "program_test.h"

using namespace dbfixture_test;
using dbfixture::cat;
using dbfixture::galera_node;
using dbfixture::GaleraDatabase;
using dbfixture::MariaDbClient;
using dbfixture::no_galera;

namespace {

const std::string kTables =
    "CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(60) UNIQUE); CREATE TABLE b (id INT PRIMARY KEY, a "
    "INT, FOREIGN KEY (a) REFERENCES a (id) ON DELETE CASCADE); CREATE TABLE bag (x INT, w VARCHAR(9)); INSERT INTO a "
    "(id, v) SELECT seq, CONCAT('v', seq) FROM seq_1_to_300; INSERT INTO b SELECT seq, seq FROM seq_1_to_100; INSERT "
    "INTO bag SELECT seq % 7, 'w' FROM seq_1_to_30";

// A folder whose XDG_STATE_HOME is its own, and a database.
struct Place {
    explicit Place(const std::string& sql = kTables) : test(sql) {}

    // What a line prints, and its exit status behind it. $U is the database by the first node, $U2 by the second; "$SQL
    // STATEMENTS" is the client, by the first node, in the database.
    std::string said_by(const std::string& line) const {
        const int status = shell(
            cat("cd ", quoted(temp.path), " && ", environment(), "export XDG_STATE_HOME=", quoted(temp.path), " U='",
                test.url(1), "' U2='", test.url(2), "' SQL='timeout 60 mariadb --no-defaults -BN -u root -S ",
                galera_node(1), "/socket ", test.database.name(), " -e'; { ", line, "; } >said 2>&1"));
        return cat(read_file(temp.path / "said"), "status ", status, "\n");
    }
    std::string run(const std::string& sql, int node = 1) const { return test.run(node, sql); }
    std::string rows() const { return test.rows(); }
    // Databases of ours, on a node.
    std::string siblings(int node = 1) const {
        return test.run(node, cat("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE '%",
                                  test.database.name(), "\\_%'"));
    }
    void wait_for_nobody() const {
        const std::string busy =
            cat("SELECT COUNT(*) FROM information_schema.processlist WHERE db = '", test.database.name(), "'");
        for (int tried = 0; tried < 300 && MariaDbClient("", "root", galera_node(1)).run(busy) != "0\n"; ++tried)
            ::usleep(20'000);
    }

    WorkFolder temp;
    GaleraDatabase test;
};

bool has_no_client() {
    if (no_galera()) return true;
    if (shell("command -v mariadb >/dev/null 2>&1") == 0) return false;
    WARN("SKIPPED: MariaDB's client program is missing");
    return true;
}

}  // namespace

TEST_CASE("on a Galera cluster, what loads and flushes through one node leave is the same on all", "[galera]") {
    if (no_galera()) return;
    const Place p;
    const std::string before = p.rows();
    CHECK(p.said_by("dbfixture dumpdata -q -d $U -o all.json") == "status 0\n");
    write_file(p.temp.path / "more.json",
               R"([{"model": "a", "pk": 1, "fields": {"v": "v2"}}, {"model": "a", "pk": 2, "fields": {"v": "v1"}},
                   {"model": "a", "pk": 900, "fields": {"v": "new"}}, {"model": "b", "pk": 900, "fields": {"a": 900}}])");
    CHECK(p.said_by("dbfixture loaddata -q -d $U more.json") == "status 0\n");
    const std::string more = p.rows();
    CHECK(more != before);
    CHECK(p.run("SELECT id, v FROM a WHERE id IN (1, 2, 900) ORDER BY id", 3) == "1|v2\n2|v1\n900|new\n");
    CHECK(p.said_by("dbfixture loaddata -q -d $U --replace=all all.json") == "status 0\n");
    CHECK(p.rows() == before);
    p.run("CREATE TRIGGER t BEFORE INSERT ON b FOR EACH ROW SET NEW.id = NEW.id + 1");
    CHECK(p.said_by("dbfixture loaddata -q -d $U more.json").ends_with("status 3\n"));
    CHECK(p.said_by("dbfixture loaddata -q -d $U --drop-triggers more.json") == "status 0\n");
    CHECK(p.rows() == more);
    for (int node = 1; node <= dbfixture::kNodes; ++node)
        CHECK(p.run("SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = DATABASE()", node) ==
              "1\n");
    CHECK(p.said_by("dbfixture flush -q --no-input -d $U b") == "status 0\n");
    CHECK(p.run("SELECT COUNT(*) FROM b", 2) == "0\n");
    p.rows();
    CHECK(p.said_by("dbfixture flush -q --no-input -d $U") == "status 0\n");
    CHECK(p.rows() == "a\nb\nbag\n");
}

TEST_CASE("on a Galera cluster, next numbers that are put back are so on all nodes", "[galera]") {
    if (no_galera()) return;
    const Place p;
    CHECK(p.said_by("dbfixture resetsequences -q -d $U") == "status 0\n");
    CHECK(p.test.counters() == "a|301\n");
    CHECK(p.said_by("dbfixture snapshot -q -d $U") == "status 0\n");
    p.run("INSERT INTO a (v) VALUES ('one'), ('two')");
    p.run("INSERT INTO a (v) VALUES ('three')", 3);
    CHECK(p.test.counters() != "a|301\n");
    CHECK(p.said_by("dbfixture restore -q -d $U") == "status 0\n");
    CHECK(p.test.counters() == "a|301\n");
    CHECK(p.said_by("dbfixture flush -q --no-input -d $U a b") == "status 0\n");
    CHECK(p.test.counters() == "a|1\n");
}

TEST_CASE("on a Galera cluster, saved states put the rows of all nodes back, whichever wrote", "[galera][state]") {
    if (has_no_client()) return;
    const Place p;
    const std::string before = p.rows();
    CHECK(p.said_by("dbfixture snapshot -q -d $U one && dbfixture snapshot -q -d $U --serialized two") == "status 0\n");
    for (int node = 1; node <= dbfixture::kNodes; ++node)
        CHECK(p.siblings(node) == "1\n");
    for (const std::string name : {"one", "two"}) {
        for (int node = name == "one" ? 1 : dbfixture::kNodes; node <= dbfixture::kNodes; ++node) {
            p.run(
                "DELETE FROM b WHERE id > 40; UPDATE a SET v = CONCAT(v, ' ') WHERE id % 50 = 0; INSERT INTO a (v) "
                "VALUES ('new'); DELETE FROM bag WHERE x = 3; INSERT INTO bag VALUES (NULL, ''), (NULL, '')",
                node);
            CHECK(p.said_by(cat("dbfixture restore -q -d $U ", name)) == "status 0\n");
            CHECK(p.rows() == before);
        }
    }
    CHECK(
        p.said_by("dbfixture push -q -d $U --owner $$ one && $SQL 'DELETE FROM b' && dbfixture reset -q -d $U && $SQL "
                  "'DELETE FROM b; DELETE FROM a; DELETE FROM bag' && dbfixture pop -q -d $U") == "status 0\n");
    CHECK(p.rows() == before);
    CHECK(p.said_by("dbfixture run -q -d $U -- $SQL 'TRUNCATE b; DELETE FROM a; DELETE FROM bag LIMIT 9'") ==
          "status 0\n");
    CHECK(p.rows() == before);
    p.run("DELETE FROM b; INSERT INTO a (v) VALUES ('kept')", 2);
    CHECK(p.said_by("dbfixture restore -q -d $U one --keep a") == "status 0\n");
    CHECK(p.run("SELECT (SELECT COUNT(*) FROM b), v FROM a ORDER BY id DESC LIMIT 1", 3) == "100|kept\n");
    p.rows();
    CHECK(p.said_by("dbfixture snapshots delete -q -d $U one two") == "status 0\n");
    for (int node = 1; node <= dbfixture::kNodes; ++node)
        CHECK(p.siblings(node) == "0\n");
}

// A table without a key keeps the other nodes busy with what one has changed in a moment.
TEST_CASE("on a Galera cluster, a restore undoes what another node had committed before it, also what has not arrived",
          "[galera][state]") {
    if (no_galera()) return;
    const Place p(
        "CREATE TABLE bag (x INT, v VARCHAR(200)); INSERT INTO bag SELECT seq, REPEAT('v', 100) FROM "
        "seq_1_to_1500");
    const std::string before = p.rows();
    CHECK(p.said_by("dbfixture snapshot -q -d $U") == "status 0\n");
    p.run("UPDATE bag SET x = -x", 2);
    CHECK(p.said_by("dbfixture dumpdata -q -d $U -o dump.json") == "status 0\n");
    CHECK(read_file(p.temp.path / "dump.json").find("-1500") != std::string::npos);
    p.run("UPDATE bag SET x = -x - 1 WHERE x < 0", 2);
    CHECK(p.said_by("dbfixture restore -q -d $U") == "status 0\n");
    CHECK((p.rows() == before));
}

TEST_CASE("on a Galera cluster, a state that one node saved is restored through another", "[galera][state]") {
    if (no_galera()) return;
    const Place p;
    const std::string before = p.rows();
    CHECK(p.said_by("dbfixture snapshot -q -d $U --store store") == "status 0\n");
    p.run("DELETE FROM a WHERE id % 3 = 0; INSERT INTO bag VALUES (1, '')");
    CHECK(p.said_by("dbfixture restore -q -d $U2 --store store") == "status 0\n");
    CHECK(p.rows() == before);
}

TEST_CASE("on a Galera cluster, a run on a copy leaves nothing on any node", "[galera][state]") {
    if (has_no_client()) return;
    const Place p(kTables +
                  "; CREATE SEQUENCE s INCREMENT BY 0; CREATE VIEW v AS SELECT a.v, b.id FROM a JOIN b ON "
                  "b.a = a.id; CREATE TRIGGER t BEFORE INSERT ON bag FOR EACH ROW SET NEW.w = 'trigger'");
    const std::string before = p.rows();
    CHECK(
        p.said_by("dbfixture run -q -d $U --temp --env N=dbname -- sh -c '"
                  "M=\"mariadb --no-defaults -BN -u root -S " +
                  galera_node(3) +
                  "/socket $N -e\"; $M \"SET wsrep_sync_wait = 15; INSERT INTO bag VALUES (9, 9); SELECT COUNT(*) FROM "
                  "v; SELECT w FROM bag WHERE x = 9\"; dbfixture reset -q --drop-triggers; $M \"SET wsrep_sync_wait = "
                  "15; SELECT "
                  "COUNT(*) FROM bag WHERE x = 9\"'") == "100\ntrigger\n0\nstatus 0\n");
    for (int node = 1; node <= dbfixture::kNodes; ++node)
        CHECK(p.siblings(node) == "0\n");
    CHECK(p.rows() == before);
}

TEST_CASE("on a Galera cluster, tables that it does not replicate are refused by name, and nothing is done",
          "[galera]") {
    if (no_galera()) return;
    for (const std::string engine : {"MyISAM", "Aria", "MEMORY"}) {
        const Place p(cat("CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE m (id INT PRIMARY KEY) ENGINE = ", engine,
                          "; INSERT INTO a VALUES (1); INSERT INTO m VALUES (1)"));
        write_file(p.temp.path / "f.json",
                   R"([{"model": "a", "pk": 2, "fields": {}}, {"model": "m", "pk": 2, "fields": {}}])");
        const std::string detail = cat(" table \"m\"\n  detail: Its engine, ", engine,
                                       ", is not replicated: each node of this cluster has rows of its own.\n  hint: "
                                       "make it a table of InnoDB (ALTER TABLE ... ENGINE = InnoDB), or ");
        const auto refused = [&](const std::string& line, const std::string& doing, const std::string& instead) {
            INFO(line);
            CHECK(p.said_by(line) == cat("dbfixture: error: ", doing, detail, instead, "\nstatus 3\n"));
            CHECK(p.run("SELECT id FROM a; SELECT id FROM m") == "1\n");
            CHECK(p.siblings() == "0\n");
        };
        CHECK(p.said_by("dbfixture loaddata -q -d $U f.json").find(cat("cannot write to", detail)) !=
              std::string::npos);
        refused("dbfixture flush -q --no-input -d $U", "cannot write to", "leave it out");
        refused("dbfixture snapshot -q -d $U", "cannot save", "move it to another database");
        refused("dbfixture push -q -d $U one", "cannot save", "move it to another database");
        refused("dbfixture run -q -d $U -- true", "cannot save", "move it to another database");
        refused("dbfixture run -q -d $U --temp -- true", "cannot copy", "move it to another database");
        CHECK(p.said_by("dbfixture flush -q --no-input -d $U a") == "status 0\n");
        CHECK(p.run("SELECT COUNT(*) FROM a", 2) == "0\n");
    }
}

TEST_CASE("on a Galera cluster, a transaction that is too large is refused with what to do", "[galera]") {
    if (no_galera()) return;
    const Place p("CREATE TABLE a (id INT PRIMARY KEY, v LONGTEXT)");
    std::string records;
    for (int row = 0; row < 90; ++row)
        records += cat(R"({"model": "a", "pk": )", row, R"(, "fields": {"v": ")", std::string(100'000, 'x'), "\"}}\n");
    write_file(p.temp.path / "large.jsonl", records);
    const std::string said = p.said_by("dbfixture loaddata -q -d $U large.jsonl");
    INFO(said);
    CHECK(said.find("the transaction is larger than the cluster of \"") != std::string::npos);
    CHECK(said.find("hint: have it sent in parts (SET GLOBAL wsrep_trx_fragment_size = 1000000, which are bytes), or "
                    "raise wsrep_max_ws_size\nstatus 7\n") != std::string::npos);
    CHECK(p.rows() == "a\n");
}

TEST_CASE("on a Galera cluster, killed loads and restores leave all nodes as before or as after", "[galera][slow]") {
    if (no_galera()) return;
    const Place p;
    const char* const rounds = std::getenv("DBFIXTURE_ROUNDS");
    const unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    CHECK(p.said_by("dbfixture snapshot -q -d $U one && dbfixture dumpdata -q -d $U -o all.json") == "status 0\n");
    const std::string before = p.rows();
    for (int round = 0; round < (rounds == nullptr ? 10 : std::atoi(rounds)); ++round) {
        INFO("round " << round);
        p.run(
            "UPDATE a SET v = CONCAT(v, 'x') WHERE id % 3 = 0; DELETE FROM b WHERE id % 7 = 0; INSERT INTO a (v) "
            "VALUES "
            "(UUID()); INSERT INTO bag VALUES (1, '')",
            1 + round % dbfixture::kNodes);
        const std::string changed = p.rows();
        const std::string command =
            round % 2 == 0 ? "restore -q -d $U one" : "loaddata -q -d $U --replace=all all.json";
        const std::string wait = std::to_string(random() % 150);
        p.said_by(cat("dbfixture ", command, " & p=$!; sleep 0.", std::string(3 - wait.size(), '0'), wait,
                      "; kill -9 $p; wait $p"));
        p.wait_for_nobody();
        const std::string found = p.rows();
        CHECK((found == before || found == changed));
        CHECK(p.said_by("dbfixture restore -q -d $U one") == "status 0\n");
        CHECK(p.rows() == before);
        CHECK(p.test.counters().find("node") == std::string::npos);
    }
}
