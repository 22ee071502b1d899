// SPDX-License-Identifier: MIT
// What records of one table after another mean: the columns that a record names are its own, whatever those before it
// named.
#include <catch2/catch.hpp>

#include "ops/loading_test.h"

namespace dbfixture {
namespace {

std::string record(const std::string& model, const std::string& rest) {
    return cat(R"({"model": ")", model, "\", ", rest, "}");
}

}  // namespace

TEST_CASE("a record with a key after one without has its own key, and the other way round", "[bind]") {
    TestDatabase database("CREATE TABLE t(id INTEGER PRIMARY KEY, x)");
    CHECK(
        load_into(database,
                  cat("[", record("t", R"("fields": {"x": 1})"), ",", record("t", R"("pk": 77, "fields": {"x": 2})"),
                      ",", record("t", R"("fields": {"x": 3})"), ",", record("t", R"("pk": null, "fields": {"x": 4})"),
                      ",", record("t", R"("pk": 5, "fields": {"x": 5})"), "]")) == "5/0/0");
    CHECK(database.rows("SELECT id, x FROM t ORDER BY x") == "1|1\n77|2\n78|3\n79|4\n5|5\n");
}

TEST_CASE("records that name different columns, in any order, fill just those", "[bind]") {
    TestDatabase database("CREATE TABLE t(id INTEGER PRIMARY KEY, a DEFAULT 'd', b DEFAULT 'e')");
    CHECK(load_into(database,
                    cat("[", record("t", R"("pk": 1, "fields": {"a": 1, "b": 2})"), ",",
                        record("t", R"("pk": 2, "fields": {"b": 2, "a": 1})"), ",",
                        record("t", R"("pk": 3, "fields": {"b": 3})"), ",",
                        record("t", R"("pk": 4, "fields": {"a": 4})"), ",", record("t", R"("pk": 5, "fields": {})"),
                        ",", record("t", R"("pk": 6, "fields": {"A": 6})"), "]")) == "6/0/0");
    CHECK(database.rows("SELECT * FROM t") == "1|1|2\n2|1|2\n3|d|3\n4|4|e\n5|d|e\n6|6|e\n");
}

TEST_CASE("a key that contains null needs a rowid, once or twice in a load", "[bind]") {
    const std::string schema = "CREATE TABLE t(a, b, x, PRIMARY KEY (a, b))";
    const std::string wrong = record("t", R"("pk": [1, null], "fields": {"x": 1})");
    for (const std::string& fixture : {cat("[", wrong, "]"), cat("[", wrong, ",", wrong, "]"),
                                       cat("[", record("t", R"("pk": [1, 2], "fields": {"x": 1})"), ",", wrong, "]")}) {
        TestDatabase database(schema);
        const std::string message = failure(database, fixture);
        CHECK(message.find("a record of table \"t\" whose key contains null needs a \"rowid\"") != std::string::npos);
        CHECK(message.starts_with("6 "));
    }
    TestDatabase database(schema);
    const std::string right = record("t", R"("pk": [1, null], "rowid": 7, "fields": {"x": 1})");
    CHECK(load_into(database, cat("[", right, "]")) == "1/0/0");
    CHECK(load_into(database, cat("[", right, "]")) == "0/0/1");
    CHECK(database.rows("SELECT rowid, a, b IS NULL, x FROM t") == "7|1|1|1\n");
    TestDatabase single("CREATE TABLE t(a TEXT PRIMARY KEY, x)");
    CHECK(failure(single, cat("[", record("t", R"("pk": null, "fields": {"x": 1})"), "]")).find("needs a \"pk\"") !=
          std::string::npos);
}

TEST_CASE("records that leave out now this and now that load in linear time", "[bind]") {
    constexpr int kRecords = 20000;
    constexpr int kColumns = 15;
    std::string columns, sums = "SELECT count(*)", expected = std::to_string(kRecords);
    for (int c = 0; c < kColumns; ++c) {
        append(columns, cat(", c", c));
        append(sums, cat(", count(c", c, "), sum(c", c, ")"));
    }
    std::vector<int> counts(kColumns), totals(kColumns);
    std::string fixture = "[";
    for (int i = 0; i < kRecords; ++i) {
        std::string fields;
        for (int c = 0; c < kColumns; ++c) {
            if (((i * 7919 % 32768) >> c & 1) == 0) continue;
            append(fields, cat(fields.empty() ? "" : ", ", "\"c", c, "\": ", i));
            ++counts[static_cast<std::size_t>(c)];
            totals[static_cast<std::size_t>(c)] += i;
        }
        append(fixture, cat(i == 0 ? "" : ",", record("t", cat("\"pk\": ", i + 1, ", \"fields\": {", fields, "}"))));
    }
    for (std::size_t c = 0; c < counts.size(); ++c)
        append(expected, cat("|", counts[c], "|", totals[c]));
    TestDatabase database(cat("CREATE TABLE t(id INTEGER PRIMARY KEY", columns, ")"));
    CHECK(load_into(database, fixture + "]") == cat(kRecords, "/0/0"));
    CHECK(database.rows(sums + " FROM t") == expected + "\n");
    CHECK(load_into(database, fixture + "]") == cat("0/0/", kRecords));
}

}  // namespace dbfixture
