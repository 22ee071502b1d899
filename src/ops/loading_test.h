// SPDX-License-Identifier: MIT
// For tests of what a load does: JSON texts into a database, and what came of it as one text.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "db/open.h"
#include "db/sqlite/test_database_test.h"
#include "ops/load.h"

namespace dbfixture {

// The fixtures are called f1.json, f2.json ...
inline LoadRequest request_for(const std::vector<std::string>& fixtures) {
    LoadRequest request;
    for (const std::string& text : fixtures) {
        const std::string name = cat("f", request.fixtures.size() + 1, ".json");
        request.fixtures.push_back({name, find_format("json"), [text] { return open_memory_source(text); }});
    }
    return request;
}

// "inserted/updated/unchanged", summed over all tables, then each warning on a line.
inline std::string load_into(TestDatabase& database, const LoadRequest& request) {
    const auto connection = open_database(DatabaseUrl(database.path()), {OpenMode::kReadWrite, 200});
    const LoadSummary summary = load(*connection, request);
    TableCounts sum;
    for (const TableCounts& counts : summary.report.tables) {
        sum.inserted += counts.inserted;
        sum.updated += counts.updated;
        sum.unchanged += counts.unchanged;
    }
    std::string out = cat(sum.inserted, "/", sum.updated, "/", sum.unchanged);
    for (const std::string& warning : summary.report.warnings)
        append(out, cat("\n", warning));
    return out;
}

inline std::string load_into(TestDatabase& database, const std::string& fixture) {
    return load_into(database, request_for({fixture}));
}

// The error as it is printed; the database must be as before.
inline std::string failure(TestDatabase& database, const LoadRequest& request) {
    const std::string before = database.content();
    std::string text = "no error";
    try {
        load_into(database, request);
    } catch (const Error& error) {
        text = cat(static_cast<int>(error.kind), " ", format_error(error));
    }
    CHECK(database.content() == before);
    return text;
}

inline std::string failure(TestDatabase& database, const std::string& fixture) {
    return failure(database, request_for({fixture}));
}

}  // namespace dbfixture
