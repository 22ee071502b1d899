// SPDX-License-Identifier: MIT
// Saved states on MariaDB through the program: every command that saves or restores, and kills. More of them with
// DBFIXTURE_ROUNDS.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>
#include <string>

#include "base/places_test.h"
#include "db/mariadb/test_server_test.h"
#include "program_test.h"

using namespace dbfixture_test;
using dbfixture::MariaDbClient;

namespace {

// A folder whose XDG_STATE_HOME is its own, and a database.
struct Place {
    explicit Place(const std::string& sql) : test(sql) {}

    // What a line prints, and its exit status behind it. $U is the database.
    std::string said_by(const std::string& line) const {
        const int status =
            shell("cd " + quoted(temp.path) + " && " + environment() + "export XDG_STATE_HOME=" + quoted(temp.path) +
                  " U='" + test.url() + "'; { " + line + "; } >" + quoted(temp.path / "said") + " 2>&1");
        return read_file(temp.path / "said") + "status " + std::to_string(status) + "\n";
    }
    // Rows by HEX, and counters.
    std::string contents() const {
        return test.run("SELECT CONCAT_WS(' ', id, HEX(v), LENGTH(v)) FROM a ORDER BY id") +
               test.run("SELECT CONCAT_WS(' ', id, a) FROM b ORDER BY id") +
               test.run(
                   "SELECT auto_increment FROM information_schema.tables WHERE table_schema = DATABASE() AND "
                   "table_name = 'a'");
    }
    // Databases of ours beside it.
    std::string siblings() const {
        return MariaDbClient("").run("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE '" +
                                     test.name() + "\\_\\_dbfixture\\_%'");
    }
    // Until the server has noticed that clients are gone.
    void wait_for_nobody() const {
        const std::string busy = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '" + test.name() + "'";
        for (int tried = 0; tried < 300 && MariaDbClient("").run(busy) != "0\n"; ++tried)
            ::usleep(50'000);
    }

    WorkFolder temp;
    dbfixture::MariaDbTestDatabase test;
};

const std::string kTables =
    "CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(30)); CREATE TABLE b (id INT PRIMARY KEY, a INT, "
    "FOREIGN "
    "KEY (a) REFERENCES a (id)); INSERT INTO a (v) SELECT CONCAT('v', seq) FROM seq_1_to_2000; INSERT INTO b SELECT "
    "seq, "
    "seq FROM seq_1_to_500";

bool skipped() {
    if (!dbfixture::mariadb_folder().empty()) return false;
    WARN("SKIPPED: MariaDB: no server is installed (Debian: mariadb-server)");
    return true;
}

}  // namespace

TEST_CASE("snapshots, layers and runs put a database of MariaDB back, and leave nothing behind", "[mariadb][state]") {
    if (skipped()) return;
    const Place p(kTables);
    const std::string before = p.contents();
    CHECK(p.said_by("dbfixture snapshot -q -d $U one && dbfixture snapshot -q -d $U --serialized two") == "status 0\n");
    CHECK(p.siblings() == "1\n");
    for (const std::string name : {"one", "two"}) {
        p.test.run(
            "DELETE FROM b WHERE id > 400; UPDATE a SET v = CONCAT(v, ' ') WHERE id % 100 = 0; INSERT INTO a (v) "
            "VALUES ('new')");
        CHECK(p.said_by("dbfixture snapshots verify -d $U " + name + " && dbfixture restore -q -d $U " + name) ==
              name + ": good\nstatus 0\n");
        CHECK(p.contents() == before);
    }
    const std::string sql =
        "mariadb --no-defaults -u root -S " + dbfixture::mariadb_folder() + "/socket " + p.test.name() + " -e ";
    CHECK(p.said_by("dbfixture push -q -d $U --owner $$ one && " + sql +
                    "'DELETE FROM b' && dbfixture reset -q -d $U && " + sql +
                    "'DELETE FROM b; DELETE FROM a' && dbfixture pop -q -d $U") == "status 0\n");
    CHECK(p.contents() == before);
    CHECK(p.said_by("dbfixture run -q -d $U -- " + sql + "'TRUNCATE b; DELETE FROM a'") == "status 0\n");
    CHECK(p.contents() == before);
    p.test.run("DELETE FROM b; INSERT INTO a (v) VALUES ('kept')");
    CHECK(p.said_by("dbfixture restore -q -d $U one --keep a") == "status 0\n");
    CHECK(p.test.run("SELECT v FROM a ORDER BY id DESC LIMIT 1; SELECT COUNT(*) FROM b") == "500\n");
    CHECK(p.test.run("SELECT v FROM a ORDER BY id DESC LIMIT 1") == "kept\n");
    CHECK(p.said_by("dbfixture snapshots delete -q -d $U one two") == "status 0\n");
    CHECK(p.siblings() == "0\n");
}

TEST_CASE(
    "a killed restore of MariaDB leaves all as before or as after, and a killed snapshot nothing that is not cleared",
    "[mariadb][state][slow]") {
    if (skipped()) return;
    const Place p(kTables);
    const char* const rounds = std::getenv("DBFIXTURE_ROUNDS");
    const unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto killed_after = [&](const std::string& command) {
        const std::string wait = std::to_string(random() % 120);
        p.said_by("dbfixture " + command + " & p=$!; sleep 0." + std::string(3 - wait.size(), '0') + wait +
                  "; kill -9 $p; wait $p");
        p.wait_for_nobody();
    };
    const std::string before = p.contents();
    CHECK(p.said_by("dbfixture snapshot -q -d $U one") == "status 0\n");
    for (int round = 0; round < (rounds == nullptr ? 12 : std::atoi(rounds)); ++round) {
        p.test.run("UPDATE a SET v = CONCAT(v, 'x') WHERE id % 3 = 0; DELETE FROM b WHERE id % 7 = 0");
        const std::string changed = p.contents();
        killed_after("restore -q -d $U one");
        const std::string found = p.contents();
        CHECK((found == before || found == changed));
        CHECK(p.said_by("dbfixture restore -q -d $U one") == "status 0\n");
        CHECK(p.contents() == before);
        killed_after("snapshot -q -d $U two --force");
        CHECK(p.contents() == before);
    }
    CHECK(p.said_by("dbfixture snapshot -q -d $U two --force").ends_with("status 0\n"));
    CHECK(p.siblings() == "2\n");
    CHECK(p.said_by("dbfixture snapshots verify -d $U one two") == "one: good\ntwo: good\nstatus 0\n");
}

TEST_CASE(
    "what a killed pop left on a MariaDB server is cleared and named by the next pop or reset, also without a layer",
    "[mariadb][state]") {
    if (skipped()) return;
    const Place p(kTables);
    for (const std::string command : {"pop", "reset"}) {
        CHECK(p.said_by("dbfixture push -q -d $U one && rm -r dbfixture/*.snapshots") == "status 0\n");
        const int left = std::stoi(p.siblings());
        CHECK(left > 0);
        const std::string said = p.said_by("dbfixture " + command + " -d $U");
        INFO(said);
        CHECK(said.find("no layer is open") != std::string::npos);
        CHECK(said.find("status 4\n") != std::string::npos);
        int named = 0;
        for (std::size_t at = 0; (at = said.find("emoved the database", at)) != std::string::npos; ++at)
            ++named;
        CHECK(named == left);
        CHECK(p.siblings() == "0\n");
        CHECK(p.said_by("dbfixture " + command + " -q -d $U").find("emoved") == std::string::npos);
    }
    CHECK(p.said_by("ls dbfixture") == "status 0\n");
}

TEST_CASE("a killed restore --rebuild of MariaDB is named by the next restore, and made to its end",
          "[mariadb][state][slow]") {
    if (skipped()) return;
    const Place p(kTables +
                  "; CREATE VIEW v AS SELECT a.v, b.id FROM a JOIN b ON b.a = a.id; CREATE TRIGGER t BEFORE INSERT ON "
                  "b FOR EACH ROW SET NEW.id = NEW.id + 1");
    const char* const rounds = std::getenv("DBFIXTURE_ROUNDS");
    const unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto all = [&] {
        return p.contents() + p.test.run("SHOW CREATE TABLE a") + p.test.run("SHOW CREATE TABLE b") +
               p.test.run("SHOW CREATE VIEW v") +
               p.test.run(
                   "SHOW FULL TABLES; SELECT trigger_name, action_statement FROM information_schema.triggers WHERE "
                   "trigger_schema = DATABASE()") +
               p.test.run("SHOW FULL TABLES");
    };
    const std::string before = all();
    CHECK(p.said_by("dbfixture snapshot -q -d $U one") == "status 0\n");
    int named = 0;
    for (int round = 0; round < (rounds == nullptr ? 10 : std::atoi(rounds)); ++round) {
        p.test.run(
            "ALTER TABLE a ADD x INT; DROP TABLE b; CREATE TABLE made (id INT); CREATE OR REPLACE VIEW v AS SELECT 1 "
            "AS one; UPDATE a SET v = 'changed'");
        const std::string wait = std::to_string(random() % 400);
        p.said_by("dbfixture restore -q -d $U one --rebuild & p=$!; sleep 0." + std::string(3 - wait.size(), '0') +
                  wait + "; kill -9 $p; wait $p");
        p.wait_for_nobody();
        const std::string said = p.said_by("dbfixture restore -q -d $U one");
        INFO(said);
        CHECK((said.ends_with("status 6\n") || (said == "status 0\n" && all() == before)));
        named += said.find("was being made anew, and that was not finished") != std::string::npos ? 1 : 0;
        CHECK(p.said_by("dbfixture restore -q -d $U one --rebuild") == "status 0\n");
        CHECK(all() == before);
    }
    WARN("half made " << named);
    CHECK(p.said_by("dbfixture snapshots verify -d $U one") == "one: good\nstatus 0\n");
    CHECK(p.said_by("dbfixture snapshot -q -d $U --force one").ends_with("status 0\n"));
    CHECK(p.siblings() == "1\n");
}
