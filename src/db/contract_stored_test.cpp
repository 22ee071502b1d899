// SPDX-License-Identifier: MIT
// What Connection::make_stored() says without writing is what a load has the columns hold.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "db/contract_engine_test.h"
#include "model/copy_value.h"

namespace dbfixture {
namespace {

class FirstRow final : public RowSink {
  public:
    void take(const Row& row) override {
        for (const Value& value : row.values)
            values.push_back(copy_value(value, arena));
    }
    std::vector<Value> values;

  private:
    Arena arena;
};

// The values of the table's row, columns in order, without its key.
std::string stored(Connection& connection, std::size_t table) {
    FirstRow row;
    RowQuery query;
    query.table = table;
    for (std::size_t column = 1; column < connection.schema().tables[table].columns.size(); ++column)
        query.columns.push_back(column);
    connection.read_rows(query, row);
    std::string out;
    for (const Value& value : row.values)
        append(out, cat(kind_name(value.kind()), " ", describe(value), "\n"));
    return out;
}

std::string made(Connection& connection, std::size_t table, std::vector<Value> values) {
    Arena arena;
    std::vector<std::uint16_t> columns;
    for (std::size_t i = 0; i < values.size(); ++i)
        columns.push_back(static_cast<std::uint16_t>(i + 1));
    connection.make_stored(table, columns, values, arena);
    std::string out;
    for (const Value& value : values)
        append(out, cat(kind_name(value.kind()), " ", describe(value), "\n"));
    return out;
}

struct Column {
    std::string type;
    std::vector<Value> values;  // that it takes
};

void check_columns(const ContractEngine& engine, const std::vector<Column>& columns) {
    for (const Column& column : columns) {
        for (const Value& value : column.values) {
            INFO(engine.name << ": " << column.type << " takes " << describe(value));
            const Bench bench(engine, cat("CREATE TABLE v (id INTEGER PRIMARY KEY, x ", column.type, ")"));
            const auto connection = bench.open();
            const std::size_t table = *connection->schema().find("v");
            const std::string without_writing = made(*connection, table, {value});
            CHECK(stored(*connection, table).empty());
            CHECK(contract_load(*connection, {{"v", {{"id", n(1)}, {"x", value}}}}) == "ok");
            CHECK(without_writing == stored(*connection, table));
        }
    }
}

}  // namespace

TEST_CASE("contract: what columns would make of values is known without writing", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        std::vector<Value> reals = {Value::real(0.1), Value::real(2)};
        if (engine.has_negative_zero) reals.push_back(Value::real(-0.0));
        check_columns(engine, {{"INTEGER", {n(5), Value::null()}},
                               {std::string(engine.real), reals},
                               {std::string(engine.blob), {Value::bytes(std::string_view("\0a", 2))}},
                               {"TEXT", {t(""), t("1.0"), t("ä ")}},
                               {"CHAR(4)", {t("ab"), t("abcd")}},
                               {std::string(engine.boolean), {Value::boolean(true), Value::boolean(false)}},
                               {std::string(engine.decimal), {Value::decimal("1.5"), Value::decimal("-20")}},
                               {"DATE", {t("2024-02-29")}}});
    }
}

TEST_CASE("contract: values of many rows are made at once, each as it would be alone", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, cat("CREATE TABLE v (id INTEGER PRIMARY KEY, x ", engine.decimal, ", y TEXT)"));
        const auto connection = bench.open();
        const std::size_t table = *connection->schema().find("v");
        Arena arena;
        std::vector<Value> many;
        const std::vector<std::uint16_t> columns = {1, 2};
        for (int i = 0; i < 300; ++i) {
            many.push_back(i % 7 == 0 ? Value::null() : Value::decimal(arena.copy(cat(i, ".5"))));
            many.push_back(t("x"));
        }
        std::string alone, together;
        for (std::size_t i = 0; i < many.size(); i += 2)
            alone += made(*connection, table, {many[i], many[i + 1]});
        connection->make_stored(table, columns, many, arena);
        for (const Value& value : many)
            append(together, cat(kind_name(value.kind()), " ", describe(value), "\n"));
        CHECK(together == alone);
    }
}

}  // namespace dbfixture
