// SPDX-License-Identifier: MIT
// What every engine must do (DESIGN 14), through the seam alone: rows in and out. contract_states_test.cpp has flush,
// sequences, views, locks and saved states. Each case runs for every engine of contract_engine_test.h.
#include <catch2/catch.hpp>
#include <limits>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "db/contract_engine_test.h"

namespace dbfixture {

TEST_CASE("contract: names of any kind are quoted, whatever they hold", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        for (const std::string name :
             {"select", "a b", "it's", "\"", "`", "a\"b\"\"c", "100%", "back\\slash", "ä ü 中", ";--", "a.b"}) {
            INFO(name);
            const Bench bench(engine, cat("CREATE TABLE ", in_quotes(engine, name), " (id INTEGER PRIMARY KEY, ",
                                          in_quotes(engine, name + "x"), " TEXT)"));
            CHECK(bench.load({{name, {{"id", n(1)}, {name + "x", t("v")}}}}) == "ok");
            CHECK(bench.load({{name, {{"id", n(1)}, {name + "x", t("w")}}}}) == "ok");
            CHECK(bench.read(name) == "[1] 'w'\n");
        }
    }
}

TEST_CASE("contract: a name finds what the engine's own SQL finds by it", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "CREATE TABLE Mixed (id INTEGER PRIMARY KEY, Word TEXT)");
        const auto connection = bench.open();
        const auto table = connection->schema().find(engine.folds_names ? "mixed" : "Mixed");
        REQUIRE(table);  // both unquoted: most engines take them for the same
        CHECK(connection->schema().find("mixed").has_value() == engine.folds_names);
        CHECK(connection->schema().tables[*table].find_column("word"));
        CHECK_FALSE(connection->schema().find("mixe"));
    }
}

TEST_CASE("contract: an empty text and NULL stay apart", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "CREATE TABLE v (id INTEGER PRIMARY KEY, x TEXT, y TEXT)");
        CHECK(bench.load({{"v", {{"id", n(1)}, {"x", t("")}, {"y", Value::null()}}},
                          {"v", {{"id", n(2)}, {"x", Value::null()}, {"y", t("")}}}}) == "ok");
        CHECK(bench.read("v") == "[1] '' null\n[2] null ''\n");
        CHECK(bench.database->rows("SELECT id FROM v WHERE x IS NULL") == "2\n");
    }
}

TEST_CASE("contract: integers keep all 64 bits, as keys too", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "CREATE TABLE v (id BIGINT PRIMARY KEY NOT NULL, x BIGINT)");
        const std::int64_t least = std::numeric_limits<std::int64_t>::min(), most = -(least + 1);
        CHECK(bench.load({{"v", {{"id", n(most)}, {"x", n(least)}}},
                          {"v", {{"id", n(least)}, {"x", n(most)}}},
                          {"v", {{"id", n(9007199254740993)}, {"x", n(-9007199254740993)}}}}) == "ok");
        CHECK(bench.read("v") ==
              "[-9223372036854775808] 9223372036854775807\n[9007199254740993] -9007199254740993\n"
              "[9223372036854775807] -9223372036854775808\n");
    }
}

TEST_CASE("contract: reals come back bit for bit", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, cat("CREATE TABLE v (id INTEGER PRIMARY KEY, x ", engine.real, ")"));
        const std::vector<double> reals = {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -2.5, 1e22, 123456789.125};
        std::vector<ContractRow> rows;
        for (std::size_t i = 0; i < reals.size(); ++i)
            rows.push_back({"v", {{"id", n(static_cast<std::int64_t>(i))}, {"x", Value::real(reals[i])}}});
        CHECK(bench.load(rows) == "ok");
        std::string expected;
        for (std::size_t i = 0; i < reals.size(); ++i)
            append(expected, cat("[", i, "] ", describe(Value::real(reals[i])), "\n"));
        CHECK(bench.read("v") == expected);
    }
}

TEST_CASE("contract: blobs hold every byte, texts every character", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, cat("CREATE TABLE v (id INTEGER PRIMARY KEY, x ", engine.blob, ", y TEXT)"));
        std::string bytes, hex = "x";
        for (int i = 0; i < 256; ++i) {
            bytes += static_cast<char>(i);
            constexpr std::string_view kDigits = "0123456789abcdef";
            hex += {kDigits[static_cast<std::size_t>(i) / 16], kDigits[static_cast<std::size_t>(i) % 16]};
        }
        const std::string text =
            "tab\tline\nreturn\rquote'\"back\\slash\x7F \xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80 {null} \\N";
        CHECK(bench.load({{"v", {{"id", n(1)}, {"x", Value::bytes(bytes)}, {"y", t(text)}}},
                          {"v", {{"id", n(2)}, {"x", Value::bytes("")}, {"y", t(" \n")}}}}) == "ok");
        CHECK(bench.read("v") == cat("[1] ", hex, " '", text, "'\n[2] x ' \n'\n"));
    }
}

TEST_CASE("contract: columns that a row leaves out get their default, also when the row is there", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(
            engine, "CREATE TABLE v (id INTEGER PRIMARY KEY, x TEXT DEFAULT 'it''s', y INTEGER DEFAULT 7, z TEXT)");
        CHECK(bench.load({{"v", {{"id", n(1)}, {"x", t("a")}, {"y", n(1)}, {"z", t("b")}}}}) == "ok");
        CHECK(bench.load({{"v", {{"id", n(1)}, {"z", t("c")}}}, {"v", {{"id", n(2)}}}}) == "ok");
        CHECK(bench.read("v") == "[1] 'it's' 7 'c'\n[2] 'it's' 7 null\n");
    }
}

TEST_CASE("contract: generated columns are known as such and keep their values", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(
            engine, "CREATE TABLE v (id INTEGER PRIMARY KEY, x INTEGER, d INTEGER GENERATED ALWAYS AS (x * 2) STORED)");
        CHECK(bench.load({{"v", {{"id", n(1)}, {"x", n(21)}}}}) == "ok");
        const auto connection = bench.open();
        const Table& table = connection->schema().tables[*connection->schema().find("v")];
        CHECK(table.columns[2].generated);
        CHECK_FALSE(table.columns[1].generated);
        CHECK(bench.database->rows("SELECT d FROM v") == "42\n");
    }
}

TEST_CASE("contract: the engine numbers rows that ask for it, after all keys that were ever there", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, cat("CREATE TABLE v (id ", engine.numbered, ", x TEXT)"));
        CHECK(bench.load({{"v", {{"id", n(41)}, {"x", t("given")}}}}) == "ok");
        CHECK(bench.load({{"v", {{"x", t("numbered")}}, true}, {"v", {{"x", t("again")}}, true}}) == "ok");
        CHECK(bench.read("v") == "[41] 'given'\n[42] 'numbered'\n[43] 'again'\n");
        bench.database->run("INSERT INTO v (x) VALUES ('application')");
        CHECK(bench.database->rows("SELECT id FROM v WHERE x = 'application'") == "44\n");
    }
}

TEST_CASE("contract: composite and text keys are found and ordered by their bytes", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, cat("CREATE TABLE v (b ", engine.text_key,
                                      " NOT NULL, a INTEGER NOT NULL, x TEXT, PRIMARY KEY (a, b))"));
        const auto row = [](std::int64_t a, std::string_view b, std::string_view x) {
            return ContractRow{"v", {{"a", n(a)}, {"b", t(b)}, {"x", t(x)}}};
        };
        CHECK(bench.load({row(2, "a", "1"), row(1, "b", "2"), row(1, "B", "3"), row(1, "\xC3\xA4", "4"),
                          row(1, "a ", "5"), row(1, "a", "6")}) == "ok");
        CHECK(bench.load({row(1, "a", "changed")}) == "ok");
        CHECK(bench.read("v") ==
              "[1 'B'] '3'\n[1 'a'] 'changed'\n[1 'a '] '5'\n[1 'b'] '2'\n[1 '\xC3\xA4'] '4'\n[2 'a'] '1'\n");
    }
}

TEST_CASE("contract: rows of chosen keys only, pulled or pushed, and looked up", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(
            engine,
            "CREATE TABLE v (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO v VALUES (3, 'c'), (1, 'a'), (2, 'a')");
        const auto connection = bench.open();
        RowQuery query;
        query.table = *connection->schema().find("v");
        query.columns = {1};
        std::string pulled;
        const auto cursor = connection->open_rows(query);
        for (Row row; cursor->next(row);)
            append(pulled, cat(row.key[0].as_integer(), row.values[0].as_text(), " "));
        CHECK(pulled == "1a 2a 3c ");
        struct Rows final : RowSink {
            std::set<std::string> seen;
            void take(const Row& row) override { seen.insert(cat(row.key[0].as_integer(), row.values[0].as_text())); }
        };
        Rows chosen;
        query.keys = {n(3), n(99), n(1)};
        connection->read_rows(query, chosen);
        CHECK(chosen.seen == std::set<std::string>{"1a", "3c"});
        const std::size_t by[] = {1}, columns[] = {0};
        const auto lookup = connection->open_lookup(query.table, by, columns);
        const Value wanted[] = {t("a"), t("c"), Value::null(), t("c"), t("A")};
        std::string found;
        for (const LookupAnswer& answer : lookup->find(wanted))
            append(found, cat(answer.rows, answer.values.empty() ? "" : cat(":", answer.values[0].as_integer()), " "));
        CHECK(found.substr(0, 2) == "2:");  // of which of them is the engine's affair
        CHECK(found.substr(3) == " 1:3 0 1:3 0 ");
        CHECK(lookup->find({}).empty());
        const Value one[] = {t("c")};
        CHECK(lookup->find_one(one).rows == 1);
        CHECK(connection->statistics(query.table).rows == 3);
    }
}

TEST_CASE("contract: references may point forward, to their own row and in rings", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(
            engine, cat("CREATE TABLE p (id INTEGER PRIMARY KEY, c INTEGER",
                        engine.names_later_tables ? " REFERENCES c (id)" : "",
                        "); CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id)); "
                        "CREATE TABLE s (id INTEGER PRIMARY KEY, up INTEGER REFERENCES s (id))",
                        engine.names_later_tables ? "" : "; ALTER TABLE p ADD FOREIGN KEY (c) REFERENCES c (id)"));
        CHECK(bench.load({{"p", {{"id", n(1)}, {"c", n(1)}}},
                          {"c", {{"id", n(1)}, {"p", n(1)}}},
                          {"s", {{"id", n(1)}, {"up", n(2)}}},
                          {"s", {{"id", n(2)}, {"up", n(2)}}}}) == "ok");
        CHECK(bench.read("p") == "[1] 1\n");
        CHECK(bench.read("s") == "[1] 2\n[2] 2\n");
    }
}

TEST_CASE("contract: what a load breaks is named by its record, and nothing has changed", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(
            engine,
            "CREATE TABLE p (id INTEGER PRIMARY KEY, u INTEGER UNIQUE, w TEXT NOT NULL, CHECK (u < 100)); "
            "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id)); "
            "INSERT INTO p VALUES (1, 10, 'x')");
        const ContractRow good{"p", {{"id", n(2)}, {"u", n(20)}, {"w", t("y")}}};
        CHECK(bench.load({good, {"p", {{"id", n(3)}, {"u", n(30)}, {"w", Value::null()}}}}) ==
              "6 f:20: record 2 (p pk=3) w");
        CHECK(bench.load({good, {"p", {{"id", n(3)}, {"u", n(10)}, {"w", t("z")}}}}) == "6 f:20: record 2 (p pk=3) u");
        CHECK(bench.load({good, {"p", {{"id", n(3)}, {"u", n(100)}, {"w", t("z")}}}}) == "6 f:20: record 2 (p pk=3)");
        CHECK(bench.load({good, {"c", {{"id", n(7)}, {"p", n(99)}}}}) == "6 f:20: record 2 (c pk=7) p");
        CHECK(bench.read("p") == "[1] 10 'x'\n");
        CHECK(bench.read("c").empty());
    }
}

TEST_CASE("contract: rows may swap and shift their unique values within a load", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine,
                          "CREATE TABLE v (id INTEGER PRIMARY KEY, u INTEGER UNIQUE); INSERT INTO v VALUES (1, 10), "
                          "(2, 20), (3, 30)");
        const auto row = [](std::int64_t id, std::int64_t u) { return ContractRow{"v", {{"id", n(id)}, {"u", n(u)}}}; };
        CHECK(bench.load({row(1, 20), row(2, 10)}) == "ok");
        CHECK(bench.read("v") == "[1] 20\n[2] 10\n[3] 30\n");
        CHECK(bench.load({row(1, 10), row(2, 30), row(3, 40), row(4, 20)}) == "ok");
        CHECK(bench.read("v") == "[1] 10\n[2] 30\n[3] 40\n[4] 20\n");
    }
}

TEST_CASE("contract: triggers are silent where the engine can silence them, and fire when asked to", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(
            engine,
            cat("CREATE TABLE v (id INTEGER PRIMARY KEY, x TEXT); CREATE TABLE log (id INTEGER PRIMARY KEY, x TEXT); ",
                engine.trigger("v_log", "INSERT", "v", "INSERT INTO log VALUES (NEW.id, NEW.x)")));
        if (engine.silences_triggers) {
            CHECK(bench.load({{"v", {{"id", n(1)}, {"x", t("a")}}}}) == "ok");
            CHECK(bench.read("log").empty());
        }
        LoadOptions firing;
        firing.fire_triggers = true;
        CHECK(bench.load({{"v", {{"id", n(2)}, {"x", t("b")}}}}, firing) == "ok");
        CHECK(bench.read("log") == "[2] 'b'\n");
        bench.database->run("INSERT INTO v VALUES (3, 'c')");  // they are still there for everybody else
        CHECK(bench.read("log") == "[2] 'b'\n[3] 'c'\n");
    }
}

TEST_CASE("contract: the rows of a load that is not committed were never there", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "CREATE TABLE v (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO v VALUES (1, 'old')");
        {
            const auto connection = bench.open();
            const auto session = connection->begin_load({});
            const std::uint16_t columns[] = {0, 1};
            const Value values[] = {n(1), t("new")};
            BoundRow row;
            row.table = static_cast<std::uint32_t>(*connection->schema().find("v"));
            row.columns = columns;
            row.values = values;
            session->write({&row, 1});
            const LoadReport report = session->finish();
            CHECK(report.tables[row.table].updated == 1);
        }
        CHECK(bench.read("v") == "[1] 'old'\n");
    }
}

TEST_CASE("contract: a load may empty a table first, and whoever referred to its rows needs them back", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine,
                          "CREATE TABLE p (id INTEGER PRIMARY KEY, x INTEGER); "
                          "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id)); "
                          "INSERT INTO p VALUES (1, 10), (2, 20), (3, 30); INSERT INTO c VALUES (7, 2), (8, NULL)");
        // Empties "p", writes a row of each of these keys, and says what became of it.
        const auto replace = [&](const std::vector<std::int64_t>& ids) -> std::string {
            const auto connection = bench.open();
            const auto session = connection->begin_load({});
            const std::size_t table = *connection->schema().find("p");
            session->empty_table(table);
            const std::uint16_t columns[] = {0, 1};
            for (const std::int64_t id : ids) {
                const Value values[] = {n(id), n(0)};
                BoundRow row;
                row.table = static_cast<std::uint32_t>(table);
                row.columns = columns;
                row.values = values;
                session->write({&row, 1});
            }
            try {
                const TableCounts counts = session->finish().tables[table];
                session->commit();
                return cat(counts.deleted, " deleted, ", counts.inserted, " inserted");
            } catch (const Error& error) {
                return cat(static_cast<int>(error.kind), " ", format_where(error.where), " ", error.where.column);
            }
        };
        CHECK(replace({1, 5}) == "6 table c pk=7 p");
        CHECK(bench.read("p") == "[1] 10\n[2] 20\n[3] 30\n");
        CHECK(replace({5, 2}) == "3 deleted, 2 inserted");
        CHECK(bench.read("p") == "[2] 0\n[5] 0\n");
        bench.database->run("DELETE FROM c WHERE p IS NOT NULL");
        CHECK(replace({}) == "2 deleted, 0 inserted");
        CHECK(bench.read("p").empty());
    }
}

}  // namespace dbfixture
