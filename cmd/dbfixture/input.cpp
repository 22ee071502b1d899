// SPDX-License-Identifier: MIT
#include "input.h"

#include <unistd.h>

#include <charconv>
#include <utility>

#include "base/cat.h"
#include "base/text.h"
#include "fixture/codec/codec.h"
#include "output.h"
#include "progress.h"

namespace dbfixture {
namespace {

// "100", "64M", "2G": bytes.
std::uint64_t parse_size(const std::string& text) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, number);
    static constexpr std::string_view kUnits = "KMGT";
    unsigned shift = 0;
    if (problem == std::errc() && rest + 1 == end) {
        const std::size_t unit = kUnits.find(*rest >= 'a' ? static_cast<char>(*rest - 32) : *rest);
        if (unit != std::string_view::npos) shift = static_cast<unsigned>(unit + 1) * 10;
    }
    const bool whole = problem == std::errc() && rest + (shift > 0 ? 1 : 0) == end;
    if (!whole || number == 0 || number > (UINT64_MAX >> shift)) {
        throw Error(ErrorKind::kUsage,
                    cat("option \"--max-size\" takes a number of bytes like 500M or 16G, not ", quote(text)));
    }
    return number << shift;
}

FixtureInput stdin_input(const InputOptions& options, const DecodeLimits& limits, Report& report) {
    if (options.format.empty()) {
        throw Error(ErrorKind::kUsage, "reading standard input needs --format")
            .with_hint(cat("formats are ", format_list()));
    }
    const auto open = [limits, &report] {
        return open_decoded(count_read(open_descriptor_source(STDIN_FILENO, "<stdin>"), "<stdin>", report), limits);
    };
    return {"<stdin>", &require_format(options.format), open};
}

FixtureInput file_input(const FoundFixture& found, const DecodeLimits& limits, Report& report) {
    const std::string path = found.path;
    const auto open = [path, limits, &report] {
        return open_decoded(count_read(open_file_source(path), path, report), limits);
    };
    return {path, found.format, open};
}

}  // namespace

void add_input_options(CLI::App& app, InputOptions& options) {
    add_text(app, "--format", options.format, "FORMAT",
             cat(format_list(), ": of standard input, and of files whose name does not tell"));
    add_text(app, "--app", options.app, "LABEL", "search only this app's fixtures folder");
    add_list(app, "--fixture-dir", options.fixture_dirs, "DIR", "search this folder too; may be repeated");
    add_text(app, "--max-size", options.max_size, "SIZE", "refuse compressed fixtures that unpack to more (16G)");
}

std::vector<FixtureInput> find_inputs(const std::vector<std::string>& names, const InputOptions& options,
                                      Session& session) {
    FixtureSearch search;
    search.app = options.app;
    search.configured = session.config().fixture_dirs;
    search.given = options.fixture_dirs;
    if (session.names_database()) search.database_alias = session.database().alias;
    if (!options.format.empty()) search.format = &require_format(options.format);
    DecodeLimits limits;
    if (!options.max_size.empty()) limits.max_size = parse_size(options.max_size);

    std::vector<FixtureInput> inputs;
    bool read_stdin = false;
    for (const std::string& name : names) {
        if (name != "-") {
            for (const FoundFixture& found : find_fixture(name, search))
                inputs.push_back(file_input(found, limits, session.report));
            continue;
        }
        if (std::exchange(read_stdin, true)) throw Error(ErrorKind::kUsage, "standard input can be read only once");
        inputs.push_back(stdin_input(options, limits, session.report));
    }
    return inputs;
}

}  // namespace dbfixture
