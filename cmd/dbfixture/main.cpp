// SPDX-License-Identifier: MIT
// Parse, run, print what went wrong, choose the exit status.
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <new>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/io.h"
#include "cli.h"
#include "help.h"
#include "hints.h"
#include "report.h"
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

int run(const std::vector<std::string>& words, InheritedSignals signals, Report& report) {
    const CommandLine line = split_command_line(words);
    if (line.command != nullptr) report.set_command(line.command->name);
    ParsedCommand parsed;
    parse_command(line, parsed);
    const GlobalOptions& global = parsed.global;
    report.set_style({global.quiet ? 0 : global.verbosity, global.json, !global.no_color, global.progress});
    if (global.version) {
        show_version(report);
        return 0;
    }
    if (global.help) {
        if (line.command != nullptr) {
            show_command_help(report, *line.command);
        } else {
            show_help(report);
        }
        return 0;
    }
    if (line.command == nullptr) {
        if (global.json)
            throw Error(ErrorKind::kUsage, "no command is named").with_hint("run \"dbfixture help\" for the list");
        show_short_help(report);
        return static_cast<int>(ErrorKind::kUsage);
    }
    std::vector<std::string> typed = line.words;
    typed.insert(typed.begin(), std::string(line.command->name));
    Session session(global, report, parsed.arguments, typed, signals);
    try {
        return parsed.action(session);
    } catch (Error& error) {
        if (!report.is_done()) add_database_hint(error, parsed.arguments, typed, global.database.has_value());
        throw;
    }
}

// Prints what went wrong; a closed standard output changes nothing about the status. What is done is not called failed
// because its report cannot be written.
int fail(Report& report, const Error& error) {
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

int guarded(const std::vector<std::string>& words, InheritedSignals signals) {
    Report report;
    report.set_style(early_style(words));
    try {
        const int status = run(words, signals, report);
        report.flush();
        return status;
    } catch (const ClosedPipe&) {
        return 0;
    } catch (const Error& error) {
        return fail(report, error);
    } catch (const std::bad_alloc&) {
        return fail(report, Error(ErrorKind::kFailure, "out of memory"));
    } catch (const std::exception& problem) {
        return fail(
            report,
            Error(ErrorKind::kFailure, "internal error").with_detail(problem.what()).with_hint("please report this"));
    }
}

// A standard descriptor that is closed would be given to the next file that is opened, and that file would then be
// written to. Each is opened the wrong way round, so that using it fails as it did.
void occupy_standard_descriptors() {
    constexpr std::array kModes = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = 0; fd < 3; ++fd) {
        if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) ::open("/dev/null", kModes[static_cast<std::size_t>(fd)]);
    }
}

}  // namespace
}  // namespace dbfixture

int main(int argc, char** argv) {
    // A closed pipe shows as EPIPE, see ClosedPipe; a file that may not grow as EFBIG.
    const dbfixture::InheritedSignals signals = {std::signal(SIGPIPE, SIG_IGN) == SIG_IGN,
                                                 std::signal(SIGXFSZ, SIG_IGN) == SIG_IGN};
    dbfixture::occupy_standard_descriptors();
    dbfixture::catch_interrupts();
    return dbfixture::guarded({argv + 1, argv + argc}, signals);
}
