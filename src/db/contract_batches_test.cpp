// SPDX-License-Identifier: MIT
// What every engine must do (DESIGN 14), through the seam alone: many rows at once, and rows beside rows.
#include <catch2/catch.hpp>
#include <limits>

#include "base/arena.h"
#include "base/error.h"
#include "db/beside.h"
#include "db/contract_batch_test.h"

namespace dbfixture {
namespace {

std::string shown(const std::vector<RowFate>& fates) {
    std::string out;
    for (const RowFate fate : fates) {
        const char* const words[] = {"inserted", "changed", "later", "refused"};
        append(out, cat(out.empty() ? "" : " ", words[static_cast<std::size_t>(fate)]));
    }
    return out;
}

std::string place(const Error& error) {
    return cat(static_cast<int>(error.kind), " ", format_where(error.where), error.where.column.empty() ? "" : " ",
               error.where.column);
}

// Tells the rows of `table` while it looks up, for each, another row of it.
class NextFinder final : public RowSink {
  public:
    NextFinder(Connection& connection, std::size_t table) {
        const std::size_t id[] = {0}, x[] = {1};
        lookup_ = connection.open_lookup(table, id, x);
    }
    void take(const Row& row) override {
        const Value next[] = {n(row.key[0].as_integer() + 1)};
        const LookupAnswer found = lookup_->find_one(next);
        append(text, cat(row.key[0].as_integer(), ">",
                         found.rows == 0 ? std::string("none") : std::string(found.values[0].as_text()), " "));
    }
    std::string text;

  private:
    std::unique_ptr<RowLookup> lookup_;
};

}  // namespace

TEST_CASE("contract: a write says of each row of the batch what became of it", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(
            engine, "CREATE TABLE v (id INTEGER PRIMARY KEY, u INTEGER UNIQUE); INSERT INTO v VALUES (1, 10), (2, 20)");
        const auto connection = bench.open();
        const auto session = connection->begin_load({});
        Batch batch(*connection, "v", {"id", "u"});
        batch.add({n(3), n(30)}).add({n(1), n(11)}).add({n(2), n(20)}).add({n(3), n(31)}).add({n(4), n(40)});
        std::vector<RowFate> fates = {RowFate::kRefused};
        session->write(batch.rows(), &fates);
        CHECK(shown(fates) == "inserted changed changed changed inserted");
        session->write({}, &fates);
        CHECK(fates.empty());
        // One that takes another row's value is known to be there only when that has made way, if not at once.
        Batch swap(*connection, "v", {"id", "u"});
        swap.add({n(5), n(11)}).add({n(1), n(12)});
        session->write(swap.rows(), &fates);
        REQUIRE(fates.size() == 2);
        CHECK((fates[0] == RowFate::kLater || fates[0] == RowFate::kInserted));
        CHECK(fates[1] == RowFate::kChanged);
        session->finish();
        session->commit();
        CHECK(bench.read("v") == "[1] 12\n[2] 20\n[3] 31\n[4] 40\n[5] 11\n");
    }
}

TEST_CASE("contract: of a large batch, the row that broke is named, and nothing has changed", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        for (const bool was_empty : {true, false}) {
            INFO(was_empty);
            const Bench bench(
                engine,
                cat("CREATE TABLE v (id INTEGER PRIMARY KEY, u INTEGER UNIQUE, w TEXT NOT NULL, CHECK (u >= 0)); ",
                    was_empty ? "SELECT 1" : "INSERT INTO v VALUES (1000, 2000, 'x')"));
            const std::string before = bench.read("v");
            const auto load = [&](std::vector<Value> bad) -> std::string {
                const auto connection = bench.open();
                Batch batch(*connection, "v", {"id", "u", "w"});
                for (std::int64_t i = 1; i <= 300; ++i) {
                    if (i == 257) {
                        batch.add(bad);
                    } else {
                        batch.add({n(i), n(i), t("w")});
                    }
                }
                LoadOptions options;
                options.files = {"f"};
                try {
                    const auto session = connection->begin_load(options);
                    session->write(batch.rows());
                    session->finish();
                    session->commit();
                } catch (const Error& error) {
                    return place(error);
                }
                return "ok";
            };
            CHECK(load({n(257), n(257), Value::null()}) == "6 f:2570: record 257 (v pk=257) w");
            CHECK(load({n(257), n(-1), t("w")}) == "6 f:2570: record 257 (v pk=257)");
            CHECK(load({n(257), n(256), t("w")}) == "6 f:2570: record 257 (v pk=257) u");
            CHECK(bench.read("v") == before);
        }
    }
}

TEST_CASE("contract: lists of members are made what they are to be, many in one go", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine,
                          cat("CREATE TABLE o (id INTEGER PRIMARY KEY); CREATE TABLE j (id ", engine.numbered,
                              ", owner INTEGER NOT NULL REFERENCES o (id), member INTEGER NOT NULL, UNIQUE (owner, "
                              "member)); INSERT INTO o VALUES (1), (2); INSERT INTO j (owner, member) VALUES (1, 10), "
                              "(1, 11), (2, 20)"));
        const auto connection = bench.open();
        const auto session = connection->begin_load({});
        Batch owners(*connection, "o", {"id"});
        owners.add({n(3)});
        session->write(owners.rows());
        const Value one[] = {n(11), n(12), n(12)}, three[] = {n(30), n(10)};
        std::vector<MemberSet> sets(3);
        for (MemberSet& set : sets) {
            set.table = static_cast<std::uint32_t>(*connection->schema().find("j"));
            set.owner = 1;
            set.member = 2;
        }
        sets[0].owner_value = n(1);
        sets[0].members = one;
        sets[1].owner_value = n(2);
        sets[2].owner_value = n(3);
        sets[2].members = three;
        sets[2].owner_is_new = true;
        session->replace_members(sets);
        session->finish();
        session->commit();
        CHECK(bench.read("j") == "[2] 1 11\n[4] 1 12\n[5] 3 30\n[6] 3 10\n");
    }
}

TEST_CASE("contract: a lookup inside a load sees what the load wrote", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "CREATE TABLE v (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO v VALUES (1, 'old')");
        const auto connection = bench.open();
        const auto session = connection->begin_load({});
        Batch batch(*connection, "v", {"id", "x"});
        batch.add({n(1), t("changed")}).add({n(2), t("new")});
        session->expect_lookups(batch.table());
        const std::size_t by[] = {1}, columns[] = {0, 1};
        const auto lookup = connection->open_lookup(batch.table(), by, columns);
        const Value wanted[] = {t("old"), t("new"), t("changed")};
        const auto found = [&] {
            std::string out;
            for (const LookupAnswer& answer : lookup->find(wanted))
                append(out, cat(answer.rows, answer.rows > 0 ? cat("=", answer.values[0].as_integer()) : "", " "));
            return out;
        };
        CHECK(found() == "1=1 0 0 ");
        session->write(batch.rows());
        CHECK(found() == "0 1=2 1=1 ");
    }
}

TEST_CASE("contract: rows are read beside others, and looked up while others are read", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(
            engine,
            "CREATE TABLE v (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO v VALUES (1, 'a'), (2, 'b'), (3, "
            "'c'); CREATE TABLE e (id INTEGER PRIMARY KEY)");
        const auto connection = bench.open();
        RowQuery query;
        query.table = *connection->schema().find("v");
        query.columns = {1};
        NextFinder finder(*connection, query.table);
        read_rows_beside(*connection, query, finder);
        CHECK(finder.text == "1>b 2>c 3>none ");
        const auto first = open_rows_beside(*connection, query), second = open_rows_beside(*connection, query);
        RowQuery nothing;
        nothing.table = *connection->schema().find("e");
        const auto none = open_rows_beside(*connection, nothing);
        std::string walked;
        for (Row a, b, c; first->next(a) && second->next(b);)
            append(walked, cat(a.key[0].as_integer(), b.values[0].as_text(), none->next(c) ? "!" : "", " "));
        CHECK(walked == "1a 2b 3c ");
    }
}

TEST_CASE("contract: a reader that gives up leaves the connection fit for use", "[contract]") {
    struct Quitter final : RowSink {
        void take(const Row&) override { throw Error(ErrorKind::kFailure, "enough"); }
    };
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "CREATE TABLE v (id INTEGER PRIMARY KEY); INSERT INTO v VALUES (1), (2)");
        const auto connection = bench.open();
        RowQuery query;
        query.table = *connection->schema().find("v");
        Quitter quitter;
        CHECK_THROWS_AS(connection->read_rows(query, quitter), Error);
        {
            const auto cursor = connection->open_rows(query);
            Row row;
            CHECK(cursor->next(row));
        }
        CHECK(contract_read(*connection, "v") == "[1]\n[2]\n");
        CHECK(contract_load(*connection, {{"v", {{"id", n(3)}}}}) == "ok");
    }
}

TEST_CASE("contract: decimals are what SQL says they are, and writing what was read changes nothing", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, cat("CREATE TABLE v (id INTEGER PRIMARY KEY, x ", engine.decimal, ")"));
        CHECK(bench.load({{"v", {{"id", n(1)}, {"x", Value::decimal("1.5")}}},
                          {"v", {{"id", n(2)}, {"x", Value::decimal("-0.2500")}}},
                          {"v", {{"id", n(3)}, {"x", Value::decimal("1234567890.0625")}}},
                          {"v", {{"id", n(4)}, {"x", n(7)}}}}) == "ok");
        CHECK(bench.database->rows("SELECT id FROM v WHERE x IN (1.5, -0.25, 1234567890.0625, 7) ORDER BY id") ==
              "1\n2\n3\n4\n");
        const auto connection = bench.open();
        struct Again final : RowSink {
            LoadSession& session;
            std::size_t table;
            Again(LoadSession& to, std::size_t of) : session(to), table(of) {}
            void take(const Row& row) override { kept.push_back({row.key[0].as_integer(), copy(row.values[0])}); }
            Value copy(Value value) {
                if (value.has_text()) value.move_text(arena.copy(value.as_text()));
                return value;
            }
            Arena arena;
            std::vector<std::pair<std::int64_t, Value>> kept;
        };
        const auto session = connection->begin_load({});
        RowQuery query;
        query.table = *connection->schema().find("v");
        query.columns = {1};
        Again again(*session, query.table);
        connection->read_rows(query, again);
        Batch batch(*connection, "v", {"id", "x"});
        for (const auto& [id, value] : again.kept)
            batch.add({n(id), value});
        session->write(batch.rows());
        CHECK(session->finish().tables[query.table].unchanged == 4);
    }
}

}  // namespace dbfixture
