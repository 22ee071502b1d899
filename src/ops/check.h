// SPDX-License-Identifier: MIT
// check: everything that a load would verify, and all problems instead of the first. The database is only read: the
// load happens in a scratch copy, so that the engine itself judges checks, unique values and references.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "db/connection.h"
#include "ops/load.h"

namespace dbfixture {

struct CheckRequest {
    std::vector<FixtureInput> fixtures;
    Apps apps;
    LayoutConfigs layouts;
    std::size_t most_problems = 100;
};

struct CheckReport {
    std::vector<Error> problems;  // the first of them, by fixture and record
    std::uint64_t problem_count = 0;
    std::uint64_t records = 0;
    std::vector<std::string> warnings;
    std::vector<std::string> notes;  // what the config says of models that this database does not have
};

// Without a connection: what the files alone show (syntax, shape, a key twice).
CheckReport check_fixtures(Connection* connection, const CheckRequest& request);

}  // namespace dbfixture
