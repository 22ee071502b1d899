// SPDX-License-Identifier: MIT
// What MariaDB would do to rows, or let others do, if one rule of the code were not there; what load_test.cpp,
// read_test.cpp and restore_test.cpp do not fall into already. testdata/mutants/mariadb_traps.txt takes the rules out.
#include <chrono>
#include <thread>

#include "base/cat.h"
#include "base/io.h"
#include "db/contract_engine_test.h"
#include "db/mariadb/saved_bench_test.h"

namespace dbfixture {
namespace {

std::unique_ptr<Connection> open(const std::string& url, int busy_timeout_ms = 1000) {
    return open_database(DatabaseUrl(url), {OpenMode::kReadWrite, busy_timeout_ms});
}

void write_file(const std::string& path, const std::string& text) {
    const auto sink = open_file_sink(path);
    sink->write(text);
    sink->finish();
}

std::string next_number(const MariaDbTestDatabase& database, const std::string& table) {
    return database.run(
        cat("SELECT auto_increment FROM information_schema.tables WHERE table_schema = DATABASE() AND "
            "table_name = '",
            table, "'"));
}

void wait_until(const std::function<bool()>& there) {
    for (int tries = 0; tries < 100 && !there(); ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(250));  // asked more often, InnoDB says the same
}

// Does `work` while `z` is locked by another session; once it waits for that, says what inserting `row` into a table
// gives: "" or the number of the error.
std::vector<std::string> inserted_meanwhile(const MariaDbTestDatabase& database, const std::function<void()>& work,
                                            const std::vector<std::string>& inserts) {
    MariaDbClient holder(database.name()), writer(database.name()), looker(database.name());
    holder.run("BEGIN; UPDATE z SET v = v + 1");
    writer.run("SET SESSION innodb_lock_wait_timeout = 0, lock_wait_timeout = 0");
    std::thread worker(work);
    wait_until([&] {
        return looker.run(
                   "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' AND "
                   "trx_query LIKE '%`z`%'") != "0\n";
    });
    std::vector<std::string> out;
    for (const std::string& sql : inserts)
        out.push_back(writer.attempt(sql));
    holder.run("ROLLBACK");
    worker.join();
    return out;
}

// Tables that are read before z, small and large: it is a large one itself, since small ones are read first.
constexpr std::string_view kThree =
    "CREATE TABLE a (id INT PRIMARY KEY, v INT); INSERT INTO a VALUES (1, 1), (5, 5); CREATE TABLE big (id INT PRIMARY "
    "KEY, v INT); INSERT INTO big SELECT seq * 2, 0 FROM seq_1_to_2000; CREATE TABLE z (id INT PRIMARY KEY, v INT); "
    "INSERT INTO z SELECT seq, 0 FROM seq_1_to_1000";

}  // namespace

TEST_CASE("MariaDB: a user's own settings change neither what is loaded nor what is read", "[mariadb]") {
    if (no_mariadb()) return;
    const TestFolder folder;
    write_file(folder / "my.cnf",
               "[client]\ninit-command=SET SESSION unique_checks = 0, time_zone = '+05:00', tx_isolation = "
               "'SERIALIZABLE', sql_mode = 'NO_BACKSLASH_ESCAPES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ANSI_QUOTES,"
               "PAD_CHAR_TO_FULL_LENGTH', autocommit = 0\n");
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT AUTO_INCREMENT PRIMARY KEY, u INT UNIQUE, c CHAR(5), d DATE, n TINYINT, ts TIMESTAMP "
        "NULL)");
    const std::string url = cat(database.url(), "&default-file=", folder / "my.cnf");
    const auto row = [](std::int64_t id, std::int64_t u, std::string_view date) {
        return ContractRow{
            "v", {{"id", n(id)}, {"u", n(u)}, {"c", t("\\'a")}, {"d", t(date)}, {"ts", t("2024-01-01 00:00:00+00")}}};
    };
    CHECK(contract_load(*open(url), {row(0, 1, "0000-00-00"), row(1, 2, "2020-00-10"), row(2, 3, "2020-02-31")}) ==
          "ok");
    const std::string all =
        "[0] 1 '\\'a' '0000-00-00' null '2024-01-01 00:00:00+00'\n[1] 2 '\\'a' '2020-00-10' null '2024-01-01 "
        "00:00:00+00'\n[2] 3 '\\'a' '2020-02-31' null '2024-01-01 00:00:00+00'\n";
    CHECK(contract_read(*open(url), "v") == all);
    CHECK(database.run("SET time_zone = '+00:00'; SELECT DISTINCT ts, HEX(c) FROM v") ==
          "2024-01-01 00:00:00|5C2761\n");
    CHECK(contract_load(*open(url), {row(7, 9, "2020-01-01"), row(8, 9, "2020-01-01")}) ==
          "6 f:20: record 2 (v pk=8) u");
    CHECK(contract_load(*open(url), {{"v", {{"id", n(9)}, {"n", n(500)}}}}) == "6 f:10: record 1 (v pk=9) n");
    CHECK(contract_read(*open(url), "v") == all);
}

TEST_CASE("MariaDB restore: who writes while it goes on waits for it, whatever table it writes to", "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b{std::string(kThree)};
    b.run("UPDATE a SET v = 9 WHERE id = 5");
    const auto states = open_states(locate(DatabaseUrl(b.database.url())), 20000);
    StateRestoreReport report;
    // A clean table's gaps count, too: what goes into one would stay.
    CHECK(inserted_meanwhile(b.database, [&] { report = states->restore(b.saved.state, ""); },
                             {"INSERT INTO a VALUES (3, 3)", "INSERT INTO a VALUES (9, 9)",
                              "INSERT INTO big VALUES (3, 3)", "UPDATE big SET v = 1 WHERE id = 4000"}) ==
          std::vector<std::string>(4, "1205"));
    CHECK(report.way == RestoreWay::kDifferent);
    CHECK(b.contents() == b.before);
}

TEST_CASE("MariaDB states: copies of all tables are those of one moment", "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b{std::string(kThree)};
    const auto states = open_states(locate(DatabaseUrl(b.database.url())), 20000);
    StateSaveReport other;
    CHECK(inserted_meanwhile(b.database, [&] { other = states->save(StateKind::kCopy, b.folder / "other.copy"); },
                             {"INSERT INTO a VALUES (3, 3)", "INSERT INTO big VALUES (3, 3)",
                              "DELETE FROM big WHERE id = 2"}) == std::vector<std::string>(3, "1205"));
    states->discard(other.state.place);
}

TEST_CASE("MariaDB restore: tables that have swapped their names get their rows back", "[mariadb]") {
    if (no_mariadb()) return;
    // The swap leaves each one's time of change as it was.
    MariaDbSavedBench b(
        "CREATE TABLE a (id INT PRIMARY KEY, v INT); CREATE TABLE b LIKE a; INSERT INTO a VALUES (1, 1), (2, 2); "
        "INSERT INTO b VALUES (1, 1), (2, 3)");
    b.run("RENAME TABLE a TO x, b TO a, x TO b");
    CHECK(b.contents() != b.before);
    CHECK(b.restore() == "restored 2");
    CHECK(b.contents() == b.before);
}

TEST_CASE("MariaDB restore: texts that must be there are told apart where the server's checksum does not",
          "[mariadb]") {
    if (no_mariadb()) return;
    MariaDbSavedBench b(
        "CREATE TABLE bag (a VARCHAR(9) NOT NULL, b VARCHAR(9) NOT NULL); INSERT INTO bag VALUES ('a,1', 'c'); CREATE "
        "TABLE k (id INT PRIMARY KEY, a VARCHAR(9) NOT NULL, b VARCHAR(9) NOT NULL); INSERT INTO k VALUES (1, 'ab', "
        "'c')");
    const std::string sum = b.run("CHECKSUM TABLE k");
    b.run("UPDATE k SET a = 'a', b = 'bc'");
    CHECK(b.run("CHECKSUM TABLE k") == sum);
    CHECK(b.restore() == "restored 1");
    // What stands between values may be part of one.
    b.run("UPDATE bag SET a = 'a', b = '1,c'");
    CHECK(b.restore() == "restored 1");
    b.run("UPDATE bag SET a = 'a', b = '1,1,c'");
    CHECK(b.restore() == "restored 1");
    CHECK(b.contents() == b.before);
}

TEST_CASE("MariaDB: a column that came at once is read by a view that begins later", "[mariadb]") {
    if (no_mariadb()) return;
    const MariaDbTestDatabase database("CREATE TABLE v (id INT PRIMARY KEY); INSERT INTO v VALUES (1)");
    const auto connection = open(database.url());
    CHECK(contract_read(*connection, "v") == "[1]\n");
    database.run("ALTER TABLE v ADD COLUMN x INT DEFAULT 3, ALGORITHM = INSTANT");
    const ReadView view(*connection);
    CHECK(contract_read(*connection, "v") == "[1] 3\n");
}

TEST_CASE("MariaDB: a flush leaves no history behind", "[mariadb]") {
    if (no_mariadb()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE h (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING; INSERT INTO h VALUES (1, 1); UPDATE h SET "
        "v "
        "= 2");
    CHECK(database.run("SELECT COUNT(*) FROM h FOR SYSTEM_TIME ALL") == "2\n");
    CHECK(open(database.url())->flush({{0}, false}) == std::vector<std::uint64_t>{1});
    CHECK(database.run("SELECT COUNT(*) FROM h FOR SYSTEM_TIME ALL") == "0\n");
}

TEST_CASE("MariaDB: what tells rows apart only by part of them, or where it is there, is no key", "[mariadb]") {
    if (no_mariadb()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE a (t VARCHAR(20) NOT NULL, UNIQUE (t(3))); CREATE TABLE b (x INT, UNIQUE (x)); CREATE TABLE c (x "
        "INT NOT NULL, UNIQUE (x)); CREATE TABLE d (g INT, n INT AUTO_INCREMENT, PRIMARY KEY (g, n)) ENGINE = MyISAM; "
        "CREATE TABLE e (id INT PRIMARY KEY) WITH SYSTEM VERSIONING");
    const auto connection = open(database.url());
    const std::vector<Table>& tables = connection->schema().tables;
    REQUIRE(tables.size() == 5);
    CHECK(tables[0].key_kind == KeyKind::kNone);
    CHECK(tables[1].key_kind == KeyKind::kNone);
    CHECK(tables[2].key == std::vector<std::size_t>{0});
    CHECK(tables[3].key == std::vector<std::size_t>{0, 1});
    CHECK_FALSE(tables[3].numbers_rows);
    CHECK(tables[4].key == std::vector<std::size_t>{0});
}

TEST_CASE("MariaDB: flush waits for no reader, and leaves what it could not number anew for the next one",
          "[mariadb]") {
    if (no_mariadb()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT AUTO_INCREMENT PRIMARY KEY); INSERT INTO v VALUES (1), (500); CREATE TABLE w LIKE v; "
        "INSERT INTO w VALUES (500)");
    MariaDbClient reader(database.name());
    reader.run("BEGIN; SELECT * FROM v");
    CHECK(open(database.url(), 500)->flush({{0, 1}, false}) == std::vector<std::uint64_t>{2, 1});
    CHECK(reader.run("SELECT COUNT(*) FROM v") == "2\n");
    CHECK(next_number(database, "v") == "501\n");
    CHECK(next_number(database, "w") == "1\n");
    reader.run("COMMIT");
    CHECK(open(database.url())->flush({{0, 1}, false}) == std::vector<std::uint64_t>{0, 0});
    CHECK(next_number(database, "v") == "1\n");
}

TEST_CASE("MariaDB: a load that failed puts counters back where nobody reads the table", "[mariadb]") {
    if (no_mariadb()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT AUTO_INCREMENT PRIMARY KEY, u INT UNIQUE); CREATE TABLE w LIKE v; CREATE TABLE x LIKE "
        "v");
    MariaDbClient reader(database.name());
    reader.run("BEGIN; SELECT * FROM v; SELECT * FROM w");
    const auto row = [](const std::string& table, std::int64_t id, std::int64_t u) {
        return ContractRow{table, {{"id", n(id)}, {"u", n(u)}}};
    };
    CHECK(contract_load(*open(database.url(), 500), {row("v", 500, 1), row("w", 500, 1), row("x", 500, 1),
                                                     row("x", 501, 1)}) == "6 f:40: record 4 (x pk=501) u");
    CHECK(next_number(database, "v") == "501\n");
    CHECK(next_number(database, "w") == "501\n");
    CHECK(next_number(database, "x") == "1\n");
    reader.run("COMMIT");
}

}  // namespace dbfixture
