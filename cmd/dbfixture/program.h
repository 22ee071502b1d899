// SPDX-License-Identifier: MIT
// One command, from its words to its exit status: main() runs one, serve as many as it is asked for.
#pragma once

#include <string>
#include <vector>

#include "caller.h"
#include "report.h"

namespace dbfixture {

// Parses, runs, reports what went wrong; throws nothing.
int run_program(const std::vector<std::string>& words, Caller& caller, Report& report);

// Says in the report that nothing could be run, and returns the exit status.
int refuse_program(const Error& error, Report& report);

}  // namespace dbfixture
