// SPDX-License-Identifier: MIT
// Loading: what only MariaDB has, and above all what it would silently do to rows. What every engine must do is in
// src/db/contract_*test.cpp.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>

#include "base/error.h"
#include "db/contract_batch_test.h"
#include "db/mariadb/test_server_test.h"

namespace dbfixture {
namespace {

bool skipped() {
    if (!mariadb_folder().empty()) return false;
    WARN("SKIPPED: MariaDB: no server is installed (Debian: mariadb-server)");
    return true;
}

std::unique_ptr<Connection> open(const MariaDbTestDatabase& database, std::string_view user = "root") {
    return open_database(DatabaseUrl(database.url(user)), {OpenMode::kReadWrite, 1000});
}

// Loads rows and says what came of it: "ok", or the error's kind and place.
std::string load(const MariaDbTestDatabase& database, const std::vector<ContractRow>& rows,
                 const LoadOptions& options = {}) {
    return contract_load(*open(database), rows, options);
}

// Loads one row and says the error's message and hint.
std::string message(const MariaDbTestDatabase& database, const ContractRow& row) {
    const auto connection = open(database);
    try {
        const auto session = connection->begin_load({});
        Batch batch(*connection, row.table, {});
        std::vector<std::pair<std::uint16_t, Value>> cells;
        for (const auto& [name, value] : row.columns)
            cells.emplace_back(
                static_cast<std::uint16_t>(*connection->schema().tables[batch.table()].find_column(name)), value);
        std::sort(cells.begin(), cells.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        std::vector<std::uint16_t> columns;
        std::vector<Value> values;
        for (const auto& [column, value] : cells) {
            columns.push_back(column);
            values.push_back(value);
        }
        BoundRow bound;
        bound.table = static_cast<std::uint32_t>(batch.table());
        bound.columns = columns;
        bound.values = values;
        session->write({&bound, 1});
        session->finish();
    } catch (const Error& error) {
        return error.message;
    }
    return "ok";
}

}  // namespace

TEST_CASE("MariaDB: a row that another row's unique value stops is never lost nor becomes that row", "[mariadb]") {
    if (skipped()) return;
    // unique_checks = 0 would lose row 1 of these; ON DUPLICATE KEY UPDATE would write to row 2 in place of row 3.
    const MariaDbTestDatabase database("CREATE TABLE v (id INT PRIMARY KEY, u INT UNIQUE)");
    const auto row = [](std::int64_t id, std::int64_t u) { return ContractRow{"v", {{"id", n(id)}, {"u", n(u)}}}; };
    CHECK(load(database, {row(1, 1), row(2, 1)}) == "6 f:20: record 2 (v pk=2) u");
    CHECK(database.run("SELECT * FROM v").empty());
    CHECK(load(database, {row(1, 10), row(2, 20)}) == "ok");
    CHECK(load(database, {row(3, 20)}) == "6 f:10: record 1 (v pk=3) u");
    CHECK(database.run("SELECT * FROM v ORDER BY id") == "1|10\n2|20\n");
    CHECK(load(database, {row(3, 20), row(2, 30)}) == "ok");
    CHECK(database.run("SELECT * FROM v ORDER BY id") == "1|10\n2|30\n3|20\n");
}

TEST_CASE("MariaDB: what the strict mode takes and changes is refused", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT PRIMARY KEY, d DECIMAL(6,2), f FLOAT, f3 DOUBLE(7,3), y YEAR, t TIME(3), dt "
        "DATETIME(2), "
        "da DATE, ts TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, e ENUM('a','b'), s SET('x','y'), c CHAR(5), vc "
        "VARCHAR(3), b BINARY(3), tt TINYTEXT)");
    const auto of = [&](const std::string& column, Value value) {
        return message(database, {"v", {{"id", n(1)}, {column, value}}});
    };
    CHECK(of("d", Value::decimal("1.239")) == R"(column "d" cannot hold 1.239: digits would be lost)");
    CHECK(of("f", Value::real(0.123456789012)) == R"(column "f" cannot hold 0.123456789012: digits would be lost)");
    CHECK(of("f3", Value::real(1.2345)) == R"(column "f3" cannot hold 1.2345: digits would be lost)");
    CHECK(of("y", n(70)) == R"(column "y" cannot hold 70: years are 1901 to 2155, and 0)");
    CHECK(
        of("t", t("10:00:00.1234")) ==
        R"(column "t" does not take the value: "10:00:00.1234" has more digits behind the point than the column keeps)");
    CHECK(of("t", t("1112")) == R"(column "t" does not take the value: "1112" is not a time)");
    CHECK(of("dt", t("99-01-01 00:00:00")) ==
          R"(column "dt" does not take the value: "99-01-01 00:00:00" is not a date and time)");
    CHECK(of("dt", t("2024-01-01 00:00:00+02")) ==
          R"(column "dt" does not take the value: "2024-01-01 00:00:00+02" is not a date and time)");
    CHECK(of("da", t("2024-01-01 10:00:00")) ==
          R"(column "da" does not take the value: "2024-01-01 10:00:00" is not a date)");
    CHECK(of("ts", Value::null()) == R"(column "ts" must not be null)");
    CHECK(of("e", t("2")) == R"(column "e" cannot hold "2": it is none of its members)");
    CHECK(of("s", t("3")) == R"(column "s" cannot hold "3": it is none of its members)");
    CHECK(of("e", t("zz")) == R"(column "e" cannot hold "zz": it is none of its members)");
    CHECK(of("s", t("x,zz")) == R"(column "s" cannot hold "x,zz": it is none of its members)");
    CHECK(of("c", t("a ")) == R"(column "c" cannot hold "a ": a column of type char drops spaces at the end)");
    CHECK(of("vc", t("abc ")) == R"(column "vc" cannot hold "abc ": it is too long)");
    CHECK(of("b", Value::bytes("ab")) ==
          R"(column "b" cannot hold 2 bytes of binary data: a column of type binary has always 3 bytes)");
    CHECK(of("tt", t(std::string(256, ' '))).ends_with("it is too long"));
    CHECK(load(database,
               {{"v", {{"id", n(1)}, {"vc", t("ab ")}, {"f", Value::real(0.1)}, {"t", t("10:00:00.5000")}}}}) == "ok");
    CHECK(database.run("SELECT HEX(vc), f, t FROM v") == "616220|0.1|10:00:00.500\n");
    database.run("CREATE TABLE r (id INT PRIMARY KEY, r DOUBLE)");
    CHECK(message(database, {"r", {{"id", n(1)}, {"r", Value::real(-0.0)}}}).ends_with("MariaDB has no negative zero"));
    CHECK(
        message(database, {"r", {{"id", n(1)}, {"r", Value::real(INFINITY)}}}).ends_with("MariaDB has no such number"));
}

TEST_CASE("MariaDB: what a column of reals with digits or a set with members that are numbers holds is loaded",
          "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT PRIMARY KEY, r DOUBLE(20,5), f FLOAT(8,3), s SET('1','2','a')); INSERT INTO v VALUES "
        "(1, "
        "-1.81743, 12.345, '2,1'), (2, -0.00001, 9999.999, 'a,1'), (3, 123456789012345.12345, -0.001, '2')");
    const std::string held = database.run("SELECT id, r + 0e0, f + 0e0, s FROM v ORDER BY id");
    std::vector<ContractRow> rows;
    std::array<std::string, 3> r, f, members;
    for (std::size_t i = 0; i < 3; ++i) {
        // As it is read.
        std::istringstream of(database.run(cat("SELECT r + 0e0, f + 0e0, s FROM v WHERE id = ", i + 1)));
        std::getline(std::getline(std::getline(of, r[i], '|'), f[i], '|'), members[i]);
        rows.push_back({"v",
                        {{"id", n(static_cast<std::int64_t>(i) + 1)},
                         {"r", Value::real(std::stod(r[i]))},
                         {"f", Value::real(std::stod(f[i]))},
                         {"s", Value::text(members[i])}}});
    }
    database.run("DELETE FROM v");
    CHECK(load(database, rows) == "ok");
    CHECK(database.run("SELECT id, r + 0e0, f + 0e0, s FROM v ORDER BY id") == held);
    CHECK(message(database, {"v", {{"id", n(9)}, {"s", t("3,a")}}}) ==
          R"(column "s" cannot hold "3,a": it is none of its members)");
}

TEST_CASE("MariaDB: a timestamp is a moment, whatever zone a fixture says", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT PRIMARY KEY, ts TIMESTAMP(6) NULL ON UPDATE CURRENT_TIMESTAMP(6), x INT)");
    const auto row = [](std::int64_t id, std::string_view text) {
        return ContractRow{"v", {{"id", n(id)}, {"ts", t(text)}, {"x", n(id)}}};
    };
    CHECK(load(database, {row(1, "2024-03-01 00:30:00.25+02"), row(2, "2024-12-31T23:59:59Z"),
                          row(3, "1999-12-31 20:00:00-08:30"), row(4, "2000-01-01 00:00:00")}) == "ok");
    CHECK(contract_read(*open(database), "v") ==
          "[1] '2024-02-29 22:30:00.25+00' 1\n[2] '2024-12-31 23:59:59+00' 2\n[3] '2000-01-01 04:30:00+00' 3\n[4] "
          "'2000-01-01 00:00:00+00' 4\n");
    // Given, it is not touched by an update of something else; left out, it has its default.
    CHECK(load(database, {{"v", {{"id", n(1)}, {"ts", t("2024-02-29 22:30:00.25+00")}, {"x", n(9)}}},
                          {"v", {{"id", n(2)}, {"x", n(9)}}}}) == "ok");
    CHECK(contract_read(*open(database), "v").substr(0, 45) == "[1] '2024-02-29 22:30:00.25+00' 9\n[2] null 9\n");
}

TEST_CASE("MariaDB: an enumeration's invalid value is told from an empty member, and comes back", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT PRIMARY KEY, e ENUM('a','','b'), f ENUM('x','y'), u TIMESTAMP NULL ON UPDATE "
        "CURRENT_TIMESTAMP); SET sql_mode = ''; INSERT INTO v VALUES (1, '', 'x', NULL), (2, 'nonsense', 'y', NULL), "
        "(3, NULL, 'nonsense', NULL)");
    const std::string all = "[1] '' 'x' null\n[2] x 'y' null\n[3] null x null\n";
    CHECK(contract_read(*open(database), "v") == all);
    const auto rows = [](Value e2, Value f3) {
        return std::vector<ContractRow>{{"v", {{"id", n(1)}, {"e", t("")}, {"f", t("x")}, {"u", Value::null()}}},
                                        {"v", {{"id", n(2)}, {"e", e2}, {"f", t("y")}, {"u", Value::null()}}},
                                        {"v", {{"id", n(3)}, {"e", Value::null()}, {"f", f3}, {"u", Value::null()}}}};
    };
    CHECK(load(database, rows(Value::bytes(""), Value::bytes(""))) == "ok");
    CHECK(contract_read(*open(database), "v") == all);
    database.run("DELETE FROM v");
    CHECK(load(database, rows(Value::bytes(""), Value::bytes(""))) == "ok");
    CHECK(database.run("SELECT id, e + 0, f + 0 FROM v ORDER BY id") == "1|2|1\n2|0|2\n3||0\n");
    CHECK(load(database, rows(t("b"), t(""))) == "6 f:30: record 3 (v pk=3) f");
}

TEST_CASE("MariaDB: keys are compared by their collation, and take the record's spelling", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE p (k VARCHAR(10) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT); CREATE TABLE c (id INT PRIMARY "
        "KEY, k VARCHAR(10) COLLATE utf8mb4_general_ci, FOREIGN KEY (k) REFERENCES p (k)); INSERT INTO p VALUES ('Ab', "
        "1); INSERT INTO c VALUES (1, 'ab ')");
    CHECK(load(database, {{"p", {{"k", t("aB")}, {"v", n(1)}}}, {"c", {{"id", n(2)}, {"k", t("AB")}}}}) == "ok");
    CHECK(database.run("SELECT k, v FROM p") == "aB|1\n");
    CHECK(load(database, {{"p", {{"k", t("x")}, {"v", n(2)}}}, {"p", {{"k", t("X ")}, {"v", n(3)}}}}) == "ok");
    CHECK(database.run("SELECT HEX(k), v FROM p WHERE k = 'x'") == "5820|3\n");  // the last one wins
}

TEST_CASE("MariaDB: triggers are refused by name unless they are to fire, which rewrites what records say",
          "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT PRIMARY KEY, x INT); CREATE TABLE w (id INT PRIMARY KEY); CREATE TRIGGER v_in BEFORE "
        "INSERT ON v FOR EACH ROW SET NEW.x = 7; CREATE TRIGGER w_gone AFTER DELETE ON w FOR EACH ROW DELETE FROM v; "
        "INSERT INTO w VALUES (5)");
    CHECK(load(database, {{"v", {{"id", n(1)}, {"x", n(1)}}}}) == "3 ");
    CHECK(message(database, {"v", {{"id", n(1)}}}) == "cannot write to table \"v\" without firing its triggers");
    CHECK(load(database, {{"w", {{"id", n(1)}}}}) == "ok");  // a trigger for DELETE does not fire
    LoadOptions firing;
    firing.fire_triggers = true;
    CHECK(load(database, {{"v", {{"id", n(1)}, {"x", n(1)}}}}, firing) == "ok");
    CHECK(database.run("SELECT * FROM v") == "1|7\n");
    const auto connection = open(database);
    const std::size_t w = *connection->schema().find("w");
    CHECK_THROWS_AS(connection->flush({{w}, false}), Error);
    CHECK(database.run("SELECT COUNT(*) FROM v") == "1\n");
}

TEST_CASE("MariaDB: tables without transactions are read, and refused for whatever writes", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE m (id INT PRIMARY KEY) ENGINE = MyISAM; INSERT INTO m VALUES (1); CREATE TABLE a (id INT PRIMARY "
        "KEY) ENGINE = Aria");
    CHECK(contract_read(*open(database), "m") == "[1]\n");
    CHECK(message(database, {"m", {{"id", n(2)}}}) == "cannot write to table \"m\"");
    CHECK(load(database, {{"a", {{"id", n(2)}}}}) == "3 ");
    const auto connection = open(database);
    CHECK_THROWS_AS(connection->flush({{*connection->schema().find("m")}, false}), Error);
    CHECK(database.run("SELECT COUNT(*) FROM m") == "1\n");
}

TEST_CASE("MariaDB: rows that others refer to from another database are not emptied", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase parent("CREATE TABLE p (id INT PRIMARY KEY); INSERT INTO p VALUES (1)");
    const MariaDbTestDatabase child(cat("CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES ",
                                        parent.name(), ".p (id)); INSERT INTO c VALUES (1, 1)"));
    const auto connection = open(parent);
    CHECK_THROWS_AS(connection->flush({{0}, false}), Error);
    CHECK(parent.run("SELECT COUNT(*) FROM p") == "1\n");
    // A parent elsewhere is looked at, too.
    CHECK(load(child, {{"c", {{"id", n(2)}, {"p", n(1)}}}}) == "ok");
    CHECK(load(child, {{"c", {{"id", n(3)}, {"p", n(2)}}}}) == "6 f:10: record 1 (c pk=3) p");
}

TEST_CASE("MariaDB: values larger than the server takes are refused by record, larger rows and batches are cut",
          "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database("CREATE TABLE v (id INT PRIMARY KEY, x LONGTEXT, y LONGBLOB)");
    MariaDbClient alone("");  // tests that send more wait for it
    alone.run("DO GET_LOCK('max_allowed_packet', 60)");
    const std::string limit = MariaDbClient("").run("SELECT @@GLOBAL.max_allowed_packet");
    MariaDbClient("").run("SET GLOBAL max_allowed_packet = 524288");
    const std::string large(560000, 'x'), some(160000, 'y');  // what other tests send meanwhile is smaller
    std::vector<ContractRow> rows;
    for (std::int64_t id = 1; id <= 20; ++id)
        rows.push_back({"v", {{"id", n(id)}, {"x", t(some)}}});
    CHECK(load(database, rows) == "ok");
    rows.push_back({"v", {{"id", n(21)}, {"x", t(large)}}});
    CHECK(load(database, rows) == "6 f:210: record 21 (v pk=21) x");
    const std::string half(400000, 'z');
    rows.back() = {"v", {{"id", n(21)}, {"x", t(half)}, {"y", Value::bytes(half)}}};
    rows.push_back({"v", {{"id", n(20)}, {"x", t(half)}, {"y", Value::bytes(half)}}});  // is there
    rows.push_back({"v", {{"id", n(22)}, {"x", t(some)}}});
    CHECK(load(database, rows) == "ok");
    CHECK(load(database, {rows.end() - 3, rows.end()}) == "ok");
    MariaDbClient("").run("SET GLOBAL max_allowed_packet = " + limit);
    CHECK(database.run("SELECT COUNT(*), SUM(LENGTH(x)) FROM v") == "22|4000000\n");
    CHECK(database.run("SELECT COUNT(*) FROM v WHERE LENGTH(x) = 400000 AND MD5(x) = MD5(y)") == "2\n");
}

TEST_CASE("MariaDB: orphans from before neither block a load nor hide what it brings", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE p (id INT PRIMARY KEY, u INT UNIQUE); CREATE TABLE c (id INT PRIMARY KEY, p INT, u INT, v INT, "
        "FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE, FOREIGN KEY (u) REFERENCES p (u)); INSERT INTO p VALUES "
        "(1, "
        "10); SET foreign_key_checks = 0; INSERT INTO c VALUES (1, 99, NULL, 0), (2, 1, 10, 0)");
    const auto row = [](std::int64_t id, std::int64_t p, Value u, std::int64_t v) {
        return ContractRow{"c", {{"id", n(id)}, {"p", n(p)}, {"u", u}, {"v", n(v)}}};
    };
    CHECK(load(database, {row(1, 99, Value::null(), 5)}) == "ok");  // as much of an orphan as before
    CHECK(load(database, {row(1, 98, Value::null(), 5)}) == "6 f:10: record 1 (c pk=1) p");
    CHECK(load(database, {{"p", {{"id", n(1)}, {"u", n(11)}}}}) == "6 f:10: record 1 (c pk=2) u");
    CHECK(load(database, {{"p", {{"id", n(1)}, {"u", n(11)}}}, row(2, 1, n(11), 0)}) == "ok");
    CHECK(database.run("SELECT * FROM c ORDER BY id") == "1|99||5\n2|1|11|0\n");
}

TEST_CASE("MariaDB: counters are where they were after a load that failed, and after one that emptied a table",
          "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT AUTO_INCREMENT PRIMARY KEY, u INT UNIQUE); INSERT INTO v (u) VALUES (1), (2)");
    const auto next = [&] {
        return database.run(cat("SELECT auto_increment FROM information_schema.tables WHERE table_schema = '",
                                database.name(), "' AND table_name = 'v'"));
    };
    CHECK(load(database, {{"v", {{"id", n(500)}, {"u", n(5)}}}, {"v", {{"id", n(501)}, {"u", n(5)}}}}) ==
          "6 f:20: record 2 (v pk=501) u");
    CHECK(next() == "3\n");
    const auto connection = open(database);
    const auto session = connection->begin_load({});
    session->empty_table(0);
    session->finish();
    session->commit();
    CHECK(next() == "1\n");
}

TEST_CASE("MariaDB: a server that takes no arrays is sent lists of rows, with the same outcome", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT PRIMARY KEY, u INT UNIQUE, x VARCHAR(5)); INSERT INTO v VALUES (1, 1, 'a')");
    const auto connection = open_database(DatabaseUrl(database.url() + "&useBulkStmts=false"), {OpenMode::kReadWrite});
    Batch batch(*connection, "v", {"id", "u", "x"});
    for (std::int64_t id = 1; id <= 1500; ++id)
        batch.add({n(id), n(id), t("b")});
    const auto session = connection->begin_load({});
    session->write(batch.rows());
    const TableCounts counts = session->finish().tables[0];
    session->commit();
    CHECK(counts.inserted == 1499);
    CHECK(counts.updated == 1);
    CHECK(contract_load(*connection, {{"v", {{"id", n(1)}, {"u", n(2)}, {"x", t("b")}}},
                                      {"v", {{"id", n(2)}, {"u", n(1)}, {"x", t("b")}}}}) == "ok");
    CHECK(database.run("SELECT COUNT(*), SUM(id), SUM(u), MIN(x) FROM v") == "1500|1125750|1125750|b\n");
}

}  // namespace dbfixture
