// SPDX-License-Identifier: MIT
// From argv to a command that can run. CLI11 sees one flat list of options, the command's and the global ones, so that
// a global option may stand before or after the command; the command word is found here. Only the named command is
// built: start-up is part of what users wait for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "commands.h"
#include "options.h"

namespace dbfixture {

struct CommandLine {
    const Command* command = nullptr;  // nullptr when none is named
    std::vector<std::string> words;    // the others, in order
};

// Throws kUsage for an unknown command, or an unknown option before it.
CommandLine split_command_line(std::vector<std::string> words);

struct ParsedCommand {
    GlobalOptions global;
    Action action;                       // empty when no command is named
    std::vector<std::string> arguments;  // what is not an option
};

// Fills `out`, which must stay where it is while its action lives. Throws kUsage; `out.global` then holds what was read
// so far.
void parse_command(const CommandLine& line, ParsedCommand& out);

// For help and for tests of the documentation.
struct OptionInfo {
    std::string names;  // "-o, --output"
    std::string value;  // "FILE"; "" for a flag
    std::string help;
    bool global = false;
};
struct CommandInfo {
    std::vector<OptionInfo> options;
    std::string text;  // what stands below the options
};
CommandInfo describe_command(const Command& command);
std::vector<OptionInfo> describe_global_options();

}  // namespace dbfixture
