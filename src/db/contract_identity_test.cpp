// SPDX-License-Identifier: MIT
// What every engine must say of which database a URL means (DESIGN 14), without connecting to it.
#include <algorithm>
#include <catch2/catch.hpp>

#include "db/contract_engine_test.h"
#include "db/engine.h"
#include "db/open.h"

namespace dbfixture {
namespace {

DatabaseIdentity identity_of(const std::string& url) {
    return identify(locate(DatabaseUrl(url)));
}

bool has_name(const DatabaseIdentity& identity, const std::string& text) {
    return std::ranges::any_of(identity.names, [&](const DatabaseName& name) { return name.text == text; });
}

}  // namespace

TEST_CASE("contract: all URLs of one database have one identity, and another database has another", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "CREATE TABLE t (x INTEGER PRIMARY KEY)"), other(engine, "");
        const DatabaseIdentity identity = identity_of(bench.database->url());
        REQUIRE_FALSE(identity.id.empty());
        for (const std::string& url : bench.database->other_urls()) {
            INFO(url);
            const DatabaseIdentity same = identity_of(url);
            CHECK(same.id == identity.id);
            CHECK(same.name == identity.name);
            CHECK(same.file == identity.file);
            CHECK(has_name(same, identity.name));
            CHECK(has_name(same, same.given_name));
            CHECK(open_database(DatabaseUrl(url), {})->schema().find("t").has_value());
        }
        CHECK(identity_of(other.database->url()).id != identity.id);
        bench.database->replace();
        const DatabaseIdentity replaced = identity_of(bench.database->url());
        CHECK((replaced.id != identity.id) == engine.tells_replaced);
        CHECK(replaced.name == identity.name);
    }
}

TEST_CASE("contract: a connection is called what its location is", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "");
        const Location location = locate(DatabaseUrl(bench.database->url()));
        CHECK(engine.name.starts_with(location.engine->name));
        CHECK_FALSE(location.shown.empty());
        CHECK(identify(location).shown == location.shown);
        CHECK(bench.open()->name() == location.shown);
        CHECK(bench.open()->scratch_copy()->name() == location.shown);
    }
}

TEST_CASE("contract: what an engine keeps in files is told from any other file, whatever the names", "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "CREATE TABLE t (x INTEGER PRIMARY KEY)");
        const Location location = locate(DatabaseUrl(bench.database->url()));
        const std::vector<std::string> files = files_of(location);
        CHECK(files.empty() == location.file.empty());
        if (location.file.empty()) continue;
        CHECK(files.front() == location.file);
        CHECK(std::ranges::find(files, identify(location).file) != files.end());
        CHECK(describe_database_file(location.file) == "a database");
    }
}

TEST_CASE("contract: URLs of an engine keep their meaning from another folder, where they are not absolute",
          "[contract]") {
    for (const ContractEngine& engine : contract_engines()) {
        INFO(engine.name);
        const Bench bench(engine, "");
        std::vector<std::string> urls = bench.database->other_urls();
        urls.push_back(bench.database->url());
        for (const std::string& url : urls) {
            INFO(url);
            CHECK(identity_of(relocate(DatabaseUrl(url), "elsewhere").text).id == identity_of(url).id);
        }
    }
}

}  // namespace dbfixture
