// SPDX-License-Identifier: MIT
#include "model/selection.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "model/bookkeeping.h"

using namespace dbfixture;

namespace {

Schema make_schema() {
    Schema schema;
    for (const char* name : {"auth.user", "auth_group", "auth_user", "billing", "billing_invoice", "notes", "notes_fts",
                             "schema_migrations", "user_log"}) {
        Table table;
        table.name = name;
        schema.tables.push_back(table);
    }
    mark_bookkeeping(schema, {});
    Table& group = schema.tables[1];
    group.columns.push_back({"user_id", "INTEGER", ColumnType::kInteger, true, false, std::nullopt});
    group.foreign_keys.push_back({{0}, "auth_user", schema.find("auth_user"), {"id"}, ""});
    return schema;
}

std::vector<std::string> selected(const Schema& schema, const SelectionOptions& options,
                                  std::vector<std::string>* warned = nullptr) {
    std::vector<std::string> warnings;
    std::vector<std::string> names;
    for (const std::size_t i : select_tables(schema, options, warnings))
        names.push_back(schema.tables[i].name);
    if (warned != nullptr) *warned = warnings;
    return names;
}

using Names = std::vector<std::string>;

Error failure(const Schema& schema, const SelectionOptions& options) {
    try {
        selected(schema, options);
    } catch (const Error& error) {
        return error;
    }
    return {ErrorKind::kUsage, "nothing was thrown"};
}

}  // namespace

TEST_CASE("without labels all tables are selected, parents first, but bookkeeping only with all", "[selection]") {
    const Schema schema = make_schema();
    CHECK(selected(schema, {}) == Names{"auth.user", "auth_user", "auth_group", "billing", "billing_invoice", "notes",
                                        "notes_fts", "user_log"});
    SelectionOptions all;
    all.all = true;
    CHECK(selected(schema, all) == Names{"auth.user", "auth_user", "auth_group", "billing", "billing_invoice", "notes",
                                         "notes_fts", "schema_migrations", "user_log"});
}

TEST_CASE("a label is an exact table, then an app, then app.model, then a table in another case", "[selection]") {
    Schema schema = make_schema();
    const auto of = [&](const std::string& label, const Apps& apps = {}) {
        SelectionOptions options;
        options.labels = {label};
        options.apps = apps;
        return selected(schema, options);
    };
    CHECK(of("billing") == Names{"billing"});
    CHECK(of("auth") == Names{"auth_user", "auth_group"});
    CHECK(of("auth.group") == Names{"auth_group"});
    CHECK(of("auth.user") == Names{"auth.user"});
    CHECK(of("auth.User") == Names{"auth_user"});
    CHECK(of("NOTES") == Names{"notes"});
    CHECK(of("schema_migrations") == Names{"schema_migrations"});
    const Apps apps = {{"crm", {"notes", "user_log"}}, {"auth", {"auth_user"}}};
    CHECK(of("crm", apps) == Names{"notes", "user_log"});
    CHECK(of("crm.notes", apps) == Names{"notes"});
    CHECK(of("auth", apps) == Names{"auth_user"});
}

TEST_CASE("app.model is the first table of the app's list that has the model's name, alone or behind the app's",
          "[selection]") {
    Schema schema = make_schema();
    Table table;
    table.name = "group";
    schema.tables.insert(schema.tables.begin() + 5, table);
    SelectionOptions options;
    options.labels = {"auth.group"};
    options.apps = {{"auth", {"auth_group", "group"}}};
    CHECK(selected(schema, options) == Names{"auth_group"});
    options.apps = {{"auth", {"group", "auth_group"}}};
    CHECK(selected(schema, options) == Names{"group"});
}

TEST_CASE("a table that belongs to another is selected by its name alone, and goes with the other", "[selection]") {
    Schema schema = make_schema();
    schema.tables[6].belongs_to = "notes";
    SelectionOptions options;
    CHECK(selected(schema, options) ==
          Names{"auth.user", "auth_user", "auth_group", "billing", "billing_invoice", "notes", "user_log"});
    options.labels = {"notes_fts", "user_log"};
    CHECK(selected(schema, options) == Names{"notes_fts", "user_log"});
    options.exclude = {"notes"};
    CHECK(selected(schema, options) == Names{"user_log"});
}

TEST_CASE("a label with wildcards of any kind is told from a pattern", "[selection]") {
    const Schema schema = make_schema();
    const auto hint = [&](const std::string& label) {
        SelectionOptions options;
        options.labels = {label};
        return failure(schema, options).hint;
    };
    for (const char* label : {"bill*", "bill%"})
        CHECK(hint(label) == "a label is no pattern: name the tables, \"billing\" and \"billing_invoice\"");
    for (const char* label : {"auth_*", "auth_%", "auth.*", "auth*"})
        CHECK(hint(label) == "a label is no pattern: \"auth\" stands for all tables of that app");
    CHECK(hint("x?") == "a label is no pattern: name tables or apps, separated by spaces");
}

TEST_CASE("excluded labels are taken away, and must exist", "[selection]") {
    const Schema schema = make_schema();
    SelectionOptions options;
    options.labels = {"auth", "notes"};
    options.exclude = {"auth.group"};
    CHECK(selected(schema, options) == Names{"auth_user", "notes"});
    options.exclude = {"atuh"};
    const Error error = failure(schema, options);
    CHECK(error.kind == ErrorKind::kNotFound);
    CHECK(format_error(error) == "no table or app is named \"atuh\"\n  hint: did you mean \"auth\"?\n");
}

TEST_CASE("a table of the config that does not exist is named", "[selection]") {
    const Schema schema = make_schema();
    SelectionOptions options;
    options.labels = {"crm"};
    options.apps = {{"crm", {"note"}}};
    CHECK(format_error(failure(schema, options)) ==
          "table \"note\", which the config lists for app \"crm\", does not exist\n  hint: did you mean \"notes\"?\n");
}

TEST_CASE("a table that cannot be opened stops the selection unless it is excluded", "[selection]") {
    Schema schema = make_schema();
    schema.tables[5].unreadable = "no such module: xyz";
    CHECK(format_error(failure(schema, {})) ==
          "table \"notes\" cannot be read\n  detail: no such module: xyz\n  hint: leave it out with --exclude notes\n");
    SelectionOptions options;
    options.exclude = {"notes"};
    CHECK(selected(schema, options) ==
          Names{"auth.user", "auth_user", "auth_group", "billing", "billing_invoice", "notes_fts", "user_log"});
}

TEST_CASE("derived tables are left out, tables that cannot be read back are named", "[selection]") {
    Schema schema = make_schema();
    schema.tables[6].derived = true;
    schema.tables[6].derived_from = "notes";
    schema.tables[8].not_dumpable = "a contentless index cannot be read back";
    std::vector<std::string> warnings;
    CHECK(selected(schema, {}, &warnings) ==
          Names{"auth.user", "auth_user", "auth_group", "billing", "billing_invoice", "notes"});
    CHECK(warnings == Names{"table \"user_log\" is left out: a contentless index cannot be read back"});
    SelectionOptions options;
    options.labels = {"notes_fts"};
    CHECK(selected(schema, options, &warnings).empty());
    CHECK(warnings == Names{"table \"notes_fts\" is left out: it is an index that is rebuilt from table \"notes\""});
    options.labels = {"user_log"};
    CHECK(failure(schema, options).kind == ErrorKind::kFailure);
}
