// SPDX-License-Identifier: MIT
#include "ops/guard.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/folder_test.h"
#include "db/open.h"

using namespace dbfixture;

namespace {

namespace fs = std::filesystem;

GuardRequest request_for(const std::string& database) {
    GuardRequest request;
    request.action = "flush";
    request.database = identify(locate(DatabaseUrl(database)));
    request.loss = [] { return std::string("12 rows of 3 tables"); };
    request.command = "dbfixture flush -d " + database;
    return request;
}

// "" if consent was given.
std::string refusal(const GuardRequest& request) {
    try {
        require_consent(request);
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::kRefused);
        return format_error(error);
    }
    return {};
}

// What the guard says of the name: "" if it is free.
std::string reason(const std::string& path, const std::string& alias = {}) {
    GuardRequest request = request_for(path);
    request.alias = alias;
    request.no_input = true;
    const std::string text = refusal(request);
    if (text.empty()) return {};
    const std::size_t begin = text.find("detail: ") + 8;
    return text.substr(begin, text.find(" This would") - begin);
}

}  // namespace

TEST_CASE("without a terminal the guard wants --no-input", "[guard]") {
    GuardRequest request = request_for("a/shop.db");
    CHECK(refusal(request) ==
          "refused to flush \"a/shop.db\"\n"
          "  detail: There is no terminal to ask on, and that never means yes. This would lose 12 rows of 3 tables.\n"
          "  hint: if you mean it: dbfixture flush -d a/shop.db --no-input\n");
    request.no_input = true;
    CHECK(refusal(request).empty());
    request.no_input = false;
    request.disposable = true;
    CHECK(refusal(request).empty());
}

TEST_CASE("on a terminal the guard asks, and only yes is yes", "[guard]") {
    for (std::string answer : {"yes", "y", "YES", "no", "", "yes please"}) {
        GuardRequest request = request_for("shop.db");
        std::string question;
        request.ask = [&](const std::string& text) {
            question = text;
            return answer;
        };
        const bool agreed = answer == "yes" || answer == "y" || answer == "YES";
        CHECK(refusal(request).empty() == agreed);
        CHECK(question == "About to flush \"shop.db\": 12 rows of 3 tables will be lost. Type yes to go on: ");
    }
}

TEST_CASE("the words prod, production and live guard a database, inside other words they do not", "[guard]") {
    CHECK(reason("x/shop_production.db") == "The name \"shop_production.db\" has the word \"production\".");
    CHECK(reason("LIVE.sqlite3") == "The name \"LIVE.sqlite3\" has the word \"live\".");
    CHECK(reason("my-prod") == "The name \"my-prod\" has the word \"prod\".");
    CHECK(reason("prod2.db") == "The name \"prod2.db\" has the word \"prod\".");
    CHECK(reason("shop.live") == "The name \"shop.live\" has the word \"live\".");
    CHECK(reason("production/db.sqlite3") == "The folder \"production\" has the word \"production\".");
    CHECK(reason("/srv/shop-live/app.db") == "The folder \"shop-live\" has the word \"live\".");
    CHECK(reason("live/../prod/./x/../app.db") == "The folder \"prod\" has the word \"prod\".");
    CHECK(reason("main.db", "prod") == "The alias \"prod\" has the word \"prod\".");
    for (const std::string free :
         {"products.db", "olive.db", "delivery_test.db", "reproduction.db", "alive.db", "livestock/app.db",
          "production/test/app.db", "prod/../app.db", "prodigy.db", "production\xc3\xa9.db", "nonprod.db"}) {
        INFO(free);
        CHECK(reason(free).empty());
    }
}

TEST_CASE("links do not lead around the guard", "[guard]") {
    const TestFolder folder;
    const fs::path root = folder.path();
    for (const char* name : {"production", "data", "live"})
        fs::create_directory(root / name);
    fs::create_symlink("prod.db", root / "data/test.db");            // to a name, which need not exist
    fs::create_symlink(root / "production", root / "data/current");  // a folder
    fs::create_symlink("../live/x.db", root / "data/hop.db");        // by way of a guarded folder
    fs::create_symlink(root / "data/free.db", root / "live/x.db");
    fs::create_symlink("hop.db", root / "data/far.db");
    fs::create_symlink("free.db", root / "data/near.db");
    fs::create_symlink("loop.db", root / "data/loop.db");
    CHECK(reason(root / "data/test.db") == "The name \"prod.db\" has the word \"prod\".");
    CHECK(reason(root / "data/current/app.db") == "The folder \"production\" has the word \"production\".");
    CHECK(reason(root / "data/far.db") == "The folder \"live\" has the word \"live\".");
    CHECK(reason(root / "data/near.db").empty());
    CHECK(reason(root / "data/loop.db").empty());

    GuardRequest request = request_for(root / "data/test.db");
    CHECK(confirmation_name(request) == "prod.db");
    for (const std::string name : {"prod.db", "test.db"}) {
        request.confirm = name;
        CHECK(refusal(request).empty());
    }
    request.confirm = "data/prod.db";
    CHECK(refusal(request).find("--confirm says \"data/prod.db\", the database is \"prod.db\".") != std::string::npos);
}

TEST_CASE("the folder that a relative path begins in counts", "[guard]") {
    const TestFolder folder;
    const fs::path before = fs::current_path();
    fs::create_directory(folder.path() + "/live");
    fs::current_path(folder.path() + "/live");
    const std::string here = reason("app.db");
    const std::string above = reason("../app.db");
    fs::current_path(before);
    CHECK(here == "The folder \"live\" has the word \"live\".");
    CHECK(above.empty());
}

TEST_CASE("a relative path begins in the folder that the shell names, and in the one that it is", "[guard]") {
    const TestFolder folder;
    const fs::path before = fs::current_path();
    const char* const shell = std::getenv("PWD");
    const std::string shell_before = shell == nullptr ? "" : shell;
    fs::create_directories(folder.path() + "/plain");
    fs::create_directory_symlink("plain", folder.path() + "/live");
    fs::current_path(folder.path() + "/plain");
    ::setenv("PWD", (folder.path() + "/live").c_str(), 1);
    const std::string by_link = reason("app.db");
    ::setenv("PWD", "live", 1);
    const std::string relative = reason("app.db");
    ::setenv("PWD", (folder.path() + "/prod").c_str(), 1);
    const std::string elsewhere = reason("app.db");
    ::unsetenv("PWD");
    const std::string without = reason("app.db");
    fs::current_path(before);
    if (shell != nullptr) ::setenv("PWD", shell_before.c_str(), 1);
    CHECK(by_link == "The folder \"live\" has the word \"live\".");
    CHECK(relative.empty());
    CHECK(elsewhere.empty());
    CHECK(without.empty());
}

TEST_CASE("a guarded database wants its name retyped, whatever else was said", "[guard]") {
    GuardRequest request = request_for("x/my-prod");
    request.no_input = true;
    request.disposable = true;
    request.ask = [](const std::string&) { return std::string("yes"); };
    CHECK(refusal(request) ==
          "refused to flush \"x/my-prod\"\n"
          "  detail: The name \"my-prod\" has the word \"prod\". This would lose 12 rows of 3 tables.\n"
          "  hint: if you mean it: dbfixture flush -d x/my-prod --confirm my-prod\n");
    request.confirm = "x/my-prod";
    CHECK_FALSE(refusal(request).empty());
    request.confirm = "my-prod";
    CHECK(refusal(request).empty());
    request.confirm.reset();
    request.is_protected = false;
    CHECK(refusal(request).empty());

    request = request_for("shop.db");
    request.no_input = true;
    request.is_protected = true;
    CHECK(refusal(request).find("The config says protected: true.") != std::string::npos);
    request.confirm = "shop.db";
    CHECK(refusal(request).empty());
}

TEST_CASE("the guard by name alone asks nothing", "[guard]") {
    GuardRequest request = request_for("shop.db");
    request.ask = [](const std::string&) -> std::string { throw Error(ErrorKind::kFailure, "asked"); };
    CHECK_NOTHROW(require_unprotected(request));
    request = request_for("prod.db");
    CHECK_THROWS_AS(require_unprotected(request), Error);
}

TEST_CASE("on a server only a database that is called a test's, or given up, goes without its name", "[guard]") {
    for (const char* const free : {"shop_test", "test_shop", "tests", "Shop-Testing"})
        CHECK(reason(std::string("postgresql://h/") + free).empty());
    CHECK(reason("postgresql://h/shop") ==
          "It is on a server, its name \"shop\" has no word \"test\", and the config does not say disposable: true.");
    CHECK(reason("postgresql://h/contest").find("has no word \"test\"") != std::string::npos);
    CHECK(reason("postgresql://live.example.com/test") == "The host \"live.example.com\" has the word \"live\".");
    GuardRequest request = request_for("postgresql://h/shop");
    request.no_input = true;
    request.says_disposable = true;
    CHECK(refusal(request).empty());
    request.valuable = "It has 1 publication.";
    CHECK(refusal(request).find("It has 1 publication. This would lose") != std::string::npos);
    request.confirm = "shop";
    CHECK(refusal(request).empty());
    request.confirm.reset();
    request.is_protected = false;
    CHECK(refusal(request).empty());
}
