// SPDX-License-Identifier: MIT
#include "help.h"

#include <algorithm>

#include "base/cat.h"
#include "base/text.h"
#include "cli.h"
#include "hints.h"
#include "session.h"

namespace dbfixture {
namespace {

constexpr std::size_t kWidth = 80;

// "  left      text", the text wrapped and aligned at `column`; on its own line when `left` is too long.
std::string two_columns(std::string_view left, std::string_view text, std::size_t column) {
    std::string out = cat("  ", left);
    std::size_t at = out.size();
    if (at + 2 > column) {
        out += '\n';
        at = 0;
    }
    out.append(column - at, ' ');
    at = column;
    bool first = true;
    while (!text.empty()) {
        const std::size_t space = text.find(' ');
        const std::string_view word = text.substr(0, space);
        if (!first && at + 1 + word.size() > kWidth) {
            append(out, cat("\n", std::string(column, ' ')));
            at = column;
        } else if (!first) {
            out += ' ';
            ++at;
        }
        out += word;
        at += word.size();
        first = false;
        text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    }
    return out + "\n";
}

std::string option_lines(const std::vector<OptionInfo>& options, bool global) {
    std::string out;
    for (const OptionInfo& option : options) {
        if (option.global != global) continue;
        const std::string indent = option.names.starts_with("--") ? "    " : "";
        out += two_columns(
            cat(indent, option.names, option.value.empty() || option.value.starts_with("[=") ? "" : " ", option.value),
            option.help, 32);
    }
    return out;
}

std::string command_lines() {
    std::size_t column = 0;
    for (const Command& command : all_commands())
        column = std::max(column, command.name.size() + 4);
    std::string out = "Commands:\n";
    for (const Command& command : all_commands())
        out += two_columns(command.name, command.summary, column);
    return out;
}

constexpr auto kUsage =
    "Usage: dbfixture [OPTIONS] COMMAND [ARGUMENTS]\n\nDump tables to readable files and load them back exactly as "
    "they were.\n\n";

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
    json.begin_object().field("name", command.name).field("arguments", command.arguments);
    json.field("summary", command.summary).key("options");
    add_options(json, describe_command(command).options, false);
    json.end_object();
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
    report.note(cat(kUsage, command_lines(), "\nRun \"dbfixture help COMMAND\" for the options of a command."));
}

void show_help(Report& report) {
    report.data(
        cat(kUsage, command_lines(), "\nGlobal options, before or after the command:\n",
            option_lines(describe_global_options(), true),
            "\nExit status: 0 done; 1 the answer is no; 2 usage; 3 refused; 4 not found;\n"
            "5 database busy; 6 bad input; 7 input/output or database failure;\n129, 130 and 143 interrupted.\n"));
    report.set_command("help");
    report.result([](JsonText& json) { add_commands(json, all_commands()); });
}

void show_command_help(Report& report, const Command& command) {
    const CommandInfo info = describe_command(command);
    std::string out = cat("Usage: dbfixture ", command.name, " [OPTIONS]", command.arguments.empty() ? "" : " ",
                          command.arguments, "\n\n");
    append(out, cat(static_cast<char>(command.summary[0] - 32), command.summary.substr(1), ".\n"));
    if (const std::string own = option_lines(info.options, false); !own.empty()) append(out, cat("\nOptions:\n", own));
    append(out, cat("\nGlobal options:\n", option_lines(info.options, true)));
    if (!info.text.empty()) append(out, cat("\n", info.text, "\n"));
    report.data(out);
    report.set_command("help");
    report.result([&](JsonText& json) { add_commands(json, {&command, 1}); });
}

Action attach_help(CLI::App&) {
    return run_help;
}

}  // namespace dbfixture
