// SPDX-License-Identifier: MIT
#include "commands.h"

#include <algorithm>
#include <array>

namespace dbfixture {
namespace {

// In the order of the help.
constexpr std::array kCommands = {
    Command{"dumpdata", "[LABEL...]", "write tables to a fixture, on stdout or in a file", attach_dumpdata},
    Command{"loaddata", "FIXTURE...", "load fixtures into the database, in one transaction", attach_loaddata},
    Command{"flush", "[LABEL...]", "delete all rows and keep the schema", attach_flush},
    Command{"snapshot", "[NAME]", "save the whole state of the database", attach_snapshot},
    Command{"restore", "[NAME]", "put the database back to a snapshot, in place", attach_restore},
    Command{"snapshots", "[list|show|delete|rename|verify] [NAME...]", "manage snapshots", attach_snapshots},
    Command{"run", "-- CMD [ARG...]", "run a command, then put the database back", attach_run, false},
    Command{"push", "LAYER [FIXTURE...]", "open a layer: remember the state, then load fixtures", attach_push},
    Command{"reset", "", "put the database back to the top layer, between two tests", attach_reset},
    Command{"pop", "[LAYER]", "put the database back to before a layer, and close it", attach_pop},
    Command{"layers", "", "list the open layers", attach_layers},
    Command{"serve", "", "run commands from standard input, in one process", attach_serve, false},
    Command{"resetsequences", "[LABEL...]", "make each sequence continue after the largest key", attach_resetsequences},
    Command{"sqlflush", "[LABEL...]", "print the SQL that flush would run", attach_sqlflush},
    Command{"sqlsequencereset", "[LABEL...]", "print the SQL that resetsequences would run", attach_sqlsequencereset},
    Command{"check", "FIXTURE...", "list every problem that loading would meet, without writing", attach_check},
    Command{"diff", "A [B]", "show what differs between two states, row by row", attach_diff},
    Command{"convert", "IN OUT", "write a fixture in another format, without a database", attach_convert},
    Command{"inspect", "[LABEL...]", "show tables, labels, keys, row counts and load order", attach_inspect},
    Command{"completion", "bash|zsh|fish", "print a script that completes command lines in a shell", attach_completion,
            false},
    Command{"help", "[COMMAND]", "show the commands, or the options of one", attach_help},
};

}  // namespace

std::span<const Command> all_commands() {
    return kCommands;
}

const Command* find_command(std::string_view name) {
    const auto found =
        std::find_if(kCommands.begin(), kCommands.end(), [&](const Command& c) { return c.name == name; });
    return found == kCommands.end() ? nullptr : &*found;
}

std::vector<std::string> command_names() {
    std::vector<std::string> names;
    names.reserve(kCommands.size());
    for (const Command& command : kCommands)
        names.emplace_back(command.name);
    return names;
}

}  // namespace dbfixture
