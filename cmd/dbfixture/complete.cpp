// SPDX-License-Identifier: MIT
#include "complete.h"

#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/cat.h"
#include "complete_names.h"
#include "complete_question.h"
#include "session.h"

namespace dbfixture {
namespace {

// No line of the answer can hold such a name, and no shell would insert it as it is.
bool is_line(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; });
}

// What stays of a word that holds several names: "a,b" -> "a,"; of one that gives a variable its form: "X=p" -> "X=".
void keep_beginning(CompletionQuestion& question) {
    const bool list = question.what.starts_with("LABEL,...");
    const bool form = question.what == "NAME=FORM";
    if (!list && !form) return;
    const std::size_t end = list ? question.begun.rfind(',') : question.begun.find('=');
    if (end == std::string::npos) return;
    question.before += question.begun.substr(0, end + 1);
    question.begun.erase(0, end + 1);
    if (form) question.what = "FORM";
}

std::string answer_to(const CompletionQuestion& question, const CompletionNames& found) {
    std::string out;
    for (const CompletionName& name : found.names) {
        const bool given =
            question.before.empty() && std::ranges::find(question.arguments, name.name) != question.arguments.end();
        if (!name.name.starts_with(question.begun) || name.name.empty() || given || !is_line(name.name)) continue;
        append(out, cat(question.before, name.name));
        if (is_line(name.about) && !name.about.empty()) append(out, cat("\t", name.about));
        out += '\n';
    }
    return found.more.empty() ? out : cat(out, ":", found.more, "\n");
}

}  // namespace

// Nothing has been printed by then.
void end_within(int milliseconds) {
    std::signal(SIGALRM, [](int) { ::_exit(0); });
    const itimerval time = {{0, 0}, {milliseconds / 1000, milliseconds % 1000 * 1000}};
    ::setitimer(ITIMER_REAL, &time, nullptr);
}

void complete(const std::vector<std::string>& words, Caller& caller, Report& report) {
    end_within(1000);
    Captured silent;
    Report nothing(silent);
    try {
        CompletionQuestion question = read_question(words);
        keep_beginning(question);
        GlobalOptions options = caller.options;
        options.busy_timeout_ms = 0;
        options.config = question.value_of("--config");
        options.env_file = question.value_of("--env-file");
        if (question.options.contains("--database")) options.database = question.value_of("--database");
        Session session(options, nothing, question.arguments, words, caller);
        report.data(answer_to(question, names_for(question, session)));
    } catch (const std::exception&) {  // rule 2
    }
}

}  // namespace dbfixture
