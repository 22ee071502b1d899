// SPDX-License-Identifier: MIT
#include "ops/config.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "layout/django/config.h"

using namespace dbfixture;

namespace {

std::string failure(const std::string& text, const std::string& path = "dbfixture.yaml") {
    try {
        parse_config(text, path);
    } catch (const Error& error) {
        return format_error(error);
    }
    return "nothing was thrown";
}

}  // namespace

TEST_CASE("every key of the config is read", "[config]") {
    const Config config = parse_config(
        "database: main\n"
        "databases: {main: app.db, other: 'sqlite:///o.db'}\n"
        "apps:\n  billing: [invoices, customers]\n"
        "fixture_dirs: [seeds, /abs]\n"
        "store: snaps\nprotected: true\ndisposable: false\nbusy_timeout: 250\n"
        "django:\n  tables: {auth.User: people}\n",
        "conf/dbfixture.yaml");
    CHECK(config.database == "main");
    CHECK(config.databases ==
          std::map<std::string, std::string>{{"main", "conf/app.db"}, {"other", "sqlite:conf/o.db"}});
    CHECK(config.apps == Apps{{"billing", {"invoices", "customers"}}});
    CHECK(config.fixture_dirs == std::vector<std::string>{"conf/seeds", "/abs"});
    CHECK(config.store == "conf/snaps");
    CHECK(config.is_protected);
    CHECK_FALSE(config.disposable);
    CHECK(config.busy_timeout_ms == 250);
    const auto& django = dynamic_cast<const DjangoConfig&>(*config.layouts.at("django"));
    CHECK(django.tables == std::map<std::string, std::string>{{"auth.user", "people"}});
    CHECK(django.lines.at("auth.user") == 11);
}

TEST_CASE("an empty config file says nothing", "[config]") {
    const Config config = parse_config("# nothing yet\n", "dbfixture.yaml");
    CHECK(config.file == "dbfixture.yaml");
    CHECK_FALSE(config.database);
    CHECK(config.databases.empty());
}

TEST_CASE("a mistake in the config is shown with its line", "[config]") {
    CHECK(failure("store: x\ndatbase: y\n") ==
          "dbfixture.yaml:2: unknown key \"datbase\"\n  hint: did you mean \"database\"?\n");
    CHECK(failure("store: x\nstore: y\n") == "dbfixture.yaml:2: key \"store\" is given twice\n");
    CHECK(failure("protected: 'true'\n") == "dbfixture.yaml:1: \"protected\" must be true or false\n");
    CHECK(failure("protected: yes\n") == "dbfixture.yaml:1: \"protected\" must be true or false\n");
    CHECK(failure("busy_timeout: 5s\n") ==
          "dbfixture.yaml:1: \"busy_timeout\" is a number of milliseconds, not \"5s\"\n");
    CHECK(failure("\napps: [a]\n") == "dbfixture.yaml:2: \"apps\" must be a map from label to list of tables\n");
    CHECK(failure("apps: {a: [[]]}\n") == "dbfixture.yaml:1: \"a\" must be a text that is not empty\n");
    CHECK(failure("- a\n") == "dbfixture.yaml:1: the config file must be a map\n");
    CHECK(failure("a: [\n").rfind("dbfixture.yaml:2: not valid YAML: ", 0) == 0);
    CHECK(failure("store: a\n---\nstore: b\n") == "dbfixture.yaml: the file has more than one YAML document\n");
}

TEST_CASE("aliases in a config cannot grow without bound", "[config]") {
    std::string bomb = "django:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        const std::string before = std::to_string(i - 1);
        bomb += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 10; ++j)
            bomb += (j > 0 ? ", *a" : "*a") + before;
        bomb += "]\n";
    }
    CHECK(failure(bomb).find("the file is too large: more than 100000 values") != std::string::npos);
}

TEST_CASE("a database in the config is relative to the config's folder", "[config]") {
    CHECK(relocate_database("a.db", "x/y") == "x/y/a.db");
    CHECK(relocate_database("/a.db", "x") == "/a.db");
    CHECK(relocate_database("sqlite:a.db", "x") == "sqlite:x/a.db");
    CHECK(relocate_database("sqlite3:/a.db", "x") == "sqlite3:/a.db");
    CHECK(relocate_database("sqlite:///a.db", "x") == "sqlite:x/a.db");
    CHECK(relocate_database("sqlite:////a.db", "x") == "sqlite:////a.db");
    CHECK(relocate_database("sqlite://a.db", "x") == "sqlite:x/a.db");
    CHECK(relocate_database("sqlite://:memory:", "x") == "sqlite://:memory:");
    CHECK_THROWS_AS(relocate_database("sqlite:///etc", "/"), Error);
    CHECK(relocate_database("file:a.db?mode=ro", "x") == "file:x/a.db?mode=ro");
    CHECK(relocate_database("file::memory:", "x") == "file::memory:");
    CHECK(relocate_database(":memory:", "x") == ":memory:");
    CHECK(relocate_database("postgres://u@h/d", "x") == "postgres://u@h/d");
}

TEST_CASE("the database is chosen by option or variable, then config, then DATABASE_URL", "[config]") {
    const Config config = parse_config("database: other\ndatabases: {other: o.db, default: d.db}\n", "dbfixture.yaml");
    const auto chosen = [](const Config& from, const std::optional<std::string>& named,
                           const std::optional<std::string>& fallback) {
        const DatabaseChoice choice = choose_database(from, named, fallback);
        return choice.url + " as " + choice.alias;
    };
    CHECK(chosen(config, "x.db", "env.db") == "x.db as default");
    CHECK(chosen(config, "default", "env.db") == "d.db as default");
    CHECK(chosen(config, std::nullopt, "env.db") == "o.db as other");
    CHECK(chosen(parse_config("databases: {default: d.db}", "c"), std::nullopt, "env.db") == "d.db as default");
    CHECK(chosen(Config(), std::nullopt, "env.db") == "env.db as default");
    CHECK_THROWS_AS(choose_database(Config(), std::nullopt, std::nullopt), Error);
}
