// SPDX-License-Identifier: MIT
// What every engine must do (DESIGN 14), through the seam alone: flush, sequences, views, locks, schemas.
#include <catch2/catch.hpp>

#include "base/error.h"
#include "db/contract_engine_test.h"

namespace dbfixture {
namespace {

std::string as_script(const std::vector<std::string>& statements) {
    std::string out;
    for (const std::string& statement : statements)
        append(out, cat(statement, ";\n"));
    return out;
}

}  // namespace

TEST_CASE("contract: flush empties tables, counts, fires no trigger and starts sequences anew", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine,
                          cat("CREATE TABLE p (id ", engine.numbered,
                              ", x TEXT); "
                              "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id)); "
                              "CREATE TABLE log (id INTEGER PRIMARY KEY); ",
                              engine.silences_triggers
                                  ? engine.trigger("gone", "DELETE", "p", "INSERT INTO log VALUES (OLD.id)") + "; "
                                  : std::string(),
                              "INSERT INTO p (x) VALUES ('a'), ('b'); INSERT INTO c VALUES (1, 2)"));
        const auto connection = bench.open();
        const auto index = [&](std::string_view name) { return *connection->schema().find(name); };
        CHECK(connection->flush({{index("c"), index("p")}, false}) == std::vector<std::uint64_t>{1, 2});
        CHECK(bench.read("p").empty());
        CHECK(bench.read("c").empty());
        CHECK(bench.read("log").empty());
        bench.database->run("INSERT INTO p (x) VALUES ('first')");
        CHECK(bench.read("p") == "[1] 'first'\n");
        CHECK(connection->flush({{index("p")}, true}) == std::vector<std::uint64_t>{1});
        bench.database->run("INSERT INTO p (x) VALUES ('second')");
        CHECK(bench.read("p") == "[2] 'second'\n");
    }
}

TEST_CASE("contract: the printed SQL of flush does what flush does", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(
            engine, cat("CREATE TABLE p (id ", engine.numbered, ", x TEXT); INSERT INTO p (x) VALUES ('a'), ('b')"));
        const auto connection = bench.open();
        bench.database->run(as_script(connection->flush_sql({{*connection->schema().find("p")}, false})));
        CHECK(bench.read("p").empty());
        bench.database->run("INSERT INTO p (x) VALUES ('first')");
        CHECK(bench.read("p") == "[1] 'first'\n");
    }
}

TEST_CASE("contract: a flush leaves the rows that it is to keep, and the sequence goes on after them", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        for (const bool by_sql : {false, true}) {
            INFO(engine.name << (by_sql ? " by SQL" : ""));
            const Bench bench(engine, cat("CREATE TABLE p (id ", engine.numbered,
                                          ", x TEXT); INSERT INTO p (x) VALUES ('a'), ('b'), ('c'), ('d')"));
            const auto connection = bench.open();
            const std::size_t p = *connection->schema().find("p");
            const FlushRequest request{{p}, false, {{p, {1, 3}}}};
            if (by_sql) {
                bench.database->run(as_script(connection->flush_sql(request)));
            } else {
                CHECK(connection->flush(request) == std::vector<std::uint64_t>{2});
            }
            bench.database->run("INSERT INTO p (x) VALUES ('new')");
            CHECK(bench.read("p") == "[1] 'a'\n[3] 'c'\n[4] 'new'\n");
            CHECK(connection->flush({{p}, false, {{p, {}}}}) == std::vector<std::uint64_t>{3});
        }
    }
}

TEST_CASE("contract: what a load puts by is found by number and by mark, and is gone with the load", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, cat("CREATE TABLE p (id ", engine.numbered, ", x TEXT)"));
        const auto connection = bench.open();
        for (int round = 0; round < 2; ++round) {
            const auto session = connection->begin_load({});
            PutBy& store = session->put_by();
            CHECK_FALSE(store.get(1).has_value());
            CHECK(store.find(1, 7).empty());
            const std::string odd("a\0b", 3);
            CHECK(store.add(odd) == 1);
            CHECK(store.add("") == 2);
            CHECK(store.add("three") == 3);
            store.replace(3, "drei");
            store.remove(2);
            CHECK(store.get(1) == odd);
            CHECK_FALSE(store.get(2).has_value());
            CHECK(store.get(3) == "drei");
            store.mark(1, 1, 0xFFFFFFFFFFFFFFFF);
            store.mark(3, 1, 0xFFFFFFFFFFFFFFFF);
            store.mark(3, 1, 0xFFFFFFFFFFFFFFFF);
            store.mark(3, 2, 5);
            CHECK(store.find(1, 0xFFFFFFFFFFFFFFFF) == std::vector<std::int64_t>{1, 3});
            CHECK(store.find(2, 5) == std::vector<std::int64_t>{3});
            CHECK(store.find(2, 0xFFFFFFFFFFFFFFFF).empty());
            session->finish();
            if (round == 0) session->commit();
        }
    }
}

TEST_CASE("contract: sequences are read, set, and put behind the largest key", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine,
                          cat("CREATE TABLE p (id ", engine.numbered, ", x TEXT); INSERT INTO p VALUES (5, 'a')"));
        const auto connection = bench.open();
        const std::size_t p = *connection->schema().find("p");
        connection->set_sequences({{.table = p, .column = 0, .stored = 3, .called = true, .largest = {}}});
        const std::vector<Sequence> behind = connection->sequences({p});
        REQUIRE(behind.size() == 1);
        CHECK(behind[0].column == connection->schema().tables[p].key[0]);
        CHECK(connection->schema().tables[p].columns[behind[0].column].has_sequence);
        CHECK(behind[0].given() == (engine.counters_may_lag ? 3 : 5));
        CHECK(behind[0].largest == 5);
        connection->reset_sequences({p});
        CHECK(connection->sequences({p})[0].given() == 5);
        bench.database->run("DELETE FROM p");
        connection->reset_sequences({p});
        bench.database->run("INSERT INTO p (x) VALUES ('first')");
        CHECK(bench.read("p") == "[1] 'first'\n");
        connection->set_sequences({{.table = p, .column = 0, .stored = 90, .called = true, .largest = {}}});
        bench.database->run(as_script(connection->reset_sequences_sql({p})));
        bench.database->run("INSERT INTO p (x) VALUES ('second')");
        CHECK(bench.read("p") == "[1] 'first'\n[2] 'second'\n");
    }
}

TEST_CASE("contract: a read view stays one state while others write", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "CREATE TABLE v (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO v VALUES (1, 'a')");
        if (!engine.lets_readers_be.empty()) bench.database->run(std::string(engine.lets_readers_be));
        const auto connection = bench.open();
        {
            const ReadView view(*connection);
            CHECK(contract_read(*connection, "v") == "[1] 'a'\n");
            bench.database->run("INSERT INTO v VALUES (2, 'b')");
            CHECK(contract_read(*connection, "v") == "[1] 'a'\n");
        }
        CHECK(contract_read(*connection, "v") == "[1] 'a'\n[2] 'b'\n");
    }
}

TEST_CASE("contract: whoever holds the lock makes a load busy, and it works once the lock is gone", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "CREATE TABLE v (id INTEGER PRIMARY KEY, x TEXT)");
        const ContractRow row{"v", {{"id", n(1)}, {"x", t("a")}}};
        const auto load = [&] {
            try {
                return contract_load(*bench.open(50), {row});
            } catch (const Error& error) {  // where the first look at the database waits already
                return cat(static_cast<int>(error.kind), " ", format_where(error.where));
            }
        };
        {
            const auto held = bench.database->hold_write_lock();
            CHECK(load() == "5 ");
        }
        CHECK(load() == "ok");
    }
}

TEST_CASE("contract: equal definitions are equal schemas, and each difference is one", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const std::string sql = cat("CREATE TABLE v (id INTEGER PRIMARY KEY, x ", engine.text_key,
                                    "); CREATE INDEX v_x ON v (x); CREATE VIEW w AS SELECT x FROM v");
        const Bench one(engine, sql), other(engine, sql);
        CHECK(one.open()->schema_objects() == other.open()->schema_objects());
        other.database->run("INSERT INTO v VALUES (1, 'a')");
        CHECK(one.open()->schema_objects() == other.open()->schema_objects());
        for (const std::string_view change :
             {"DROP VIEW w", "CREATE INDEX v_id_x ON v (id, x)", "ALTER TABLE v ADD COLUMN y INTEGER",
              "CREATE TABLE more (id INTEGER PRIMARY KEY)"}) {
            INFO(change);
            const auto before = other.open()->schema_objects();
            other.database->run(std::string(change));
            CHECK(other.open()->schema_objects() != before);
        }
    }
}

TEST_CASE("contract: a scratch copy is changed alone", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "CREATE TABLE v (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO v VALUES (1, 'a')");
        const auto connection = bench.open();
        const auto copy = connection->scratch_copy();
        CHECK(contract_load(*copy, {{"v", {{"id", n(2)}, {"x", t("b")}}}}) == "ok");
        CHECK(contract_read(*copy, "v") == "[1] 'a'\n[2] 'b'\n");
        CHECK(contract_read(*connection, "v") == "[1] 'a'\n");
    }
}

TEST_CASE("contract: only rows that refer to another count as references", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine,
                          "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER "
                          "REFERENCES p (id)); "
                          "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, NULL)");
        const auto refers = [&] {
            const auto connection = bench.open();
            const std::size_t c = *connection->schema().find("c");
            return connection->has_references(c, connection->schema().tables[c].foreign_keys.at(0));
        };
        CHECK_FALSE(refers());
        bench.database->run("INSERT INTO c VALUES (2, 1)");
        CHECK(refers());
    }
}

}  // namespace dbfixture
