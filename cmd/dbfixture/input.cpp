// SPDX-License-Identifier: MIT
#include "input.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/cat.h"
#include "base/text.h"
#include "fixture/codec/codec.h"
#include "fixture/detect.h"
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

// The data of one input, after a look at its beginning.
std::unique_ptr<ByteSource> refuse_what_is_no_fixture(std::unique_ptr<ByteSource> source, const std::string& head,
                                                      const Format& format, const std::string& name,
                                                      const std::string& stem) {
    if (auto error = no_fixture(head, format, stem)) {
        error->where.file = name;
        throw Error(*error);
    }
    return source;
}

// Without --format the data says its own. It is read at once, then, and can be opened once.
FixtureInput stdin_input(const InputOptions& options, const DecodeLimits& limits, Session& session) {
    const std::string name = "<stdin>";
    const auto open = [name, limits, &session] {
        return open_decoded(count_read(session.open_input(name), session.report), limits);
    };
    if (!options.format.empty()) return {name, &require_format(options.format), open, false};
    const auto source = std::make_shared<std::unique_ptr<ByteSource>>();
    std::string head;
    try {
        *source = open();
        head = peek(*source, kTellingSize);
    } catch (Error& error) {
        if (error.kind == ErrorKind::kInput && error.where.file.empty()) error.where.file = name;
        throw;
    }
    if (head.empty()) {
        throw Error(ErrorKind::kInput, "standard input is empty")
            .with_hint("a JSON Lines fixture without records is read with --format jsonl");
    }
    const Format& format = detect_format(head);
    return {
        name, &format,
        [source, head, &format, name] { return refuse_what_is_no_fixture(std::move(*source), head, format, name, ""); },
        false};
}

FixtureInput file_input(const FoundFixture& found, const DecodeLimits& limits, Report& report) {
    const std::string path = found.path;
    const Format* format = found.format;
    std::string stem = std::filesystem::path(path).filename().string();
    stem.resize(std::min(stem.find('.'), stem.size()));
    const auto open = [path, limits, format, stem, &report] {
        std::unique_ptr<ByteSource> source;
        std::string head;
        try {
            source = open_decoded(count_read(open_file_source(path), report), limits);
            head = peek(source, kTellingSize);
        } catch (Error& error) {
            if (error.kind == ErrorKind::kInput && error.where.file.empty()) error.where.file = path;
            throw;
        }
        return refuse_what_is_no_fixture(std::move(source), head, *format, path, stem);
    };
    return {path, format, open, found.reopens};
}

}  // namespace

void add_input_options(CLI::App& app, InputOptions& options) {
    add_text(app, "--format", options.format, "FORMAT",
             cat(format_list(), ": of standard input (else its content tells), and of files whose name does not tell"));
    add_text(app, "--app", options.app, "APP", "search only this app's fixtures folder");
    add_list(app, "--fixture-dir", options.fixture_dirs, "DIR", "search this folder too; may be repeated");
    add_text(app, "--max-size", options.max_size, "SIZE", "refuse compressed fixtures that unpack to more (16G)");
}

std::vector<FixtureInput> find_inputs(const std::vector<std::string>& names, const InputOptions& options,
                                      Session& session) {
    FixtureSearch search;
    search.app = options.app;
    search.configured = session.config().fixture_dirs;
    search.given = options.fixture_dirs;
    search.database_alias = session.database_alias();
    if (!options.format.empty()) search.format = &require_format(options.format);
    DecodeLimits limits;
    if (!options.max_size.empty()) {
        limits.max_size = parse_size(options.max_size);
        limits.max_ratio = 0;  // who says how much it may be has looked at it
    }

    std::vector<FixtureInput> inputs;
    bool read_stdin = false;
    for (const std::string& name : names) {
        if (name != "-") {
            for (const FoundFixture& found : find_fixture(name, search))
                inputs.push_back(file_input(found, limits, session.report));
            continue;
        }
        if (std::exchange(read_stdin, true)) throw Error(ErrorKind::kUsage, "standard input can be read only once");
        inputs.push_back(stdin_input(options, limits, session));
    }
    return inputs;
}

}  // namespace dbfixture
