// SPDX-License-Identifier: MIT
#include "help.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/cat.h"
#include "base/text.h"
#include "cli.h"
#include "fill.h"
#include "hints.h"
#include "session.h"
#include "terminal.h"

namespace dbfixture {
namespace {

// Wider lines are hard to read, and narrower ones have no room for two columns.
constexpr std::size_t kLeast = 40, kMost = 100;

struct Look {
    std::size_t width = 80;
    bool color = false;

    std::string heading(std::string_view text) const { return color ? cat("\x1b[1m", text, "\x1b[0m") : cat(text); }
    std::string name(std::string_view text) const { return color ? cat("\x1b[36m", text, "\x1b[0m") : cat(text); }
};

Look look_of(const Report& report) {
    return {std::clamp(report.width_of_data(), kLeast, kMost), report.colors_data()};
}

// "  left      text", the text filled and aligned at `column`; on its own line when `left` is too long.
std::string two_columns(const Look& look, std::string_view left, std::string_view text, std::size_t column) {
    const bool apart = left.size() + 4 > column;
    const std::string room(apart ? column : column - 2 - left.size(), ' ');
    return cat("  ", look.name(left), apart ? "\n" : "", room, fill_words(text, look.width, column), "\n");
}

std::string option_lines(const Look& look, const std::vector<OptionInfo>& options, bool global) {
    const std::size_t column = look.width < 70 ? 8 : 32;
    std::string out;
    for (const OptionInfo& option : options) {
        if (option.global != global) continue;
        const std::string indent = option.names.starts_with("--") ? "    " : "";
        out += two_columns(
            look,
            cat(indent, option.names, option.value.empty() || option.value.starts_with("[=") ? "" : " ", option.value),
            option.help, column);
    }
    return out;
}

std::string command_lines(const Look& look) {
    std::size_t column = 0;
    for (const Command& command : all_commands())
        column = std::max(column, command.name.size() + 4);
    std::string out = look.heading("Commands:") + "\n";
    for (const Command& command : all_commands())
        out += two_columns(look, command.name, command.summary, column);
    return out;
}

std::string usage(const Look& look) {
    return cat(look.heading("Usage:"), " dbfixture [OPTIONS] COMMAND [ARGUMENTS]\n\n",
               fill_lines("Dump tables to readable files and load them back exactly as they were.", look.width), "\n");
}

// The lines below the options; a line that ends with a colon, "Examples:", is a heading.
std::string text_lines(const Look& look, const std::string& text) {
    std::string out = fill_lines(text, look.width);
    for (const std::string_view heading : {"\nExample:\n", "\nExamples:\n"}) {
        const std::size_t at = out.find(heading);
        if (at == std::string::npos) continue;
        const std::string_view word = heading.substr(1, heading.size() - 2);
        out.replace(at + 1, word.size(), look.heading(word));
    }
    return out;
}

std::string status_lines(const Look& look) {
    constexpr std::array<std::array<std::string_view, 2>, 9> kStatuses = {{{"0", "done"},
                                                                           {"1", "the answer is no"},
                                                                           {"2", "usage"},
                                                                           {"3", "refused"},
                                                                           {"4", "not found"},
                                                                           {"5", "database busy"},
                                                                           {"6", "bad input"},
                                                                           {"7", "input/output or database failure"},
                                                                           {"129, 130, 143", "interrupted"}}};
    std::string out = look.heading("Exit status:") + "\n";
    for (const auto& [status, meaning] : kStatuses)
        out += two_columns(look, status, meaning, 17);
    return out;
}

void add_options(JsonText& json, const std::vector<OptionInfo>& options, bool global) {
    json.begin_list();
    for (const OptionInfo& option : options) {
        if (option.global != global) continue;
        json.begin_object().field("names", option.names).optional_field("value", option.value);
        json.field("help", option.help).end_object();
    }
    json.end_list();
}

void add_command(JsonText& json, const Command& command) {
    const CommandInfo info = describe_command(command);
    json.begin_object().field("name", command.name).field("arguments", command.arguments);
    json.field("summary", command.summary).key("options");
    add_options(json, info.options, false);
    json.field("text", info.text).end_object();
}

void add_commands(JsonText& json, std::span<const Command> commands) {
    json.key("commands").begin_list();
    for (const Command& command : commands)
        add_command(json, command);
    json.end_list().key("global_options");
    add_options(json, describe_global_options(), true);
}

int run_help(Session& session) {
    const auto& arguments = session.arguments("[COMMAND]", 0, 1);
    if (arguments.empty()) {
        show_help(session.report);
        return 0;
    }
    const Command* command = find_command(arguments[0]);
    if (command == nullptr) {
        const std::string hint = hint_for_command(arguments[0], {});
        throw Error(ErrorKind::kUsage, cat("unknown command ", quote(arguments[0])))
            .with_hint(hint.empty() ? did_you_mean(arguments[0], command_names()) : hint);
    }
    show_command_help(session.report, *command);
    return 0;
}

}  // namespace

void show_short_help(Report& report) {
    const Look look = {std::clamp(terminal_width(STDERR_FILENO), kLeast, kMost), false};
    report.note(cat(usage(look), command_lines(look), "\n",
                    fill_words("Run \"dbfixture help COMMAND\" for the options of a command.", look.width, 0)));
}

void show_help(Report& report) {
    const Look look = look_of(report);
    report.data(cat(usage(look), command_lines(look), "\n",
                    look.heading("Global options, before or after the command:"), "\n",
                    option_lines(look, describe_global_options(), true), "\n", status_lines(look)));
    report.set_command("help");
    report.result([](JsonText& json) { add_commands(json, all_commands()); });
}

void show_command_help(Report& report, const Command& command) {
    const Look look = look_of(report);
    const CommandInfo info = describe_command(command);
    std::string out = cat(look.heading("Usage:"), " dbfixture ", command.name, " [OPTIONS]",
                          command.arguments.empty() ? "" : " ", command.arguments, "\n\n");
    append(out,
           fill_lines(cat(static_cast<char>(command.summary[0] - 32), command.summary.substr(1), "."), look.width));
    if (const std::string own = option_lines(look, info.options, false); !own.empty())
        append(out, cat("\n", look.heading("Options:"), "\n", own));
    append(out, cat("\n", look.heading("Global options:"), "\n", option_lines(look, info.options, true)));
    if (!info.text.empty()) append(out, cat("\n", text_lines(look, info.text)));
    report.data(out);
    report.set_command("help");
    report.result([&](JsonText& json) { add_commands(json, {&command, 1}); });
}

Action attach_help(CLI::App&) {
    return run_help;
}

}  // namespace dbfixture
