// SPDX-License-Identifier: MIT
// Where a command writes a fixture: a file or standard output, its format and its compression.
#pragma once

#include <memory>
#include <string>

#include "base/io.h"
#include "fixture/format.h"
#include "report.h"

namespace dbfixture {

class Session;

struct FixtureTarget {
    std::string path;  // "" for standard output
    const Format* format = nullptr;
    std::string compression;  // the codec's extension; "" for none
    std::string_view ask_by;  // the option that would say the format, where the name tells an unknown one; else ""
};

// `output`: -o, "" or "-" for standard output. `format`: -f, "" to take it from the file's extension, else `fallback`.
// An extension that tells another format is an error when the target is opened; it names `format_option`.
FixtureTarget choose_target(const std::string& output, const std::string& format, std::string_view fallback,
                            std::string_view format_option);

// "json, jsonl, yaml or xml", as this build knows them.
std::string format_list();

// By name or extension. Throws kUsage with the nearest name.
const Format& require_format(const std::string& name);

// What is never replaced by an output (DESIGN 10): a database (a file that begins as one, the one that is open, the
// files that belong to either, whether they exist or not), the config file, and whatever is in a store of snapshots.
// The paths are compared after all links. `with_database`: the session's database is meant as the one that is open. The
// result is valid while the session lives.
ReplaceCheck protect_files(Session& session, bool with_database);

// Throws kRefused if the target is one of those; for standard output too, which `>>` may have led to a file. To be
// called before a database is opened: a file is read here, and closing one drops this process's locks on it.
void check_target(const FixtureTarget& target, const ReplaceCheck& check);

// Opens the target, compressing and showing progress; what it points to must be finish()ed.
std::unique_ptr<ByteSink> open_target(const FixtureTarget& target, const ReplaceCheck& check, Report& report);

}  // namespace dbfixture
