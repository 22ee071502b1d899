// SPDX-License-Identifier: MIT
// The fixtures that a command was given, found and ready to be opened.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fixture/find.h"
#include "ops/load.h"
#include "options.h"
#include "session.h"

namespace dbfixture {

// The options of every command that reads fixtures.
struct InputOptions {
    std::string format;
    std::string app;
    std::vector<std::string> fixture_dirs;
    std::string max_size;
};
void add_input_options(CLI::App& app, InputOptions& options);

// One for each file, in the order of `names`; "-" is standard input, which can be read only once.
// Searches with the session's config and alias. What the result opens shows progress in the session's report.
std::vector<FixtureInput> find_inputs(const std::vector<std::string>& names, const InputOptions& options,
                                      Session& session);

}  // namespace dbfixture
