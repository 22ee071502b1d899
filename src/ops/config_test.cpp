// SPDX-License-Identifier: MIT
#include "ops/config.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <map>

#include "base/error.h"
#include "base/folder_test.h"
#include "db/open.h"
#include "layout/django/config.h"
#include "ops/database_choice.h"

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

std::string moved(std::string_view url, const std::string& folder) {
    return relocate(DatabaseUrl(url), folder).text;
}

}  // namespace

TEST_CASE("every key of the config is read", "[config]") {
    const Config config = parse_config(
        "database: main\n"
        "databases: {main: app.db, other: {url: 'sqlite:///o.db', protected: true, disposable: false}}\n"
        "bookkeeping: [audit_*]\nenv_file: .env\nschemas: [app, public]\n"
        "apps:\n  billing: [invoices, customers]\n"
        "fixture_dirs: [seeds, /abs]\n"
        "store: snaps\nprotected: true\ndisposable: false\nbusy_timeout: 250\n"
        "django:\n  tables: {auth.User: people}\n",
        "conf/dbfixture.yaml");
    CHECK(config.database->url == "main");
    REQUIRE(config.databases.size() == 2);
    CHECK(config.databases.at("main").url == "app.db");
    CHECK(config.databases.at("main").line == 2);
    CHECK_FALSE(config.databases.at("main").rules.is_protected);
    CHECK(config.databases.at("other").url == "sqlite:///o.db");
    CHECK(config.databases.at("other").rules.is_protected == true);
    CHECK(config.databases.at("other").rules.disposable == false);
    CHECK(config.bookkeeping == std::vector<std::string>{"audit_*"});
    CHECK(config.schemas == std::vector<std::string>{"app", "public"});
    CHECK(config.env_file == "conf/.env");
    CHECK(config.apps == Apps{{"billing", {"invoices", "customers"}}});
    CHECK(config.fixture_dirs == std::vector<std::string>{"conf/seeds", "/abs"});
    CHECK(config.store == "conf/snaps");
    CHECK(config.rules.is_protected == true);
    CHECK(config.rules.disposable == false);
    CHECK(config.busy_timeout_ms == 250);
    const auto& django = dynamic_cast<const DjangoConfig&>(*config.layouts.at("django"));
    CHECK(django.tables == std::map<std::string, std::string>{{"auth.user", "people"}});
    CHECK(django.line("tables", "auth.user") == 14);
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
    CHECK(failure("databases: {a: {url: x, protect: true}}\n") ==
          "dbfixture.yaml:1: unknown key \"protect\"\n  hint: did you mean \"protected\"?\n");
    CHECK(failure("databases:\n  a: {disposable: true}\n") == "dbfixture.yaml:2: \"a\" has no \"url\"\n");
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
    CHECK(moved("a.db", "x/y") == "x/y/a.db");
    CHECK(moved("/a.db", "x") == "/a.db");
    CHECK(moved("sqlite:a.db", "x") == "sqlite:x/a.db");
    CHECK(moved("sqlite3:/a.db", "x") == "sqlite3:/a.db");
    CHECK(moved("sqlite:///a.db", "x") == "sqlite:x/a.db");
    CHECK(moved("sqlite+aiosqlite:///a.db", "x") == "sqlite:x/a.db");
    CHECK(moved("jdbc:sqlite:a.db", "x") == "sqlite:x/a.db");
    CHECK(moved("jdbc:sqlite:/a.db", "x") == "jdbc:sqlite:/a.db");
    CHECK(moved("sqlite:///a.db?mode=rwc", "x") == "sqlite:x/a.db?mode=rwc");
    CHECK(moved("sqlite:////a.db", "x") == "sqlite:////a.db");
    CHECK(moved("sqlite://a.db", "x") == "sqlite:x/a.db");
    CHECK(moved("sqlite://:memory:", "x") == "sqlite://:memory:");
    CHECK_THROWS_AS(moved("sqlite:///etc", "/"), Error);
    CHECK(moved("file:a.db?mode=ro", "x") == "file:x/a.db?mode=ro");
    CHECK(moved("file:a.db", "50%?#") == "file:50%25%3f%23/a.db");
    CHECK(moved("file::memory:", "x") == "file::memory:");
    CHECK(moved(":memory:", "x") == ":memory:");
    CHECK(moved("postgres://u@h/d", "x") == "postgres://u@h/d");
}

TEST_CASE("a config's folder is a folder, also where its name begins as a URL", "[config]") {
    CHECK(moved("a.db", "file:d") == "./file:d/a.db");
    CHECK(moved("a.db", "postgres:d") == "./postgres:d/a.db");
    CHECK(moved("a.db", "/x/file:d") == "/x/file:d/a.db");
    CHECK(moved("sqlite:a.db", "file:d") == "sqlite:./file:d/a.db");
    CHECK(moved("sqlite:///a.db", "file:d") == "sqlite:./file:d/a.db");
    CHECK(moved("file:a.db", "file:d") == "file:./file:d/a.db");
}

TEST_CASE("the database is chosen by option or variable, then config, then DATABASE_URL", "[config]") {
    const Config config = parse_config("database: other\ndatabases: {other: o.db, default: d.db}\n", "dbfixture.yaml");
    const auto chosen = [](const Config& from, const std::optional<std::string>& named,
                           const std::optional<std::string>& fallback) {
        const DatabaseChoice choice = choose_database(from, named, fallback, {});
        return choice.url.text + " as " + choice.alias;
    };
    CHECK(chosen(config, "x.db", "env.db") == "x.db as default");
    CHECK(chosen(config, "default", "env.db") == "d.db as default");
    CHECK(chosen(config, std::nullopt, "env.db") == "o.db as other");
    CHECK(chosen(parse_config("databases: {default: d.db}", "c"), std::nullopt, "env.db") == "d.db as default");
    CHECK(chosen(Config(), std::nullopt, "env.db") == "env.db as default");
    CHECK_THROWS_AS(choose_database(Config(), std::nullopt, std::nullopt, {}), Error);
}

TEST_CASE("variables in the config's databases come from the environment, when that database is used", "[config]") {
    const Config config = parse_config(
        "database: '${DIR}/${NAME}.db'\ndatabases:\n  other: ${NOT_SET}\n  cash: a$b.db\n", "conf/dbfixture.yaml");
    const Environment environment = [](const std::string& name) -> std::optional<std::string> {
        if (name == "DIR") return "data";
        if (name == "NAME") return "shop";
        return std::nullopt;
    };
    const auto chosen = [&](const std::optional<std::string>& named) {
        try {
            return choose_database(config, named, std::nullopt, environment).url.text;
        } catch (const Error& error) {
            return format_error(error);
        }
    };
    CHECK(chosen(std::nullopt) == "conf/data/shop.db");
    CHECK(chosen("cash") == "conf/a$b.db");
    CHECK(chosen("${DIR}") == "${DIR}");
    CHECK(chosen("other") ==
          "conf/dbfixture.yaml:3: the environment variable \"NOT_SET\" is not set\n"
          "  hint: set it, or name the database with -d\n");
}

TEST_CASE("what the config says of a database holds for that one", "[config]") {
    const auto rules = [](const std::string& text, const std::string& named) {
        const Config config = parse_config(text, "dbfixture.yaml");
        const DatabaseRules out = rules_of(config, choose_database(config, named, std::nullopt, {}), {});
        const auto word = [](std::optional<bool> value) { return !value ? "-" : *value ? "yes" : "no"; };
        return std::string(word(out.is_protected)) + " " + word(out.disposable);
    };
    CHECK(rules("", "a.db") == "- -");
    // At the top: of the config's own database, or of any where it names none.
    CHECK(rules("protected: false\ndisposable: true", "a.db") == "no yes");
    CHECK(rules("database: a.db\nprotected: false\ndisposable: true", "sqlite:./a.db") == "no yes");
    CHECK(rules("database: a.db\nprotected: false\ndisposable: true", "b.db") == "- -");
    CHECK(rules("databases: {default: a.db, x: b.db}\nprotected: false", "x") == "- -");
    CHECK(rules("databases: {main: a.db, x: b.db}\nprotected: false", "b.db") == "no -");
    CHECK(rules("databases: {main: a.db, x: b.db}\nprotected: false", "c.db") == "- -");
    // To be careful holds for all.
    CHECK(rules("database: a.db\nprotected: true", "b.db") == "yes -");
    // Under an alias: of its file, however that is named.
    const std::string aliases =
        "databases:\n  x: {url: a.db, protected: true, disposable: false}\n  y: {url: b.db, protected: false}\n"
        "protected: true\ndisposable: true\n";
    CHECK(rules(aliases, "x") == "yes no");
    CHECK(rules(aliases, "./a.db") == "yes no");
    CHECK(rules(aliases, "y") == "no yes");
    CHECK(rules(aliases, "b.db") == "no yes");
    CHECK(rules(aliases, "c.db") == "yes -");
}

TEST_CASE("an env file is lines of NAME=VALUE", "[config]") {
    const TestFolder folder;
    const std::string file = folder.path() + "/.env";
    std::ofstream(file)
        << "# comment\n\nA=1\nexport B = two words # comment\r\nC='it # is'\nD=\"a\\n\\\"b\"  # c\nE=\nF=x#y\n";
    CHECK(read_env_file(file) ==
          std::map<std::string, std::string>{
              {"A", "1"}, {"B", "two words"}, {"C", "it # is"}, {"D", "a\n\"b"}, {"E", ""}, {"F", "x#y"}});
    const auto failure_of = [&](const std::string& text) {
        std::ofstream(file) << text;
        try {
            read_env_file(file);
        } catch (const Error& error) {
            return format_error(error).substr(file.size());
        }
        return std::string("nothing was thrown");
    };
    CHECK(failure_of("A=1\nB\n") == ":2: a line of an env file is NAME=VALUE\n");
    CHECK(failure_of("=1\n") == ":1: a line of an env file is NAME=VALUE\n");
    CHECK(failure_of("A=\"b\n") == ":1: the value of \"A\" has a quote that is not closed\n");
    CHECK(failure_of("A='b' c\n") == ":1: the value of \"A\" has a quote that is not closed\n");
}
