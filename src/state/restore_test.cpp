// SPDX-License-Identifier: MIT
#include "state/restore.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/error.h"
#include "base/folder_test.h"
#include "db/open.h"
#include "db/sqlite/test_database_test.h"

using namespace dbfixture;

namespace {

struct Refusal {
    ErrorKind kind = ErrorKind::kUsage;
    std::string text;
};

// What is said to a restore of a snapshot with this manifest, and to its verification.
std::vector<Refusal> refusals(const Manifest& manifest) {
    TestDatabase database;
    database.run("CREATE TABLE t (x)");
    const TestFolder store;
    std::ofstream(store / "s.json") << write_manifest(manifest);
    const StateRequest request{locate(DatabaseUrl(database.path())), store.path(), 0};
    const auto states = open_states(request.database, 0);
    std::vector<Refusal> out;
    const auto add = [&](auto&& action) {
        try {
            action();
        } catch (const Error& error) {
            out.push_back({error.kind, format_error(error)});
        }
    };
    RestoreOptions options;
    options.name = "s";
    options.force = true;
    add([&] { choose_snapshot(request, options); });
    add([&] { verify_snapshot(request, *states, find_store(request, *states), manifest); });
    return out;
}

}  // namespace

TEST_CASE("a state of another engine's, or of a kind that the engine does not have, is refused by name", "[restore]") {
    Manifest manifest;
    manifest.database = "app";
    manifest.created = "2026-01-31T12:00:00.123456Z";
    manifest.file = "s-0123456789abcdef.dbfixture.data";
    for (const StateKind kind : {StateKind::kImage, StateKind::kTemplate, StateKind::kCopy}) {
        manifest.kind = kind;
        manifest.engine = "PostgreSQL 15.2";
        const std::vector<Refusal> found = refusals(manifest);
        REQUIRE(found.size() == 2);
        CHECK(found[0].kind == ErrorKind::kInput);
        CHECK(found[0].text ==
              cat("snapshot \"s\" is of another kind of database\n  detail: It holds a state of kind \"", name_of(kind),
                  "\" of PostgreSQL 15.2, the database is of SQLite.\n  hint: what is saved with --serialized can be "
                  "restored by any engine\n"));
        CHECK(found[1].kind == ErrorKind::kInput);
    }
    manifest.kind = StateKind::kCopy;
    manifest.engine = "SQLite 9";
    CHECK(refusals(manifest).size() == 2);
    manifest.kind = StateKind::kImage;
    for (const std::string engine : {"SQLite 9", "unknown"}) {
        manifest.engine = engine;
        const std::vector<Refusal> found = refusals(manifest);  // the data is missing
        REQUIRE(found.size() == 1);
        CHECK(found[0].text.find("another kind") == std::string::npos);
    }
}
