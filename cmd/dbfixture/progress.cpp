// SPDX-License-Identifier: MIT
#include "progress.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <system_error>
#include <utility>

#include "base/cat.h"
#include "terminal.h"

namespace dbfixture {
namespace {

constexpr auto kFirst = std::chrono::seconds(1);
constexpr auto kOften = std::chrono::milliseconds(200);
constexpr std::size_t kCtrlC = 3;  // "^C", and the cursor behind it

// 0 where that cannot be told: of a pipe.
std::uint64_t size_of(const FixtureInput& input) {
    struct stat facts = {};
    const bool is_stdin = input.name == "<stdin>";
    const int code = is_stdin ? ::fstat(STDIN_FILENO, &facts) : ::stat(input.name.c_str(), &facts);
    return code == 0 && S_ISREG(facts.st_mode) ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

std::uint64_t size_of(const std::vector<FixtureInput>& inputs) {
    std::uint64_t all = 0;
    for (const FixtureInput& input : inputs) {
        const std::uint64_t size = size_of(input);
        if (size == 0) return 0;
        all += size;
    }
    return all;
}

std::string name_of(const std::vector<FixtureInput>& inputs) {
    return inputs.size() == 1 ? inputs[0].name : cat(inputs.size(), " fixtures");
}

// Signals are for the threads that wait for something.
std::thread start_without_signals(std::function<void()> action) {
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread;
    try {
        thread = std::thread(std::move(action));
    } catch (const std::system_error&) {  // nothing is shown
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

void write_to_terminal(const std::string& text) {
    // What cannot be shown is not shown.
    [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, text.data(), text.size());
}

class CountingSource final : public ByteSource {
  public:
    CountingSource(std::unique_ptr<ByteSource> inner, Report& report) : inner_(std::move(inner)), report_(report) {}
    std::size_t read(char* to, std::size_t size) override {
        const std::size_t count = inner_->read(to, size);
        Activity* const activity = report_.activity();
        if (activity == nullptr) return count;
        if (count > 0) activity->work()->add(count);
        if (count == 0 && !std::exchange(at_end_, true)) activity->end_input();
        return count;
    }

  private:
    std::unique_ptr<ByteSource> inner_;
    Report& report_;
    bool at_end_ = false;
};

}  // namespace

Activity::Activity(Report& report, std::string what, ProgressUnit unit) : what_(std::move(what)), unit_(unit) {
    if (!report.shows_progress()) return;
    thread_ = start_without_signals([this] { draw_often(); });
    if (!thread_.joinable()) return;
    report_ = &report;
    outer_ = report.activity();
    if (outer_ != nullptr) outer_->set_hidden(true);
    report.set_activity(this);
}

Activity::Activity(Report& report, const std::string& verb, const std::vector<FixtureInput>& inputs)
    : Activity(report, cat(verb, " ", name_of(inputs))) {
    inputs_ = static_cast<int>(inputs.size());
    inputs_left_ = inputs_;
    if (shown()) work_.begin("", size_of(inputs));
}

void Activity::begin_again() {
    inputs_left_ = inputs_;
    work_.begin("", work_.total());
}

Activity::~Activity() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        clear();
    }
    changed_.notify_all();
    thread_.join();
    report_->set_activity(outer_);
    if (outer_ != nullptr) outer_->set_hidden(false);
}

void Activity::set_hidden(bool hidden) {
    const std::lock_guard lock(mutex_);
    clear();
    hidden_ = hidden;
}

void Activity::print(const std::function<void()>& action) {
    const std::lock_guard lock(mutex_);
    clear();
    action();
}

void Activity::draw_often() {
    std::unique_lock lock(mutex_);
    for (auto next = start_ + kFirst; !ended_; next = Clock::now() + kOften) {
        if (!changed_.wait_until(lock, next, [this] { return ended_; })) draw();
    }
}

void Activity::draw() {
    const bool terminal = ::isatty(STDERR_FILENO) == 1;
    if (hidden_ || (terminal && !is_in_foreground(STDERR_FILENO))) return;
    const std::size_t width = terminal_width(STDERR_FILENO);
    const std::string text = progress_text(look(Clock::now()), width - std::min(width, kCtrlC));
    write_to_terminal(cat("\r", text, "\x1b[K"));
    drawn_ = true;
}

void Activity::clear() {
    if (std::exchange(drawn_, false)) write_to_terminal("\r\x1b[K");
}

// The rate is that of the last seconds, for work whose pace changes.
ProgressState Activity::look(Clock::time_point now) {
    ProgressState state;
    state.what = what_;
    state.unit = unit_;
    state.step = work_.step();
    state.done = work_.done();
    state.total = work_.total();
    const auto seconds = [](Clock::duration time) { return std::chrono::duration<double>(time).count(); };
    state.seconds = seconds(now - start_);
    if (inputs_left_ == 0) {
        state.step = "all read, finishing";  // rows set aside, indexes, references: how long is not known
        state.done = state.total = 0;
        return state;
    }
    if (std::exchange(seen_step_, work_.steps()) != work_.steps() || state.done < seen_) {
        per_second_ = 0;
        seen_ = 0;
    }
    constexpr double kMemory = 3;
    const double passed = std::max(seconds(now - seen_at_), 1e-3);
    const double pace = static_cast<double>(state.done - seen_) / passed;
    per_second_ = per_second_ == 0 ? pace : pace + (per_second_ - pace) * std::exp(-passed / kMemory);
    seen_ = state.done;
    seen_at_ = now;
    state.per_second = per_second_;
    return state;
}

std::unique_ptr<ByteSource> count_read(std::unique_ptr<ByteSource> inner, Report& report) {
    if (!report.shows_progress()) return inner;
    return std::make_unique<CountingSource>(std::move(inner), report);
}

}  // namespace dbfixture
