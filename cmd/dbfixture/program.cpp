// SPDX-License-Identifier: MIT
#include "program.h"

#include <algorithm>
#include <new>

#include "base/cat.h"
#include "base/interrupt.h"
#include "base/io.h"
#include "base/text.h"
#include "cli.h"
#include "complete.h"
#include "help.h"
#include "hints.h"
#include "session.h"

namespace dbfixture {
namespace {

// Known before the command line is parsed, so that a mistake in it can be reported in the form that was asked for.
ReportStyle early_style(const std::vector<std::string>& words) {
    const auto end = std::find(words.begin(), words.end(), "--");
    ReportStyle style;
    style.json = std::find(words.begin(), end, "--json") != end;
    style.color = std::find(words.begin(), end, "--no-color") == end;
    return style;
}

void show_help_of(const Command* command, Report& report) {
    if (command != nullptr) {
        show_command_help(report, *command);
    } else {
        show_help(report);
    }
}

int run(const std::vector<std::string>& words, Caller& caller, Report& report) {
    if (!caller.serves && !words.empty() && words[0] == kCompleteCommand) {
        complete({words.begin() + 1, words.end()}, caller, report);
        return 0;
    }
    const CommandLine line = split_command_line(words);
    if (line.command != nullptr) report.set_command(line.command->name);
    if (line.command != nullptr && caller.serves && !line.command->served) {
        throw Error(ErrorKind::kUsage, cat(quote(line.command->name), " does not work within serve"))
            .with_hint("call dbfixture for it");
    }
    ParsedCommand parsed;
    parsed.global = caller.options;
    parse_command(line, parsed);
    const GlobalOptions& global = parsed.global;
    report.set_style({global.quiet ? 0 : global.verbosity, global.json, !global.no_color, global.progress});
    if (global.version) {
        show_version(report);
        return 0;
    }
    if (global.help) {
        show_help_of(line.command, report);
        return 0;
    }
    if (line.command == nullptr) {
        if (report.gives_document())
            throw Error(ErrorKind::kUsage, "no command is named").with_hint("run \"dbfixture help\" for the list");
        show_short_help(report);
        return static_cast<int>(ErrorKind::kUsage);
    }
    std::vector<std::string> typed = line.words;
    typed.insert(typed.begin(), std::string(line.command->name));
    Session session(global, report, parsed.arguments, typed, caller);
    try {
        return parsed.action(session);
    } catch (Error& error) {
        if (!report.is_done()) add_database_hint(error, parsed.arguments, typed, global.database.has_value());
        throw;
    }
}

}  // namespace

// A closed standard output changes nothing about the status. What is done is not called failed because its report
// cannot be written.
int refuse_program(const Error& error, Report& report) {
    if (report.is_done()) {
        report.done_but(error);
        return 0;
    }
    const int status = report.status_of(error);
    try {
        report.error(error);
        report.flush();
    } catch (const ClosedPipe&) {
    } catch (const Error&) {
    }
    return status;
}

int run_program(const std::vector<std::string>& words, Caller& caller, Report& report) {
    report.set_style(early_style(words));
    report.set_secrets(Secrets(words));
    try {
        const int status = run(words, caller, report);
        report.flush();
        return status;
    } catch (const ClosedPipe&) {
        return 0;
    } catch (const Error& error) {
        // A signal that ends the wait for a lock: the database's words for that are that it is locked.
        const bool waited = error.kind == ErrorKind::kBusy && pending_interrupt() != 0;
        return refuse_program(waited ? interrupt_error(pending_interrupt()) : error, report);
    } catch (const std::bad_alloc&) {
        return refuse_program(Error(ErrorKind::kFailure, "out of memory"), report);
    } catch (const std::exception& problem) {
        return refuse_program(
            Error(ErrorKind::kFailure, "internal error").with_detail(problem.what()).with_hint("please report this"),
            report);
    }
}

}  // namespace dbfixture
