// SPDX-License-Identifier: MIT
#include "model/schema.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <tuple>

using namespace dbfixture;

namespace {

Schema schema_of(std::vector<std::pair<std::string, std::string>> names, NameRule tables, NameRule columns,
                 std::string default_schema = "public") {
    std::sort(names.begin(), names.end());
    Schema schema;
    schema.table_rule = tables;
    schema.column_rule = columns;
    schema.default_schema = std::move(default_schema);
    for (auto& [of, name] : names) {
        Table& table = schema.tables.emplace_back();
        table.schema = of;
        table.name = name;
        for (const char* const column : {"Id", "id", "Word"})
            table.columns.emplace_back().name = column;
    }
    settle_names(schema);
    return schema;
}

// "schema|name" of what a label means.
std::string found(const Schema& schema, std::string_view label) {
    const auto table = schema.find(label);
    return table ? schema.tables[*table].schema + "|" + schema.tables[*table].name : "nothing";
}

}  // namespace

TEST_CASE("a label is a name, a schema and a name, or both in quotes", "[schema]") {
    const Schema schema =
        schema_of({{"", "users"}, {"", "a.b"}, {"a", "b"}, {"app", "users"}, {"Odd.One", "x"}, {"app", "q\"t"}},
                  NameRule::kExact, NameRule::kExact);
    CHECK(found(schema, "users") == "|users");
    CHECK(found(schema, "public.users") == "|users");
    CHECK(found(schema, "\"public\".\"users\"") == "|users");
    CHECK(found(schema, "app.users") == "app|users");
    CHECK(found(schema, "\"app\".users") == "app|users");
    CHECK(found(schema, "\"Odd.One\".x") == "Odd.One|x");
    CHECK(found(schema, "Odd.One.x") == "nothing");
    CHECK(found(schema, "app.\"q\"\"t\"") == "app|q\"t");
    CHECK(found(schema, "a.b") == "|a.b");  // the exact name of a table wins
    CHECK(found(schema, "\"a\".\"b\"") == "a|b");
    CHECK(found(schema, "users.app") == "nothing");
    CHECK(found(schema, "other.users") == "nothing");
    for (const char* broken : {"", ".", "app.", ".users", "\"app", "\"app\"users", "\"app\".", "a.b.c"}) {
        INFO(broken);
        CHECK(found(schema, broken) == "nothing");
    }
}

TEST_CASE("each table has a label that finds it and no other", "[schema]") {
    const Schema schema = schema_of({{"", "users"},
                                     {"", "a.b"},
                                     {"", "A.c"},
                                     {"a", "b"},
                                     {"a", "c"},
                                     {"a", "users"},
                                     {"Odd.One", "x"},
                                     {"o\"o", "x.y"},
                                     {"public2", ""}},
                                    NameRule::kIgnoresCase, NameRule::kExact);
    CHECK(schema.labels() == std::vector<std::string>{"A.c", "a.b", "users", "\"Odd.One\".\"x\"", "\"a\".\"b\"",
                                                      "\"a\".\"c\"", "a.users", "\"o\"\"o\".\"x.y\"",
                                                      "\"public2\".\"\""});
    for (std::size_t i = 0; i < schema.tables.size(); ++i) {
        INFO(schema.tables[i].label());
        CHECK(schema.find(schema.tables[i].label()) == i);
        CHECK(schema.find_exact(schema.tables[i].label()) == i);
        CHECK(schema.find_exact(schema.tables[i].schema, schema.tables[i].name) == i);
    }
}

TEST_CASE("where an engine has no schemas, a dot belongs to the name", "[schema]") {
    const Schema schema =
        schema_of({{"", "main.users"}, {"", "users"}}, NameRule::kIgnoresCase, NameRule::kIgnoresCase, "");
    CHECK(found(schema, "main.users") == "|main.users");
    CHECK(found(schema, "MAIN.Users") == "|main.users");
    CHECK(found(schema, ".users") == "nothing");
    CHECK(found(schema, "\"users\"") == "nothing");
}

TEST_CASE("names are compared as the engine compares them, the exact one first", "[schema]") {
    const std::vector<std::pair<std::string, std::string>> names = {{"", "Users"}, {"", "users"}, {"", "Notes"}};
    for (const NameRule rule : {NameRule::kExact, NameRule::kIgnoresCase}) {
        const bool exact = rule == NameRule::kExact;
        const Schema schema = schema_of(names, rule, rule);
        const TableFinder finder(schema);
        for (const auto& [label, expected] :
             std::vector<std::pair<std::string, std::string>>{{"Users", "|Users"},
                                                              {"users", "|users"},
                                                              {"USERS", exact ? "nothing" : "|Users"},
                                                              {"notes", exact ? "nothing" : "|Notes"},
                                                              {"note", "nothing"}}) {
            INFO(label << (exact ? " exactly" : " in any case"));
            CHECK(found(schema, label) == expected);
            CHECK(finder.find(label) == schema.find(label));
        }
        const Table& table = schema.tables[0];
        CHECK(table.find_column("id") == std::optional<std::size_t>(1));
        CHECK(table.find_column("Id") == std::optional<std::size_t>(0));
        CHECK(table.find_column("ID") == (exact ? std::nullopt : std::optional<std::size_t>(0)));
        CHECK(table.find_column("word") == (exact ? std::nullopt : std::optional<std::size_t>(2)));
    }
}

TEST_CASE("tables and columns may follow different rules", "[schema]") {
    const Schema schema = schema_of({{"", "Users"}}, NameRule::kExact, NameRule::kIgnoresCase);
    CHECK(found(schema, "users") == "nothing");
    CHECK(schema.tables[0].find_column("WORD") == std::optional<std::size_t>(2));
}
