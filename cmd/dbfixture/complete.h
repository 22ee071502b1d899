// SPDX-License-Identifier: MIT
// What may follow on a command line: `dbfixture __complete WORD...`, which the scripts of completion_scripts.h call.
//
//  1. The words are those behind the program's name up to the cursor, the last of them unfinished, "" if it has not
//     begun. Each line of the answer is what that word may become, a tab and what that is. A line that begins with ":"
//     asks the shell for more: ":files", ":folders", or ":command" where the words behind "--" are another program's.
//  2. Nobody is kept waiting, and nothing is printed besides: a database is only read, one that is locked has no
//     tables, whatever fails leaves its names out, and after a second the process ends in silence.
//  3. A server is asked only where it is near (Engine::is_near), and for 300 ms at most.
#pragma once

#include <string>
#include <vector>

#include "caller.h"
#include "report.h"

namespace dbfixture {

inline constexpr std::string_view kCompleteCommand = "__complete";

// Ends the process, without a word, in so many milliseconds from now.
void end_within(int milliseconds);

void complete(const std::vector<std::string>& words, Caller& caller, Report& report);

}  // namespace dbfixture
