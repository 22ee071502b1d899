// SPDX-License-Identifier: MIT
#include "dbfixture/inputs.h"

#include <filesystem>
#include <utility>

#include "base/cat.h"
#include "base/text.h"
#include "db/open.h"
#include "fixture/codec/codec.h"
#include "fixture/detect.h"

namespace dbfixture {
namespace {

// A database that is given as a fixture is told so by its first bytes, and not opened: the program may have it open.
std::unique_ptr<ByteSource> open_fixture(const std::string& path, const Format& format, const std::string& stem) {
    if (const std::string what = describe_database_file(path); !what.empty())
        throw Error(ErrorKind::kInput, cat(quote(path, 200), " is ", what, ", not a fixture"));
    std::unique_ptr<ByteSource> source = open_decoded(open_file_source(path));
    const std::string head = peek(source, kTellingSize);
    if (auto error = no_fixture(head, format, stem)) {
        error->where.file = path;
        throw Error(*error);
    }
    return source;
}

}  // namespace

const Format& known_format(std::string_view name) {
    const Format* const format = find_format(to_lower(std::string(name)));
    if (format != nullptr) return *format;
    throw Error(ErrorKind::kUsage, cat("unknown format ", quote(std::string(name))))
        .with_hint(cat("formats are ", quote_list(format_names())));
}

std::vector<FixtureInput> find_inputs(const std::vector<std::string>& names, const FixtureSearch& search) {
    if (names.empty()) throw Error(ErrorKind::kUsage, "no fixture was named");
    std::vector<FixtureInput> inputs;
    for (const std::string& name : names) {
        for (const FoundFixture& found : find_fixture(name, search)) {
            std::string stem = std::filesystem::path(found.path).filename().string();
            stem.resize(std::min(stem.find('.'), stem.size()));
            inputs.push_back(
                {found.path, found.format,
                 [path = found.path, format = found.format, stem] { return open_fixture(path, *format, stem); },
                 found.reopens});
        }
    }
    return inputs;
}

FixtureInput text_input(std::string text, std::string_view format, std::string_view name) {
    return {std::string(name), &known_format(format), [text = std::move(text)] { return open_memory_source(text); }};
}

}  // namespace dbfixture
