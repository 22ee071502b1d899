// SPDX-License-Identifier: MIT
// The commands of the program.
//
// To add one: write <name>.cpp with an options struct, a run function and an attach function as dumpdata.cpp has them;
// declare the attach function below; add a row to the table in commands.cpp; add a part to docs/commands.md and
// cases to testdata/cli/<name>. Help, `did you mean`, --json errors, the manual (`make docs`) and completion pick it up; the words
// of its usage line and of its options' values say what completion offers (complete_names.cpp).
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace dbfixture {

class Session;

// Runs a command whose options have been parsed; returns the exit status.
using Action = std::function<int(Session&)>;

struct Command {
    std::string_view name;
    std::string_view arguments;  // for the usage line: "[LABEL...]"
    std::string_view summary;    // one line, lower case, no full stop
    // Adds the options to `app` (options.h) and returns what runs once they are parsed. Only the command that was named
    // is attached.
    Action (*attach)(CLI::App& app);
    bool served = true;  // works within serve
};

std::span<const Command> all_commands();
const Command* find_command(std::string_view name);  // nullptr if there is none
std::vector<std::string> command_names();

Action attach_dumpdata(CLI::App& app);
Action attach_loaddata(CLI::App& app);
Action attach_flush(CLI::App& app);
Action attach_sqlflush(CLI::App& app);
Action attach_snapshot(CLI::App& app);
Action attach_restore(CLI::App& app);
Action attach_snapshots(CLI::App& app);
Action attach_resetsequences(CLI::App& app);
Action attach_sqlsequencereset(CLI::App& app);
Action attach_check(CLI::App& app);
Action attach_convert(CLI::App& app);
Action attach_diff(CLI::App& app);
Action attach_inspect(CLI::App& app);
Action attach_push(CLI::App& app);
Action attach_pop(CLI::App& app);
Action attach_reset(CLI::App& app);
Action attach_layers(CLI::App& app);
Action attach_run(CLI::App& app);
Action attach_serve(CLI::App& app);
Action attach_completion(CLI::App& app);
Action attach_help(CLI::App& app);

}  // namespace dbfixture
