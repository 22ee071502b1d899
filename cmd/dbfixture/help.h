// SPDX-License-Identifier: MIT
// The help texts, made from the table of commands and their options.
#pragma once

#include "commands.h"
#include "report.h"

namespace dbfixture {

void show_short_help(Report& report);                            // commands only, on stderr
void show_help(Report& report);                                  // commands and global options
void show_command_help(Report& report, const Command& command);  // everything about one
void show_version(Report& report);                               // version.cpp

}  // namespace dbfixture
