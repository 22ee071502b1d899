// SPDX-License-Identifier: MIT
// What every engine must do (DESIGN 14), through the seam alone: the kinds of columns, names, keys and numbers in which
// engines differ.
#include <catch2/catch.hpp>
#include <functional>

#include "base/error.h"
#include "db/contract_batch_test.h"

namespace dbfixture {

TEST_CASE("contract: columns are known by what they keep", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, cat("CREATE TABLE v (id BIGINT PRIMARY KEY NOT NULL, t TEXT NOT NULL, r ",
                                      engine.real, ", b ", engine.blob, ", f ", engine.boolean, ", d ", engine.decimal,
                                      ", n INTEGER DEFAULT 7, UNIQUE (t, n))"));
        CHECK(bench.load({{"v", {{"id", n(1)}, {"t", t("")}, {"f", Value::boolean(true)}}}}) == "ok");
        CHECK(bench.read("v") == "[1] '' null null true null 7\n");
        const auto connection = bench.open();
        const Table& table = connection->schema().tables[*connection->schema().find("v")];
        CHECK(table.schema.empty());
        CHECK(table.label() == "v");
        CHECK(table.key == std::vector<std::size_t>{0});
        std::vector<ColumnType> types;
        std::string nullable;
        for (const Column& column : table.columns) {
            types.push_back(column.type);
            nullable += column.nullable ? '?' : '!';
            CHECK_FALSE(column.has_sequence);
        }
        const bool strict = table.columns[0].strict;
        CHECK(types == std::vector<ColumnType>{ColumnType::kInteger, ColumnType::kText, ColumnType::kReal,
                                               ColumnType::kBytes, ColumnType::kBoolean,
                                               strict ? ColumnType::kDecimal : ColumnType::kNumeric,
                                               ColumnType::kInteger});
        CHECK(nullable == "!!?????");
        CHECK(table.columns[6].default_text.has_value());
        CHECK_FALSE(table.columns[1].default_text.has_value());
        REQUIRE(table.unique_keys.size() == 1);
        CHECK(table.unique_keys[0].columns == std::vector<std::size_t>{1, 6});
    }
}

TEST_CASE("contract: names that differ by case alone are told apart exactly where the engine does", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, cat("CREATE TABLE ", in_quotes(engine, "Mixed"), " (id INTEGER PRIMARY KEY, ",
                                      in_quotes(engine, "Word"), " TEXT)"));
        const auto connection = bench.open();
        const Schema& schema = connection->schema();
        REQUIRE(schema.find("Mixed"));
        CHECK(schema.find("MIXED").has_value() == (schema.table_rule == NameRule::kIgnoresCase));
        const Table& table = schema.tables[*schema.find("Mixed")];
        CHECK(table.find_column("WORD").has_value() == (schema.column_rule == NameRule::kIgnoresCase));
        if (schema.table_rule != NameRule::kExact) continue;
        bench.database->run(cat("CREATE TABLE ", in_quotes(engine, "mixed"), " (id INTEGER PRIMARY KEY)"));
        CHECK(bench.load({{"mixed", {{"id", n(1)}}}}) == "ok");
        CHECK(bench.read("Mixed").empty());
    }
}

TEST_CASE("contract: keys of several columns may refer to their own table, forwards and in rings", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(
            engine,
            "CREATE TABLE s (a INTEGER NOT NULL, b INTEGER NOT NULL, pa INTEGER, pb INTEGER, PRIMARY KEY (a, "
            "b), FOREIGN KEY (pa, pb) REFERENCES s (a, b))");
        const auto row = [](std::int64_t a, std::int64_t b, Value pa, Value pb) {
            return ContractRow{"s", {{"a", n(a)}, {"b", n(b)}, {"pa", pa}, {"pb", pb}}};
        };
        CHECK(bench.load({row(1, 1, n(2), n(2)), row(2, 2, n(1), n(1)), row(3, 3, n(3), n(3)),
                          row(4, 4, Value::null(), n(9))}) == "ok");
        CHECK(bench.read("s") == "[1 1] 2 2\n[2 2] 1 1\n[3 3] 3 3\n[4 4] null 9\n");
        CHECK(bench.load({row(5, 5, n(1), n(2))}) == "6 f:10: record 1 (s pk=[5, 5]) pa");
        const auto connection = bench.open();
        const std::size_t table = *connection->schema().find("s");
        CHECK(connection->schema().tables[table].foreign_keys.at(0).parent == table);
        CHECK(connection->flush({{table}, false}) == std::vector<std::uint64_t>{4});
    }
}

TEST_CASE("contract: what a load knows of its own keys hides no row that refers to nobody", "[contract]") {
    const auto p = [](std::int64_t id, std::int64_t u) { return ContractRow{"p", {{"id", n(id)}, {"u", n(u)}}}; };
    const auto c = [](std::int64_t id, Value by_id, Value by_u) {
        return ContractRow{"c", {{"id", n(id)}, {"p", by_id}, {"u", by_u}}};
    };
    const Value none = Value::null();
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const auto outcome = [&](const std::vector<ContractRow>& rows, const std::string& before = "") {
            const Bench bench(engine, cat("CREATE TABLE p (id INTEGER PRIMARY KEY, u INTEGER UNIQUE, v INTEGER); "
                                          "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER DEFAULT 77, u INTEGER, "
                                          "CONSTRAINT cp FOREIGN KEY (p) REFERENCES p (id), CONSTRAINT cu FOREIGN KEY "
                                          "(u) REFERENCES p (u))",
                                          before.empty() ? "" : "; ", before));
            return bench.load(rows);
        };
        CHECK(outcome({c(1, n(1), n(10)), p(1, 10), c(2, none, none)}) == "ok");
        CHECK(outcome({p(1, 10), c(1, n(2), none)}) == "6 f:20: record 2 (c pk=1) p");
        CHECK(outcome({p(1, 10), c(1, n(1), n(11))}) == "6 f:20: record 2 (c pk=1) u");
        // A column that is left to its default.
        CHECK(outcome({p(1, 10), {"c", {{"id", n(1)}}}}) == "6 f:20: record 2 (c pk=1) p");
        CHECK(outcome({p(77, 10), {"c", {{"id", n(1)}}}}) == "ok");
        // A parent that has another value in the end, or none.
        CHECK(outcome({p(1, 10), c(1, none, n(10)), p(1, 11)}) == "6 f:20: record 2 (c pk=1) u");
        CHECK(outcome({p(1, 10), c(1, none, n(10)), {"p", {{"id", n(1)}}}}) == "6 f:20: record 2 (c pk=1) u");
        CHECK(outcome({p(1, 10), p(2, 20), c(1, none, n(10)), c(2, none, n(20)), p(1, 20), p(2, 10)}) == "ok");
        // A child that refers to somebody else in the end.
        CHECK(outcome({p(1, 10), c(1, n(1), none), c(1, n(2), none)}) == "6 f:30: record 3 (c pk=1) p");
        CHECK(outcome({p(1, 10), c(1, n(2), none), c(1, n(1), none)}) == "ok");
        // Tables with rows.
        const std::string before = "INSERT INTO p VALUES (1, 10, 0), (2, 20, 0); INSERT INTO c VALUES (1, 1, 10)";
        CHECK(outcome({c(2, n(2), n(20)), c(1, n(2), n(20))}, before) == "ok");
        CHECK(outcome({p(1, 10), c(1, n(3), none)}, before) == "6 f:20: record 2 (c pk=1) p");
        CHECK(outcome({p(1, 30), c(2, n(1), n(30))}, before) == "6 f:10: record 1 (c pk=1) u");
    }
}

TEST_CASE("contract: tables that refer to each other are emptied together", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(
            engine,
            "CREATE TABLE p (id INTEGER PRIMARY KEY, c INTEGER); CREATE TABLE c (id INTEGER PRIMARY KEY, p "
            "INTEGER NOT NULL REFERENCES p (id)); INSERT INTO p VALUES (1, 1), (2, NULL); INSERT INTO c VALUES "
            "(1, 1)");
        const auto connection = bench.open();
        const std::size_t p = *connection->schema().find("p"), c = *connection->schema().find("c");
        CHECK(connection->flush({{p, c}, false}) == std::vector<std::uint64_t>{2, 1});
        CHECK(bench.read("p").empty());
        CHECK(bench.read("c").empty());
    }
}

TEST_CASE("contract: many rows may have NULL where values are unique, and unique pairs may be swapped", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "CREATE TABLE v (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, UNIQUE (a, b))");
        const auto row = [](std::int64_t id, Value a, Value b) {
            return ContractRow{"v", {{"id", n(id)}, {"a", a}, {"b", b}}};
        };
        CHECK(bench.load({row(1, n(1), n(2)), row(2, n(2), n(1)), row(3, n(1), Value::null()),
                          row(4, n(1), Value::null())}) == "ok");
        CHECK(bench.load({row(1, n(2), n(1)), row(2, n(1), n(2))}) == "ok");
        CHECK(bench.read("v") == "[1] 2 1\n[2] 1 2\n[3] 1 null\n[4] 1 null\n");
        CHECK(bench.load({row(3, n(1), n(2))}).substr(0, 29) == "6 f:10: record 1 (v pk=3) a");
    }
}

TEST_CASE("contract: a sequence stands at a number that was given, or that is the next one's", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, cat("CREATE TABLE p (id ", engine.numbered, ", x TEXT)"));
        const auto connection = bench.open();
        const std::size_t p = *connection->schema().find("p");
        const auto set = [&](std::optional<std::int64_t> stored, bool called) {
            connection->set_sequences({{.table = p, .column = 0, .stored = stored, .called = called, .largest = {}}});
        };
        set(10, true);
        CHECK(connection->sequences({p}).at(0).given() == 10);
        bench.database->run("INSERT INTO p (x) VALUES ('after')");
        set(20, false);
        CHECK(connection->sequences({p}).at(0).given() == 19);
        bench.database->run("INSERT INTO p (x) VALUES ('at')");
        CHECK(bench.read("p") == "[11] 'after'\n[20] 'at'\n");
        bench.database->run("DELETE FROM p");
        set(std::nullopt, true);
        CHECK(connection->sequences({p}).at(0).given().value_or(0) == 0);
        bench.database->run("INSERT INTO p (x) VALUES ('anew')");
        CHECK(bench.read("p") == "[1] 'anew'\n");
    }
}

TEST_CASE("contract: a load that is rolled back leaves each sequence where it was", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(
            engine, cat("CREATE TABLE p (id ", engine.numbered, ", x TEXT); INSERT INTO p (x) VALUES ('a'), ('b')"));
        const auto connection = bench.open();
        const std::size_t p = *connection->schema().find("p");
        const std::vector<Sequence> before = connection->sequences({p});
        {
            const auto session = connection->begin_load({});
            Batch given(*connection, "p", {"id", "x"}), numbered(*connection, "p", {"x"});
            given.add({n(50), t("given")});
            numbered.add({t("numbered")}, RowAddress::kNumbered);
            session->write(given.rows());
            CHECK(session->next_number(p) == 51);
            session->write(numbered.rows());
            session->finish();
        }
        CHECK(connection->sequences({p}) == before);
        CHECK(bench.load({{"p", {{"x", t("c")}}, true}}) == "ok");
        CHECK(bench.read("p") == "[1] 'a'\n[2] 'b'\n[3] 'c'\n");
    }
}

TEST_CASE("contract: flush and sequences are busy too while somebody holds the lock", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine,
                          cat("CREATE TABLE p (id ", engine.numbered, ", x TEXT); INSERT INTO p (x) VALUES ('a')"));
        const auto connection = bench.open(50);
        const std::size_t p = *connection->schema().find("p");
        const auto kind = [](const std::function<void()>& action) {
            try {
                action();
            } catch (const Error& error) {
                return static_cast<int>(error.kind);
            }
            return 0;
        };
        {
            const auto held = bench.database->hold_write_lock();
            CHECK(kind([&] { connection->flush({{p}, false}); }) == 5);
            CHECK(kind([&] { connection->reset_sequences({p}); }) == 5);
        }
        CHECK(bench.read("p") == "[1] 'a'\n");
        CHECK(kind([&] { connection->flush({{p}, false}); }) == 0);
        CHECK(bench.read("p").empty());
    }
}

TEST_CASE("contract: long texts and blobs are kept whole", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, cat("CREATE TABLE v (id INTEGER PRIMARY KEY, x TEXT, y ", engine.blob, ")"));
        std::string text, bytes;
        for (int i = 0; text.size() < 60000; ++i)
            append(text, cat(i, "\xC3\xA4\n"));
        for (int i = 0; bytes.size() < 60000; ++i)
            bytes += static_cast<char>(i * 7);
        CHECK(bench.load({{"v", {{"id", n(1)}, {"x", t(text)}, {"y", Value::bytes(bytes)}}}}) == "ok");
        struct Compare final : RowSink {
            std::string_view text, bytes;
            bool same = false;
            void take(const Row& row) override {
                same = row.values[0].kind() == ValueKind::kText && row.values[0].as_text() == text &&
                       row.values[1].kind() == ValueKind::kBytes && row.values[1].as_text() == bytes;
            }
        };
        Compare compare;
        compare.text = text;
        compare.bytes = bytes;
        const auto connection = bench.open();
        RowQuery query;
        query.table = *connection->schema().find("v");
        query.columns = {1, 2};
        connection->read_rows(query, compare);
        CHECK(compare.same);
    }
}

}  // namespace dbfixture
