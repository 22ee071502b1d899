// SPDX-License-Identifier: MIT
// Reading: what only MariaDB has.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/cat.h"
#include "base/error.h"
#include "db/contract_engine_test.h"
#include "db/mariadb/test_server_test.h"

namespace dbfixture {
namespace {

bool skipped() {
    if (!mariadb_folder().empty()) return false;
    WARN("SKIPPED: MariaDB: no server is installed (Debian: mariadb-server)");
    return true;
}

std::string read(const MariaDbTestDatabase& database, const std::string& table) {
    return contract_read(*open_database(DatabaseUrl(database.url()), {}), table);
}

}  // namespace

TEST_CASE("MariaDB: an address that wants TLS is not connected to in the clear", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database;
    const auto said = [&](const std::string& parameter) -> std::string {
        try {
            open_database(DatabaseUrl(database.url() + "&" + parameter), {});
        } catch (const Error& error) {
            return error.detail;
        }
        return "connected";
    };
    for (const std::string wants :
         {"ssl-mode=REQUIRED", "sslMode=VERIFY_CA", "ssl=true", "ssl-verify-server-cert=1", "ssl-verify=1"})
        CHECK(said(wants).find("TLS") != std::string::npos);
    for (const std::string not_so : {"ssl-mode=PREFERRED", "ssl-mode=DISABLED", "ssl=false"})
        CHECK(said(not_so) == "connected");
}

TEST_CASE("MariaDB: numbers and times are read whole", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT PRIMARY KEY, bu BIGINT UNSIGNED, d DECIMAL(65,30), f FLOAT, r DOUBLE, b BIT(64), y "
        "YEAR, tb "
        "TINYINT(1), z INT(6) ZEROFILL); SET sql_mode = ''; INSERT INTO v VALUES (1, 18446744073709551615, "
        "-12345678901234567890123456789012345.123456789012345678901234567891, 16777217.1, 0.1e0 + 0.2e0, "
        "b'1111111111111111111111111111111111111111111111111111111111111111', 2155, -128, 42), (2, 0, 0, 0.1, 0, "
        "5, "
        "0, 1, 0); CREATE TABLE t (id INT PRIMARY KEY, d DATE, dt DATETIME(6), t TIME(6)); INSERT INTO t VALUES (1, "
        "'0000-00-00', '0000-00-00 00:00:00', '-838:59:59.999999'), (2, '2020-00-10', '9999-12-31 23:59:59.5', "
        "'100:00:00.5')");
    CHECK(read(database, "v") ==
          "[1] 18446744073709551615 -12345678901234567890123456789012345.12345678901234567890... 16777218.0 "
          "0.30000000000000004 18446744073709551615 2155 -128 42\n[2] 0 0.000000000000000000000000000000 0.1 0.0 5 0 "
          "true 0\n");
    CHECK(read(database, "t") ==
          "[1] '0000-00-00' '0000-00-00 00:00:00' '-838:59:59.999999'\n[2] '2020-00-10' '9999-12-31 23:59:59.5' "
          "'100:00:00.5'\n");
}

TEST_CASE("MariaDB: whole numbers of every size are read with their sign, texts of every length whole", "[mariadb]") {
    if (skipped()) return;
    MariaDbClient alone("");  // another test has the server take less for a while
    alone.run("DO GET_LOCK('max_allowed_packet', 60)");
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT PRIMARY KEY, t TINYINT, tu TINYINT UNSIGNED, s SMALLINT, su SMALLINT UNSIGNED, m "
        "MEDIUMINT, "
        "mu MEDIUMINT UNSIGNED, i INT, iu INT UNSIGNED, b BIGINT); INSERT INTO v VALUES (1, -128, 255, -32768, 65535, "
        "-8388608, 16777215, -2147483648, 4294967295, -9223372036854775808), (2, 127, 0, 32767, 0, 8388607, 0, "
        "2147483647, 0, 9223372036854775807), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL); "
        "CREATE TABLE w (id INT PRIMARY KEY, x LONGTEXT, y INT, z LONGBLOB); INSERT INTO w SELECT seq, IF(seq % 3 = 0, "
        "NULL, REPEAT('x', seq)), seq, REPEAT('y', seq * 3) FROM seq_249_to_254; INSERT INTO w VALUES (1000, "
        "REPEAT('x', "
        "65535), 1000, ''), (1001, REPEAT('x', 65536), 1001, NULL), (1002, REPEAT('x', 16777216 - 300000), 1002, 'z')");
    CHECK(read(database, "v") ==
          "[1] -128 255 -32768 65535 -8388608 16777215 -2147483648 4294967295 -9223372036854775808\n[2] 127 0 32767 0 "
          "8388607 0 2147483647 0 9223372036854775807\n[3] null null null null null null null null null\n");
    class Sizes final : public RowSink {
      public:
        std::string text;
        void take(const Row& row) override {
            for (const Value& value : row.values)
                append(text, value.has_text() ? cat(value.as_text().size(), " ") : cat(describe(value), " "));
        }
    } sizes;
    const auto connection = open_database(DatabaseUrl(database.url()), {});
    connection->read_rows({*connection->schema().find("w"), {1, 2, 3}, {}, {}}, sizes);
    CHECK(sizes.text ==
          "null 249 747 250 250 750 251 251 753 null 252 756 253 253 759 254 254 762 65535 1000 0 65536 1001 null "
          "16477216 1002 1 ");
}

TEST_CASE("MariaDB: many rows come in their order, and a reader may give up among them", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE many (id INT PRIMARY KEY, v TEXT, w DATETIME); INSERT INTO many SELECT seq, CASE seq % 4 WHEN 0 "
        "THEN "
        "NULL WHEN 1 THEN '' ELSE CONCAT(REPEAT('v', seq % 40), seq) END, '2024-01-01' + INTERVAL seq SECOND FROM "
        "seq_1_to_20000");
    class Rows final : public RowSink {
      public:
        explicit Rows(int most) : left(most) {}
        void take(const Row& row) override {
            if (left-- == 0) throw Error(ErrorKind::kFailure, "enough");
            // What is received meanwhile leaves the row alone.
            if (++seen % 1000 == 0 && seen <= 5000) ::usleep(10'000);
            for (const auto& part : {row.key, row.values}) {
                for (const Value& value : part)
                    append(text, value.has_text() ? cat(value.as_text(), "|") : cat(describe(value), "|"));
            }
        }
        int left, seen = 0;
        std::string text;
    };
    std::string expected = database.run(
        "SET SESSION group_concat_max_len = 100000000; SELECT GROUP_CONCAT(CONCAT(id, '|', IFNULL(v, 'null'), '|', w, "
        "'|') "
        "ORDER BY id SEPARATOR '') FROM many");
    expected.pop_back();  // the line end
    const auto connection = open_database(DatabaseUrl(database.url()), {});
    for (const int most : {10, 3000, 19999, 20000}) {
        Rows some(most);
        std::string error;
        try {
            connection->read_rows({0, {1, 2}, {}, {}}, some);
        } catch (const Error& thrown) {
            error = thrown.message;
        }
        CHECK(error == (most == 20000 ? "" : "enough"));
        CHECK(expected.starts_with(some.text));
        CHECK((some.text == expected) == (most == 20000));
    }
}

TEST_CASE("MariaDB: texts of every character set are read as UTF-8, or not at all", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT PRIMARY KEY, l VARCHAR(9) CHARACTER SET latin1, u VARCHAR(9) CHARACTER SET ucs2, s "
        "VARCHAR(9) CHARACTER SET sjis, k VARCHAR(9) CHARACTER SET koi8r); INSERT INTO v VALUES (1, x'81e980', "
        "x'00fc', "
        "x'82a0', x'c1'); CREATE TABLE w (id INT PRIMARY KEY, s VARCHAR(9) CHARACTER SET sjis); INSERT INTO w VALUES "
        "(1, "
        "x'82a0'), (2, x'f040')");
    CHECK(read(database, "v") == "[1] '\xC2\x81\xC3\xA9\xE2\x82\xAC' '\xC3\xBC' '\xE3\x81\x82' '\xD0\xB0'\n");
    CHECK_THROWS_AS(read(database, "w"), Error);
}

TEST_CASE("MariaDB: rows are ordered by the bytes of texts, whatever the collation and the type", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE v (k VARCHAR(9) COLLATE utf8mb4_general_ci PRIMARY KEY); INSERT INTO v VALUES ('b'), ('a'), "
        "('C'), "
        "('\xC3\xA4x'); CREATE TABLE e (k ENUM('z','a','m') PRIMARY KEY); INSERT INTO e VALUES ('z'), ('m'), ('a'); "
        "CREATE "
        "TABLE bag (x INT, y TEXT COLLATE utf8mb4_general_ci); INSERT INTO bag VALUES (2, 'a'), (1, 'b'), (1, 'B'), "
        "(NULL, "
        "'x'), (1, 'b')");
    CHECK(read(database, "v") == "['C']\n['a']\n['b']\n['\xC3\xA4x']\n");
    CHECK(read(database, "e") == "['a']\n['m']\n['z']\n");
    CHECK(read(database, "bag") == "[] null 'x'\n[] 1 'B'\n[] 1 'b'\n[] 1 'b'\n[] 2 'a'\n");
}

TEST_CASE("MariaDB: columns that are generated, invisible or of history are known as what they are", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE g (id INT PRIMARY KEY, a INT, v INT AS (a + 1) VIRTUAL, s INT AS (a * 2) STORED, i INT INVISIBLE "
        "DEFAULT 7); INSERT INTO g (id, a) VALUES (1, 10); CREATE TABLE h (id INT PRIMARY KEY, v INT, rs TIMESTAMP(6) "
        "GENERATED ALWAYS AS ROW START, re TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (rs, re)) "
        "WITH "
        "SYSTEM VERSIONING; INSERT INTO h (id, v) VALUES (1, 1); UPDATE h SET v = 2; CREATE SEQUENCE q; CREATE VIEW w "
        "AS "
        "SELECT 1");
    const auto connection = open_database(DatabaseUrl(database.url()), {});
    const Schema& schema = connection->schema();
    CHECK(schema.labels() == std::vector<std::string>{"g", "h"});
    CHECK(schema.tables[0].columns[2].generated);
    CHECK(schema.tables[0].columns[3].generated);
    CHECK_FALSE(schema.tables[0].columns[4].generated);
    CHECK(schema.tables[1].key == std::vector<std::size_t>{0});
    CHECK(schema.tables[1].columns[2].generated);
    CHECK(schema.tables[1].columns[3].generated);
    CHECK(contract_read(*connection, "g") == "[1] 10 11 20 7\n");
    REQUIRE(schema.warnings.size() == 1);
    CHECK(schema.warnings[0] == "sequence \"q\" is left as found: only numbers of AUTO_INCREMENT columns are followed");
}

TEST_CASE("MariaDB: JSON is a text that is kept byte for byte", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database(
        "CREATE TABLE v (id INT PRIMARY KEY, j JSON, t LONGTEXT); INSERT INTO v VALUES (1, '{\"a\": 1.10, \"a\":2}', "
        "'x')");
    const auto connection = open_database(DatabaseUrl(database.url()), {});
    CHECK(connection->schema().tables[0].columns[1].holds_json);
    CHECK_FALSE(connection->schema().tables[0].columns[2].holds_json);
    CHECK(contract_read(*connection, "v") == "[1] '{\"a\": 1.10, \"a\":2}' 'x'\n");
}

TEST_CASE("MariaDB: a table that changes while a view of one moment is open is busy, not read in part", "[mariadb]") {
    if (skipped()) return;
    const MariaDbTestDatabase database("CREATE TABLE v (id INT PRIMARY KEY); INSERT INTO v VALUES (1)");
    const auto connection = open_database(DatabaseUrl(database.url()), {OpenMode::kReadOnly, 1000});
    const ReadView view(*connection);
    database.run("CREATE TABLE later (id INT PRIMARY KEY); INSERT INTO later VALUES (1)");
    database.run("ALTER TABLE v ADD COLUMN x INT, ALGORITHM = COPY");
    try {
        contract_read(*connection, "v");
        FAIL("no error");
    } catch (const Error& error) {
        INFO(format_error(error));
        CHECK(error.kind == ErrorKind::kBusy);
    }
}

}  // namespace dbfixture
