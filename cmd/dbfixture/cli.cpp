// SPDX-License-Identifier: MIT
#include "cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "hints.h"

namespace dbfixture {
namespace {

bool takes_value(const CLI::Option* option) {
    return option->get_items_expected_max() > 0;
}

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames())
            names.push_back(cat("--", name));
    }
    return names;
}

[[noreturn]] void fail_unknown_option(const CLI::App& app, std::string_view word, const std::string& hint) {
    const std::string name(word.substr(0, word.starts_with("--") ? word.find('=') : 2));
    std::string near = hint_for_option(name, option_names(app));
    if (near.empty() && name.size() > 2) near = did_you_mean(name, option_names(app));
    throw Error(ErrorKind::kUsage, cat("unknown option ", quote(name))).with_hint(near.empty() ? hint : near);
}

// How many words the option at `word` takes, the word itself included, among the global options.
std::size_t length_of_option(const CLI::App& app, const std::string& word) {
    static constexpr auto kHint = "options of a command stand after its name";
    if (word.starts_with("--")) {
        const std::size_t equals = word.find('=');
        const CLI::Option* option = app.get_option_no_throw(word.substr(0, equals));
        if (option == nullptr) fail_unknown_option(app, word, kHint);
        return takes_value(option) && equals == std::string::npos ? 2 : 1;
    }
    for (std::size_t i = 1; i < word.size(); ++i) {
        const CLI::Option* option = app.get_option_no_throw(cat("-", word[i]));
        if (option == nullptr) fail_unknown_option(app, cat("-", word[i]), kHint);
        if (takes_value(option)) return i + 1 == word.size() ? 2 : 1;
    }
    return 1;
}

bool is_option(const std::string& word) {
    return word.size() > 1 && word[0] == '-' && word != "--";
}

// How many words stand before the command.
std::size_t length_of_global_options(const std::vector<std::string>& words) {
    if (words.empty() || !is_option(words[0])) return 0;
    CLI::App app;
    app.set_help_flag();
    GlobalOptions ignored;
    add_global_options(app, ignored);
    std::size_t at = 0;
    while (at < words.size() && is_option(words[at]))
        at += length_of_option(app, words[at]);
    return at;
}

// CLI11 reads "--name=" as "--name" and takes the next word for its value.
std::vector<std::string> with_empty_values_apart(const CLI::App& app, const std::vector<std::string>& words) {
    std::vector<std::string> out;
    bool options = true;
    for (const std::string& word : words) {
        options = options && word != "--";
        const std::string name = word.empty() ? word : word.substr(0, word.size() - 1);
        const bool empty_value =
            options && word.starts_with("--") && word.ends_with('=') && app.get_option_no_throw(name) != nullptr;
        out.push_back(empty_value ? name : word);
        if (empty_value) out.emplace_back();
    }
    return out;
}

std::string hint_for_unknown(std::string_view command) {
    const Command* found = find_command(command);
    if (found != nullptr && found->arguments.starts_with("-- "))
        return cat("what is for the command stands behind \"--\": dbfixture ", command, " [OPTIONS] ",
                   found->arguments);
    return cat("run \"dbfixture help", command.empty() ? "" : " ", command, "\" for the list");
}

// Whether the command's usage line has `word` among its alternatives: "[list|show] [NAME...]".
bool is_alternative(const Command& command, std::string_view word) {
    std::string_view words = command.arguments.substr(0, command.arguments.find(' '));
    if (words.starts_with('[')) words = words.substr(1, words.find(']') - 1);
    return words.find('|') != std::string_view::npos &&
           cat("|", words, "|").find(cat("|", word, "|")) != std::string::npos;
}

[[noreturn]] void fail_unknown_word(const CLI::App& app, std::string_view word, std::string_view command) {
    const Command* found = find_command(command);
    if (found != nullptr && word.starts_with("--") && is_alternative(*found, word.substr(2))) {
        throw Error(ErrorKind::kUsage, cat("unknown option ", quote(word)))
            .with_hint(cat("it is written without dashes: dbfixture ", command, " ", word.substr(2)));
    }
    fail_unknown_option(app, word, hint_for_unknown(command));
}

// What CLI11 left over: arguments, and options that it does not know. "--" ends the options.
std::vector<std::string> arguments_of(const CLI::App& app, std::string_view command) {
    std::vector<std::string> arguments;
    bool options = true;
    for (const std::string& word : app.remaining()) {
        if (options && word == "--") {
            options = false;
        } else if (options && word.size() > 1 && word[0] == '-' && (word[1] < '0' || word[1] > '9')) {
            fail_unknown_word(app, word, command);
        } else {
            arguments.push_back(word);
        }
    }
    return arguments;
}

// CLI11 starts these messages with the option's name: "--indent: 1 required N missing".
[[noreturn]] void fail_usage(const CLI::ParseError& problem) {
    const std::string_view words = problem.what();
    const std::size_t end = words.find_first_of(": ");
    if (words.starts_with('-') && words.ends_with(" missing")) {
        throw Error(ErrorKind::kUsage, cat("option ", quote(words.substr(0, end)), " needs a value"));
    }
    throw Error(ErrorKind::kUsage, "the command line cannot be understood").with_detail(std::string(words));
}

OptionInfo info_of(const CLI::Option& option) {
    OptionInfo info;
    const auto add = [&](std::string_view dashes, const std::vector<std::string>& names) {
        for (const std::string& name : names)
            append(info.names, cat(info.names.empty() ? "" : ", ", dashes, name));
    };
    add("-", option.get_snames());
    add("--", option.get_lnames());
    const std::string value = option.get_type_name();
    info.value = takes_value(&option) || value.starts_with("[=") ? value : "";
    info.help = option.get_description();
    info.global = option.get_group() == "Global options";
    return info;
}

std::vector<OptionInfo> options_of(const CLI::App& app) {
    std::vector<OptionInfo> out;
    for (const CLI::Option* option : app.get_options())
        out.push_back(info_of(*option));
    return out;
}

}  // namespace

CommandLine split_command_line(std::vector<std::string> words) {
    CommandLine line;
    const std::size_t at = length_of_global_options(words);
    if (at < words.size()) {
        line.command = find_command(words[at]);
        if (line.command == nullptr) {
            std::vector<std::string> others = words;
            others.erase(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(at) + 1);
            std::string near = hint_for_command(words[at], others);
            if (near.empty()) near = did_you_mean(words[at], command_names());
            throw Error(ErrorKind::kUsage, cat("unknown command ", quote(words[at])))
                .with_hint(near.empty() ? "run \"dbfixture help\" for the list" : near);
        }
        words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
    }
    line.words = std::move(words);
    return line;
}

void parse_command(const CommandLine& line, ParsedCommand& out) {
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    if (line.command != nullptr) out.action = line.command->attach(app);
    add_global_options(app, out.global);
    std::vector<std::string> words = with_empty_values_apart(app, line.words);
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
    try {
        app.parse(std::move(words));
    } catch (const CLI::ParseError& problem) {
        fail_usage(problem);
    }
    if (out.global.help || out.global.version) return;
    out.arguments = arguments_of(app, line.command == nullptr ? "" : line.command->name);
}

CommandInfo describe_command(const Command& command) {
    CLI::App app;
    app.set_help_flag();
    GlobalOptions ignored;
    const Action action = command.attach(app);
    add_global_options(app, ignored);
    return {options_of(app), app.get_footer()};
}

std::vector<OptionInfo> describe_global_options() {
    CLI::App app;
    app.set_help_flag();
    GlobalOptions ignored;
    add_global_options(app, ignored);
    return options_of(app);
}

}  // namespace dbfixture
