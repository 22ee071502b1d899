// SPDX-License-Identifier: MIT
#include "options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture {
namespace {

// "-o,--output" -> "--output", the name for messages.
std::string long_name(const std::string& names) {
    return names.substr(names.rfind(',') + 1);
}

// CLI11 hands over the text as typed; its own conversions would take "[a]" and "{}" for lists.
void add_value(CLI::App& app, const std::string& names, const std::string& value, const std::string& help,
               std::function<void(const std::string&)> take) {
    const auto last = [take = std::move(take)](const CLI::results_t& results) { return take(results.back()), true; };
    app.add_option(names, last, help)->type_name(value)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

// "a", "b" or "c"
std::string one_of(const std::vector<std::string>& choices) {
    std::string out;
    for (const std::string& choice : choices) {
        const std::string_view before = out.empty() ? "" : &choice == &choices.back() ? " or " : ", ";
        append(out, cat(before, quote(choice)));
    }
    return out;
}

int parse_number(const std::string& names, const std::string& text, NumberRange range) {
    int number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, number);
    if (problem == std::errc() && rest == end && number >= range.least && number <= range.most) return number;
    throw Error(ErrorKind::kUsage, cat("option ", quote(long_name(names)), " takes a number from ", range.least, " to ",
                                       range.most, ", not ", quote(text)));
}

}  // namespace

void add_drop_triggers_option(CLI::App& app, bool& target) {
    add_flag(app, "--drop-triggers", target, "where a server cannot silence triggers, drop them for the while");
}

void add_flag(CLI::App& app, const std::string& names, bool& target, const std::string& help) {
    app.add_flag(names, target, help);
}

void add_text(CLI::App& app, const std::string& names, std::string& target, const std::string& value,
              const std::string& help) {
    add_value(app, names, value, help, [&target](const std::string& text) { target = text; });
}

void add_text(CLI::App& app, const std::string& names, std::optional<std::string>& target, const std::string& value,
              const std::string& help) {
    add_value(app, names, value, help, [&target](const std::string& text) { target = text; });
}

void add_list(CLI::App& app, const std::string& names, std::vector<std::string>& target, const std::string& value,
              const std::string& help) {
    const auto all = [&target](const CLI::results_t& results) { return target = results, true; };
    app.add_option(names, all, help)->type_name(value)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_optional_list(CLI::App& app, const std::string& names, std::vector<std::string>& target,
                       const std::string& value, const std::string& help) {
    const auto all = [&target](const CLI::results_t& results) { return target = results, true; };
    // Without a value, CLI11 gives an option of no words its default: "".
    app.add_option(names, all, help)
        ->type_name(cat("[=", value, "]"))
        ->expected(0, 0)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_number(CLI::App& app, const std::string& names, int& target, NumberRange range, const std::string& value,
                const std::string& help) {
    add_value(app, names, value, help,
              [&target, names, range](const std::string& text) { target = parse_number(names, text, range); });
}

void add_number(CLI::App& app, const std::string& names, std::optional<int>& target, NumberRange range,
                const std::string& value, const std::string& help) {
    add_value(app, names, value, help,
              [&target, names, range](const std::string& text) { target = parse_number(names, text, range); });
}

void add_choice(CLI::App& app, const std::string& names, std::string& target, const std::vector<std::string>& choices,
                const std::string& help) {
    std::string value;
    for (const std::string& choice : choices)
        append(value, cat(value.empty() ? "" : "|", choice));
    add_value(app, names, value, help, [&target, names, choices](const std::string& text) {
        if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
            throw Error(ErrorKind::kUsage,
                        cat("option ", quote(long_name(names)), " takes ", one_of(choices), ", not ", quote(text)))
                .with_hint(did_you_mean(text, choices));
        }
        target = text;
    });
}

void add_help_text(CLI::App& app, const std::string& text) {
    app.footer(text);
}

void add_global_options(CLI::App& app, GlobalOptions& options) {
    app.option_defaults()->group("Global options");
    add_text(app, "-d,--database", options.database, "DATABASE",
             "the database: a path, a URL, or an alias from the config file");
    add_text(app, "--config", options.config, "FILE",
             "the config file (else dbfixture.yaml here or in a folder above)");
    add_text(app, "--env-file", options.env_file, "FILE",
             "NAME=VALUE lines: DBFIXTURE_DATABASE, DATABASE_URL, and ${NAME} in the config's databases");
    add_number(app, "-v,--verbosity", options.verbosity, {0, 3}, "0..3",
               "how much to print: 0 errors only, 1 normal, 2 more, 3 all");
    add_flag(app, "-q,--quiet", options.quiet, "print errors only (as --verbosity 0)");
    add_flag(app, "--json", options.json, "print the result, or the error, as one JSON document on stdout");
    add_flag(app, "--no-color", options.no_color, "no colour, even on a terminal");
    add_choice(app, "--progress", options.progress, {"auto", "always", "never"},
               "show progress on stderr; auto: only on a terminal");
    add_number(app, "--busy-timeout", options.busy_timeout_ms, {0, 86'400'000}, "MS",
               "wait this many milliseconds for a locked database (5000)");
    add_flag(app, "-h,--help", options.help, "show help");
    add_flag(app, "--version", options.version, "show the version of dbfixture and of its libraries");
    app.option_defaults()->group("Options");
}

}  // namespace dbfixture
