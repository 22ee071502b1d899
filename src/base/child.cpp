// SPDX-License-Identifier: MIT
#include "base/child.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/cat.h"
#include "base/interrupt.h"
#include "base/posix_file.h"
#include "base/text.h"

namespace dbfixture {
namespace {

constexpr int kNotFound = 127;
constexpr int kNotRunnable = 126;
constexpr std::array kPassedOn = {SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
constexpr const char* kShell = "/bin/sh";

// As `env` tells them apart.
int status_for(int code) {
    return code == ENOENT ? kNotFound : kNotRunnable;
}

// 0, or why the file cannot be run.
int problem_of(const std::string& path) {
    struct stat facts = {};
    if (::stat(path.c_str(), &facts) != 0) return errno == ENOTDIR ? ENOENT : errno;
    if (S_ISDIR(facts.st_mode)) return EACCES;
    return ::access(path.c_str(), X_OK) == 0 ? 0 : errno;
}

// What stands behind "#!" in the file's first line; "" if it is no script, or cannot be read here.
std::string interpreter_of(const std::string& path) {
    constexpr std::size_t kLongest = 256;  // as the system reads
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return {};
    std::string line(kLongest, '\0');
    const ssize_t got = ::read(fd, line.data(), line.size());
    ::close(fd);
    line.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    if (!line.starts_with("#!")) return {};
    line.resize(std::min(line.find('\n'), line.size()));
    const std::size_t begin = line.find_first_not_of(" \t", 2);
    if (begin == std::string::npos) return {};
    return line.substr(begin, line.find_first_of(" \t", begin) - begin);
}

void require_runnable(const std::string& name, const std::string& path) {
    constexpr int kDeepest = 4;  // a script's interpreter may be a script
    std::string at = path;
    for (int depth = 0; depth < kDeepest; ++depth) {
        if (const int code = problem_of(at); code != 0) {
            const std::string reason = system_words(code);
            throw CannotRun(status_for(code), name,
                            depth == 0 ? reason : cat("its interpreter ", quote(at, 200), ": ", reason));
        }
        at = interpreter_of(at);
        if (at.empty()) return;
    }
}

bool is_ignored(int number) {
    struct sigaction action = {};
    return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

// "NAME=value" of ours, but for those that are set.
std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& set) {
    std::vector<std::string> out;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::string_view name = text.substr(0, text.find('='));
        if (std::ranges::none_of(set, [&](const auto& one) { return one.first == name; })) out.emplace_back(text);
    }
    for (const auto& [name, value] : set)
        out.push_back(cat(name, "=", value));
    return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    for (std::string& text : texts)
        out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

// All that the child needs, made before the fork: behind it nothing may allocate.
struct Prepared {
    std::vector<std::string> words, script_words, environment;
    std::vector<char*> argv, script_argv, envp;
    std::vector<int> ignored;  // signals
};

Prepared prepare(const ChildRequest& request, bool child_ignored) {
    Prepared out;
    out.words = request.words;
    out.script_words = {kShell, request.program};  // as execvp() runs what has neither a format nor an interpreter
    out.script_words.insert(out.script_words.end(), request.words.begin() + 1, request.words.end());
    out.environment = environment_with(request.environment);
    out.argv = pointers(out.words);
    out.script_argv = pointers(out.script_words);
    out.envp = pointers(out.environment);
    for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU}) {
        if (is_ignored(number)) out.ignored.push_back(number);
    }
    if (child_ignored) out.ignored.push_back(SIGCHLD);
    if (request.inherited.pipe_ignored) out.ignored.push_back(SIGPIPE);
    if (request.inherited.file_size_ignored) out.ignored.push_back(SIGXFSZ);
    return out;
}

// In the child. Writes the errno to `report` if the program cannot be started.
[[noreturn]] void become(const ChildRequest& request, Prepared& prepared, const sigset_t& mask, int report) {
    for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGCHLD, SIGPIPE, SIGXFSZ})
        ::signal(number, SIG_DFL);
    for (const int number : prepared.ignored)
        ::signal(number, SIG_IGN);
    for (const int descriptor : request.descriptors)
        ::fcntl(descriptor, F_SETFD, 0);
    if (request.output_to_stderr) ::dup2(STDERR_FILENO, STDOUT_FILENO);
    ::sigprocmask(SIG_SETMASK, &mask, nullptr);
    ::execve(request.program.c_str(), prepared.argv.data(), prepared.envp.data());
    if (errno == ENOEXEC) ::execve(kShell, prepared.script_argv.data(), prepared.envp.data());
    const int code = errno;
    const ssize_t ignored = ::write(report, &code, sizeof code);
    ::_exit(ignored == sizeof code ? kNotRunnable : kNotFound);
}

// 0, or the errno of the start; waits for the one or the other.
int start_problem(int report) {
    int code = 0;
    ssize_t got;
    do {
        got = ::read(report, &code, sizeof code);
    } while (got < 0 && errno == EINTR);
    return got == sizeof code ? code : 0;
}

// A hang-up goes to all of the terminal's foreground, but for the first process of the session, which is told alone.
bool reached_by_terminal(const siginfo_t& info, pid_t child) {
    return info.si_code == SI_KERNEL && ::getpgid(child) == ::getpgrp() && ::getsid(0) != ::getpid();
}

int wait_for(pid_t child) {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    for (const int number : kPassedOn) {
        if (!is_ignored(number)) sigaddset(&wanted, number);
    }
    for (;;) {
        int status = 0;
        const pid_t done = ::waitpid(child, &status, WNOHANG);
        if (done == child) return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        if (done < 0 && errno != EINTR)
            throw Error(ErrorKind::kFailure, cat("could not wait for the command: ", system_words(errno)));
        siginfo_t info = {};
        const int number = ::sigwaitinfo(&wanted, &info);
        if (number <= 0 || number == SIGCHLD) continue;
        if (!reached_by_terminal(info, child)) ::kill(child, number);
    }
}

}  // namespace

CannotRun::CannotRun(int status, const std::string& name, const std::string& reason)
    : Error(ErrorKind::kFailure, cat("cannot run ", quote(name, 200), ": ", reason)), status(status) {}

std::string find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) {
        require_runnable(name, name);
        return name;
    }
    const char* variable = std::getenv("PATH");
    const std::string folders = variable == nullptr ? "/bin:/usr/bin" : variable;
    int problem = ENOENT;
    for (std::size_t at = 0; at <= folders.size() && !name.empty();) {
        const std::size_t end = std::min(folders.find(':', at), folders.size());
        const std::string folder = folders.substr(at, end - at);
        const std::string path = cat(folder.empty() ? "." : folder, "/", name);
        const int code = problem_of(path);
        if (code == 0) {
            require_runnable(name, path);
            return path;
        }
        if (code == EACCES) problem = code;
        at = end + 1;
    }
    throw CannotRun(status_for(problem), name, system_words(problem));
}

SignalHold::SignalHold() {
    sigset_t all;
    sigfillset(&all);
    // What a fault of our own raises, and what stops the process and has it go on.
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGTSTP, SIGTTIN, SIGTTOU})
        sigdelset(&all, number);
    ::sigprocmask(SIG_BLOCK, &all, &before_);
    came_ = take_interrupt();
}

void SignalHold::check() {
    sigset_t pending;
    sigemptyset(&pending);
    ::sigpending(&pending);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        if (sigismember(&pending, number) != 1 || is_ignored(number)) continue;
        sigset_t one, held;
        sigemptyset(&one);
        sigaddset(&one, number);
        ::sigprocmask(SIG_UNBLOCK, &one, &held);  // its handler runs now
        ::sigprocmask(SIG_SETMASK, &held, nullptr);
        came_ = take_interrupt();
    }
    if (came_ != 0) throw interrupt_error(came_);
}

// What came meanwhile has been passed on, or is for the program alone: ignoring it takes it away.
SignalHold::~SignalHold() {
    sigset_t pending;
    sigemptyset(&pending);
    ::sigpending(&pending);
    for (int number = 1; number < SIGRTMIN; ++number) {
        struct sigaction ignore = {}, before = {};
        ignore.sa_handler = SIG_IGN;
        if (sigismember(&pending, number) != 1 || sigismember(&before_, number) == 1) continue;
        ::sigaction(number, &ignore, &before);
        ::sigaction(number, &before, nullptr);
    }
    put_interrupt_back(came_);
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

int run_child(const ChildRequest& request, SignalHold& hold) {
    hold.check();
    std::array<int, 2> report = {-1, -1};
    if (::pipe2(report.data(), O_CLOEXEC) != 0)
        throw Error(ErrorKind::kFailure, cat("could not make a pipe: ", system_words(errno)));
    const bool child_ignored = is_ignored(SIGCHLD);
    Prepared prepared = prepare(request, child_ignored);
    ::signal(SIGCHLD, SIG_DFL);  // ignored, it would take the status away
    const pid_t child = ::fork();
    if (child == 0) become(request, prepared, hold.before(), report[1]);
    const int fork_problem = errno;
    ::close(report[1]);
    const int code = child > 0 ? start_problem(report[0]) : 0;
    ::close(report[0]);
    if (child < 0) throw Error(ErrorKind::kFailure, cat("could not start a process: ", system_words(fork_problem)));
    const int status = wait_for(child);
    if (code != 0) throw CannotRun(status_for(code), request.words[0], system_words(code));
    return status;
}

}  // namespace dbfixture
