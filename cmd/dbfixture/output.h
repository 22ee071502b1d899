// SPDX-License-Identifier: MIT
// Where a command writes a fixture: a file or standard output, its format and its compression.
#pragma once

#include <memory>
#include <string>

#include "base/io.h"
#include "fixture/format.h"
#include "report.h"

namespace dbfixture {

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

// "fixtures/a.json.gz" -> "json" and "gz"; each "" if the name does not say. Lower case.
struct FixtureExtensions {
    std::string format;
    std::string compression;
};
FixtureExtensions extensions_of(const std::string& path);

// Opens the target, compressing and showing progress; what it points to must be finish()ed.
std::unique_ptr<ByteSink> open_target(const FixtureTarget& target, Report& report);

}  // namespace dbfixture
