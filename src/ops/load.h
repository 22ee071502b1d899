// SPDX-License-Identifier: MIT
// loaddata: fixtures into the database, in one transaction (DESIGN 4). Reading and binding run on a second thread, so
// parsing and inserting overlap; rows travel in batches and each carries its origin.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "db/connection.h"
#include "layout/layout_config.h"
#include "model/selection.h"
#include "ops/bind_fixtures.h"

namespace dbfixture {

// --replace: the tables of which the fixtures hold records are emptied first, and these.
struct ReplaceOptions {
    std::vector<std::string> labels;
    bool all = false;  // every table that flush would empty
};

struct LoadRequest {
    std::vector<FixtureInput> fixtures;
    std::vector<std::string> exclude;  // labels whose records are skipped
    Apps apps;
    LayoutConfigs layouts;
    bool ignore_nonexistent = false;  // skip unknown tables and columns, and count them
    bool fire_triggers = false;
    bool allow_orphans = false;
    bool dry_run = false;
    bool drop_triggers = false;  // LoadOptions
    std::optional<ReplaceOptions> replace;
    std::function<void()> before_again{};  // called before the load is begun again
};

struct LoadSummary {
    LoadReport report;
    std::uint64_t records = 0;          // loaded
    std::uint64_t excluded = 0;         // records skipped by `exclude`
    std::uint64_t ignored_records = 0;  // by ignore_nonexistent
    std::uint64_t ignored_fields = 0;
    std::uint64_t fixtures = 0;
    std::vector<std::string> notes;  // what the config says of models that this database does not have
};

// Begins again, from the fixtures, after what passes by itself (tries.h), where all of them can be read again.
LoadSummary load(Connection& connection, const LoadRequest& request);

}  // namespace dbfixture
