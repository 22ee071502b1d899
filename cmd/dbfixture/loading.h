// SPDX-License-Identifier: MIT
// What loaddata and push share: the options of a load, and what is said of it.
#pragma once

#include <string>
#include <vector>

#include "input.h"
#include "ops/load.h"
#include "options.h"
#include "report.h"

namespace dbfixture {

class Session;

struct LoadingOptions {
    InputOptions input;
    std::vector<std::string> exclude;
    bool ignore_nonexistent = false;
    bool triggers = false;
    bool drop_triggers = false;
    bool allow_orphans = false;
    std::vector<std::string> replace;
};
void add_loading_options(CLI::App& app, LoadingOptions& options);

// Finds the fixtures. Throws kUsage, kNotFound.
LoadRequest make_load_request(const std::vector<std::string>& names, const LoadingOptions& options, Session& session);

// "a,b" and a list of options are one list of labels; "all" is every table.
ReplaceOptions parse_replace(const std::vector<std::string>& values);
// What --replace deletes, which is known only once the fixtures have been read.
std::string describe_replaced(const ReplaceOptions& replace, Session& session);

// load(), with its progress.
LoadSummary load_watched(Connection& connection, const LoadRequest& request, Report& report);

// All tables together.
TableCounts sum(const LoadReport& report);
bool is_empty(const TableCounts& counts);
void print_summary(Report& report, const Schema& schema, const LoadSummary& summary, bool dry_run);

}  // namespace dbfixture
