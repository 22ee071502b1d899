// SPDX-License-Identifier: MIT
// Copies of MariaDB put back: traps that were met (each lost data in some obvious way), and random changes. More of
// them with DBFIXTURE_ROUNDS.
#include <cstdlib>
#include <random>

#include "base/cat.h"
#include "base/realdata_test.h"
#include "db/mariadb/saved_bench_test.h"

namespace dbfixture {
namespace {

const std::string kSchema =
    "CREATE TABLE parent (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20) COLLATE utf8mb4_general_ci UNIQUE, twice "
    "TEXT AS (CONCAT(v, v)) STORED); CREATE TABLE child (id INT PRIMARY KEY, parent INT, v DECIMAL(8, 3), FOREIGN KEY "
    "(parent) "
    "REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE); CREATE TABLE bag (v INT, w TEXT, KEY (v)); CREATE "
    "TABLE word (w VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, e ENUM('a', '', 'b'), f FLOAT, b VARBINARY(9)); "
    "INSERT INTO parent (v) SELECT CONCAT('p', seq) FROM seq_1_to_20; INSERT INTO child SELECT seq, 1 + seq % 20, seq "
    "FROM seq_1_to_300; INSERT INTO bag SELECT seq % 7, 'w' FROM seq_1_to_30; INSERT INTO word SELECT CONCAT('w', "
    "seq), "
    "1 + seq % 3, seq / 3, 'x' FROM seq_1_to_40";

class Changes {
  public:
    explicit Changes(unsigned seed) : random_(seed) {}
    int below(int most) { return std::uniform_int_distribution<int>(0, most - 1)(random_); }

    std::string next() {
        const int n = below(25);
        switch (below(14)) {
            case 0:
                return cat("UPDATE parent SET v = CONCAT(v, 'x') WHERE id % 7 = ", n % 7);
            case 1:
                return cat("DELETE FROM parent WHERE id = ", n);
            case 2:
                return cat("UPDATE parent SET id = id + 1000 WHERE id = ", n);
            case 3:
                return cat("INSERT INTO child SELECT COALESCE(MAX(id), 0) + 1, NULL, 1.50 FROM child");
            case 4:
                return cat("UPDATE child SET v = v + 0.001 WHERE id % 25 = ", n);
            case 5:
                return cat("DELETE FROM bag WHERE v = ", n % 7);
            case 6:
                return cat("INSERT INTO bag VALUES (", n, ", NULL), (", n, ", ' '), (", n, ", '')");
            case 7:
                return cat("UPDATE word SET w = UPPER(w) WHERE w LIKE 'w", n, "%'");
            case 8:
                return cat("UPDATE word SET b = CONCAT(b, ' '), e = '' WHERE w = 'w", n, "'");
            case 9:
                return n % 5 == 0 ? "TRUNCATE child" : "TRUNCATE bag";
            case 10:
                return "INSERT INTO parent (v) VALUES (UUID_SHORT() % 1000000)";
            case 11:
                return cat("SET sql_mode = ''; UPDATE word SET e = 'none of them' WHERE w = 'w", n, "'");
            case 12:
                return cat("UPDATE bag SET w = CONCAT(w, ' ') WHERE v = ", n % 7, " LIMIT 1");
            default:
                return "START TRANSACTION; DELETE FROM child; ROLLBACK";
        }
    }

  private:
    std::mt19937 random_;
};

}  // namespace

TEST_CASE("MariaDB restore: after random changes, all is as it was saved, and the next look finds it unchanged",
          "[mariadb]") {
    if (no_mariadb()) return;
    const char* const rounds = std::getenv("DBFIXTURE_ROUNDS");
    const unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    Changes changes(seed);
    MariaDbSavedBench b(kSchema);
    for (int round = 0; round < (rounds == nullptr ? 30 : std::atoi(rounds)); ++round) {
        std::string all;
        for (int count = changes.below(6); count > 0; --count) {
            const std::string sql = changes.next();
            append(all, cat(sql, "\n"));
            MariaDbClient(b.database.name()).attempt(sql);
        }
        INFO("round " << round << ":\n" << all);
        const bool differs = b.contents() != b.before;
        INFO(b.restore());
        REQUIRE((b.report.way == RestoreWay::kDifferent) == differs);
        REQUIRE(b.contents() == b.before);
        if (changes.below(4) == 0) CHECK(b.restore() == "unchanged");
    }
}

TEST_CASE("MariaDB restore: values that are hard to keep come back byte by byte", "[mariadb]") {
    const auto values = find_realdata("types-mariadb/values.sql");
    if (no_mariadb() || values.empty()) return;
    MariaDbSavedBench b(read_whole(values));
    b.run(
        "SET sql_mode = ''; UPDATE t SET e = 'a', dz = '2024-01-01' WHERE e + 0 = 0; UPDATE c SET g = NULL, l1 = "
        "CONCAT(l1, ' '); DELETE FROM n LIMIT 2");
    CHECK(b.contents() != b.before);
    CHECK(b.restore().starts_with("restored "));
    CHECK(b.contents() == b.before);
}

TEST_CASE("MariaDB restore: what a collation calls equal, and what CHECKSUM TABLE cannot tell, is put back",
          "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b(
        "CREATE TABLE k (id INT PRIMARY KEY, v VARCHAR(9) COLLATE utf8mb4_general_ci); INSERT INTO k VALUES (1, 'x'), "
        "(2, "
        "'é'); CREATE TABLE p (a VARCHAR(9) COLLATE utf8mb4_general_ci PRIMARY KEY); INSERT INTO p VALUES ('key'); "
        "CREATE "
        "TABLE bag (a VARCHAR(9), b VARCHAR(9)); INSERT INTO bag VALUES ('ab', 'c'), (NULL, '')");
    b.run("UPDATE k SET v = 'x ' WHERE id = 1; UPDATE k SET v = 'E' WHERE id = 2");
    CHECK(b.restore() == "restored 2");
    b.run("UPDATE p SET a = 'KEY'");
    CHECK(b.restore() == "restored 1");
    b.run("UPDATE bag SET a = 'a', b = 'bc' WHERE a = 'ab'");
    CHECK(b.restore() == "restored 2");
    b.run("UPDATE bag SET a = '', b = NULL WHERE a IS NULL");
    CHECK(b.restore() == "restored 2");
    CHECK(b.contents() == b.before);
}

TEST_CASE("MariaDB restore: the sign of a zero comes back", "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b(
        "CREATE TABLE few (id INT PRIMARY KEY, f FLOAT NOT NULL, g FLOAT(9,3)); INSERT INTO few VALUES (1, -1e-50, "
        "NULL), (2, 0, 0), (3, 1.5, 0.1); CREATE TABLE many (id INT PRIMARY KEY, f FLOAT); INSERT INTO many SELECT "
        "seq, "
        "IF(seq % 2, -1e-50, 0) FROM seq_1_to_1000; CREATE TABLE keyed (f FLOAT PRIMARY KEY); INSERT INTO keyed VALUES "
        "(-1e-50); CREATE TABLE bag (f FLOAT); INSERT INTO bag VALUES (-1e-50), (0)");
    const auto signs = [&] {
        std::string out;
        for (const std::string table : {"few", "many", "keyed", "bag"})
            append(out, b.run(cat("SELECT COUNT(*), SUM(ATAN2(f, -1) < 0), SUM(IF(ATAN2(f, -1) < 0, id_of, 0)) FROM "
                                  "(SELECT f, ",
                                  table == "keyed" || table == "bag" ? "1" : "id", " AS id_of FROM ", table, ") x")));
        return out;
    };
    const std::string was = signs();
    b.run(
        "UPDATE few SET f = 0 WHERE id = 1; UPDATE few SET f = -1e-50 WHERE id = 2; UPDATE many SET f = 0 WHERE id = "
        "501; UPDATE many SET f = -1e-50 WHERE id = 502; DELETE FROM keyed; INSERT INTO keyed VALUES (0); UPDATE bag "
        "SET f = 0");
    CHECK(signs() != was);
    CHECK(b.restore() == "restored 7");
    CHECK(signs() == was);
    CHECK(b.restore() == "unchanged");
}

TEST_CASE("MariaDB restore: a primary key that rows are not matched by is none", "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b(
        "CREATE TABLE e (k ENUM('x', 'y', 'z'), n INT, v INT, PRIMARY KEY (k, n)); INSERT INTO e VALUES ('x', 1, 1), "
        "('y', 1, 2), ('z', 1, 3)");
    b.run("UPDATE e SET v = 7 WHERE k = 'y'; DELETE FROM e WHERE k = 'z'");
    CHECK(b.restore() == "restored 3");
    CHECK(b.contents() == b.before);
    CHECK(b.restore() == "unchanged");
}

TEST_CASE("MariaDB restore: a zero date in a key, which the server calls NULL, is a key like any other", "[mariadb]") {
    if (no_mariadb()) return;
    const std::string fill =
        "SET sql_mode = ''; INSERT INTO z VALUES ('0000-00-00', 1, 1), ('0000-00-00', 2, 2), ('2020-01-01', 1, 3)";
    MariaDbSavedBench b(cat(
        "CREATE TABLE z (d DATE, n INT, v INT, PRIMARY KEY (d, n)); CREATE TABLE t (d DATETIME PRIMARY KEY, v INT); ",
        fill, "; INSERT INTO t VALUES ('0000-00-00 00:00:00', 1), ('2020-01-01 00:00:00', 2)"));
    b.run("UPDATE z SET v = 9 WHERE n = 2; UPDATE t SET v = 9");
    CHECK(b.restore() == "restored 3");
    CHECK(b.contents() == b.before);
    b.run("DELETE FROM z WHERE n = 1; DELETE FROM t WHERE v = 2");
    CHECK(b.restore() == "restored 3");
    CHECK(b.contents() == b.before);
    CHECK(b.restore() == "unchanged");
}

TEST_CASE("MariaDB restore: tables of many blocks come back whatever their keys are", "[mariadb]") {
    if (no_mariadb()) return;
    const unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    Changes changes(seed);
    const std::vector<std::pair<std::string, std::string>> keys = {
        {"INT", "CAST(seq AS SIGNED) * 3 - 4500"},
        {"BIGINT UNSIGNED", "18446744073709551615 - seq * 2"},
        {"DECIMAL(30, 10)", "CONCAT(CAST(seq AS SIGNED) - 1500, '.', 1000000000 + seq)"},
        {"VARCHAR(40) COLLATE utf8mb4_general_ci", "CONCAT(IF(seq % 2, 'key ', 'KEY'), seq, 'é')"},
        {"CHAR(9) CHARACTER SET latin1", "CONCAT('ä', seq)"},
        {"VARBINARY(40)", "UNHEX(LEFT(SHA1(seq), 10))"},
        {"UUID", "UUID()"},
        {"DATETIME(6)", "'2000-01-01' + INTERVAL seq MINUTE"},
        {"DOUBLE", "CAST(seq AS SIGNED) / 7e0 - 200"}};
    std::string sql;
    for (std::size_t table = 0; table < keys.size(); ++table) {
        append(sql, cat("CREATE TABLE t", table, " (k ", keys[table].first, " PRIMARY KEY, n INT, v TEXT, d DOUBLE);",
                        "INSERT INTO t", table, " SELECT ", keys[table].second,
                        ", seq, CONCAT('v', seq), seq / 3 FROM seq_1_to_3000;"));
    }
    append(sql,
           "CREATE TABLE two (a VARCHAR(9) COLLATE utf8mb4_general_ci, n INT, v TEXT, d DOUBLE, PRIMARY KEY (a, n)); "
           "INSERT INTO two SELECT CONCAT('a', seq % 3), seq, 'v', -0e0 FROM seq_1_to_3000; CREATE TABLE bag (n "
           "INT, v TEXT, d DOUBLE); INSERT INTO bag SELECT seq, 'v', 1 FROM seq_1_to_3000");
    MariaDbSavedBench b(sql);
    CHECK(b.restore() == "unchanged");
    for (int round = 0; round < 6; ++round) {
        std::string all;
        for (std::size_t table = 0; table < keys.size() + 2; ++table) {
            const std::string name = table < keys.size() ? cat("t", table) : table == keys.size() ? "two" : "bag";
            const int from = 1 + changes.below(3000), kind = changes.below(6);
            append(all, kind == 0   ? cat("DELETE FROM ", name, " WHERE n BETWEEN ", from, " AND ",
                                          from + changes.below(800), ";")
                        : kind == 1 ? cat("UPDATE ", name, " SET v = CONCAT(v, ' ') WHERE n % 500 = ", from % 500, ";")
                        : kind == 2 ? cat("UPDATE ", name, " SET d = -d WHERE n = ", from, ";")
                        : kind == 3 && table < 2 ? cat("INSERT INTO ", name, " SELECT k + 1, n, v, d FROM ", name,
                                                       " WHERE n % 10 = ", from % 10, ";")
                        : kind == 4              ? cat("DELETE FROM ", name, " WHERE n > ", from, ";")
                                                 : "");
        }
        INFO(all);
        if (!all.empty()) b.run(all);
        const bool differs = b.contents() != b.before;
        INFO(b.restore());
        REQUIRE((b.report.way == RestoreWay::kDifferent) == differs);
        REQUIRE(b.contents() == b.before);
        CHECK(b.restore() == "unchanged");
    }
}

TEST_CASE(
    "MariaDB restore: what the text of a real does not show, and rows too long for one text of the server, are put "
    "back",
    "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b(
        "CREATE TABLE z (id INT PRIMARY KEY, d DOUBLE, f FLOAT); INSERT INTO z VALUES (1, 1e0 / 3, 16777216); "
        "CREATE TABLE large (id INT PRIMARY KEY, a LONGTEXT, b LONGTEXT); INSERT INTO large VALUES (1, REPEAT('a', "
        "9000000), REPEAT('b', 9000000)), (2, 'a', 'b')");
    CHECK(b.restore() == "unchanged");
    b.run("UPDATE z SET f = 16777218");
    CHECK(b.restore() == "restored 1");
    b.run("UPDATE z SET d = d + 1e-16");
    CHECK(b.restore() == "restored 1");
    CHECK(b.run("SELECT d = 1e0 / 3, f * 1e0 FROM z") == "1|16777216\n");
    b.run("UPDATE large SET b = CONCAT(REPEAT('b', 8999999), 'c') WHERE id = 1");
    CHECK(b.restore() == "restored 1");
    CHECK(b.restore() == "unchanged");
    CHECK(b.run("SELECT a = REPEAT('a', 9000000), b = REPEAT('b', 9000000) FROM large WHERE id = 1") == "1|1\n");
}

TEST_CASE("MariaDB restore: unique values that moved between rows, and rows that cascades took, are put back",
          "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b(
        "CREATE TABLE u (id INT PRIMARY KEY, v INT UNIQUE); INSERT INTO u VALUES (1, 10), (2, 20), (3, 30); CREATE "
        "TABLE c "
        "(id INT PRIMARY KEY, u INT, FOREIGN KEY (u) REFERENCES u (id) ON DELETE CASCADE); INSERT INTO c VALUES (1, "
        "3)");
    b.run(
        "UPDATE u SET v = 99 WHERE id = 1; UPDATE u SET v = 10 WHERE id = 2; UPDATE u SET v = 20 WHERE id = 1; DELETE "
        "FROM u WHERE id = 3");
    CHECK(b.restore() == "restored 4");
    CHECK(b.contents() == b.before);
}

TEST_CASE("MariaDB restore: whoever writes stops it, also to a table that is as it was; who reads does not",
          "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b(
        "CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY); CREATE TABLE c (id INT PRIMARY KEY, p INT REFERENCES p "
        "(id)); INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1)");
    MariaDbClient writer(b.database.name()), reader(b.database.name());
    b.run("DELETE FROM p WHERE id = 2; INSERT INTO p VALUES (7)");
    const std::string changed = b.contents();
    writer.run("BEGIN; INSERT INTO c VALUES (2, 7)");
    const std::string said = failure_of([&] { b.states->restore(b.saved.state, ""); });
    INFO(said);
    CHECK(said.starts_with("5 "));
    CHECK(said.find("Open transactions: connection ") != std::string::npos);
    CHECK(b.contents() == changed);
    writer.run("ROLLBACK");
    reader.run("BEGIN; SELECT * FROM c");
    CHECK(b.restore() == "restored 1");
    CHECK(b.report.warnings.empty());
    CHECK(reader.run("SELECT * FROM c") == "1|1\n");
    CHECK(b.contents() == b.before);
}

TEST_CASE("MariaDB restore: counters that a reader holds up are left with a warning, and put back by the next one",
          "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b(
        "CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY); INSERT INTO p VALUES (1), (2); CREATE TABLE q "
        "(id INT AUTO_INCREMENT PRIMARY KEY); CREATE TABLE r (id INT AUTO_INCREMENT PRIMARY KEY)");
    b.run("INSERT INTO p VALUES (50); INSERT INTO q VALUES (50); INSERT INTO r VALUES (50)");
    MariaDbClient reader(b.database.name());
    reader.run("BEGIN; SELECT * FROM p; SELECT * FROM q");
    CHECK(b.restore() == "restored 3");
    REQUIRE(b.report.warnings.size() == 1);
    CHECK(b.report.warnings[0].find("others have \"p\" and \"q\" open") != std::string::npos);
    CHECK(b.run("SELECT * FROM p") == "1\n2\n");
    CHECK(b.run("SELECT auto_increment FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = "
                "'r'") == "1\n");
    reader.run("COMMIT");
    CHECK(b.restore() == "restored 0");
    CHECK(b.contents() == b.before);
    CHECK(b.restore() == "unchanged");
}

TEST_CASE("MariaDB restore: the counters of many tables are put back at once", "[mariadb]") {
    if (no_mariadb()) return;
    constexpr int kTables = 40;
    std::string make, change;
    for (int number = 0; number < kTables; ++number) {
        append(make, cat("CREATE TABLE t", number, " (id INT AUTO_INCREMENT PRIMARY KEY, v INT) AUTO_INCREMENT = ",
                         100 + number, "; INSERT INTO t", number, " VALUES (1, 1), (2, 2); "));
        append(change, cat("INSERT INTO t", number, " (v) VALUES (7); "));
    }
    MariaDbSavedBench b(make);
    b.run(change);
    CHECK(b.restore() == cat("restored ", kTables));
    CHECK(b.report.warnings.empty());
    CHECK(b.contents() == b.before);
    b.run(change);
    MariaDbClient reader(b.database.name());
    reader.run("BEGIN; SELECT * FROM t5; SELECT * FROM t31");
    CHECK(b.restore() == cat("restored ", kTables));
    REQUIRE(b.report.warnings.size() == 1);
    CHECK(b.report.warnings[0].find("others have \"t31\" and \"t5\" open") != std::string::npos);
    reader.run("COMMIT");
    CHECK(b.restore() == "restored 0");
    CHECK(b.contents() == b.before);
}

TEST_CASE(
    "MariaDB restore: counters that were left are put back by the next command that changes states, unless another "
    "state is wanted by then",
    "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b("CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY); INSERT INTO p VALUES (1), (2)");
    const auto counter = [&] {
        return b.run(
            "SELECT auto_increment FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name "
            "= 'p'");
    };
    const std::string store = b.folder.path();
    CHECK(b.states->sweep(store).empty());
    b.run("INSERT INTO p VALUES (50)");
    const StateSaveReport other = b.states->save(StateKind::kCopy, b.folder / "other.copy");
    MariaDbClient reader(b.database.name());
    const auto leave = [&] {
        reader.run("BEGIN; SELECT * FROM p");
        CHECK(b.restore() == "restored 1");
        CHECK(b.report.warnings.size() == 1);
        CHECK(counter() == "51\n");
    };
    leave();
    CHECK(b.states->sweep(store).empty());
    reader.run("COMMIT");
    CHECK(b.states->sweep(store) ==
          std::vector<std::string>{"put back the next number of 1 table, which an earlier restore had left"});
    CHECK(counter() == "3\n");
    CHECK(b.states->sweep(store).empty());
    CHECK(b.contents() == b.before);
    b.run("INSERT INTO p VALUES (50)");
    leave();
    b.states->restore(other.state, "");
    reader.run("COMMIT");
    CHECK(b.states->sweep(store).empty());
    CHECK(counter() == "51\n");
    b.states->discard(other.state.place);
}

TEST_CASE("MariaDB restore: tables that must not be written are refused where they differ, with nothing changed",
          "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b(
        "CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE log (n INT); CREATE TRIGGER t AFTER DELETE ON a FOR EACH "
        "ROW "
        "INSERT INTO log VALUES (OLD.id); CREATE TABLE m (id INT PRIMARY KEY) ENGINE = MyISAM; CREATE TABLE h (id INT "
        "PRIMARY KEY) WITH SYSTEM VERSIONING; CREATE TABLE v (id INT PRIMARY KEY); INSERT INTO a VALUES (1)");
    CHECK(b.saved.warnings.size() == 2);
    for (const auto& [table, why] : {std::pair("a", "Its triggers would fire"), std::pair("m", "has no transactions"),
                                     std::pair("h", "history")}) {
        b.run("INSERT INTO v VALUES (5)");
        CHECK(b.restore() == "restored 1");
        b.run(cat("INSERT INTO v VALUES (5); INSERT INTO ", table, " VALUES (9)"));
        const std::string changed = b.contents(), said = failure_of([&] { b.states->restore(b.saved.state, ""); });
        INFO(said);
        CHECK(said.starts_with("3 cannot put back the rows of table"));
        CHECK(said.find(why) != std::string::npos);
        CHECK(b.contents() == changed);
        b.run(cat("DELETE FROM ", table, " WHERE id = 9; DELETE FROM log"));
        CHECK(b.restore() == "restored 1");
    }
}

TEST_CASE("MariaDB states: another schema is refused with the difference", "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b("CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO a VALUES (1)");
    b.run("ALTER TABLE a ADD x INT; CREATE TABLE more (id INT)");
    CHECK(
        failure_of([&] { b.states->restore(b.saved.state, ""); }) ==
        "6 the database's schema is not that of the state; In the database, table \"a\" has changed, table \"more\" is "
        "new.; a restore brings rows back: bring the schema back first (a snapshot's by restore --rebuild), or make "
        "a new snapshot");
    b.run("DROP TABLE more; ALTER TABLE a DROP x; DELETE FROM a");
    CHECK(b.restore() == "restored 1");
}

TEST_CASE("MariaDB states: copies that somebody changed are no state, and nothing without our mark is dropped",
          "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b("CREATE TABLE a (id INT PRIMARY KEY, v INT); INSERT INTO a VALUES (1, 1), (2, 2)");
    const std::string kept = MariaDbClient("").run(cat(
        "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '", b.database.name(), "\\_\\_%'"));
    const std::string name = kept.substr(0, kept.find('\n'));
    MariaDbClient(name).run("UPDATE t1 SET v = 7 WHERE id = 2");
    CHECK(failure_of([&] { b.states->verify(b.saved.state); }).starts_with("6 "));
    b.run("UPDATE a SET v = 5 WHERE id = 2");
    CHECK(failure_of([&] { b.states->restore(b.saved.state, ""); }).starts_with("6 "));
    MariaDbClient(name).run("DELETE FROM t1 WHERE id = 2");
    const std::string changed = b.contents();
    const std::string said = failure_of([&] { b.states->restore(b.saved.state, ""); });
    INFO(said);
    CHECK(said.starts_with("6 "));
    CHECK(b.contents() == changed);
    MariaDbClient("").run(cat("ALTER DATABASE `", name, "` COMMENT ''"));
    b.states->discard(b.saved.state.place);
    CHECK(MariaDbClient("").run(
              cat("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '", name, "'")) == "1\n");
    MariaDbClient("").run(cat("DROP DATABASE `", name, "`"));
}

}  // namespace dbfixture
