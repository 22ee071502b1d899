// SPDX-License-Identifier: MIT
#include "db/postgres/reader_beside.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

#include "base/interrupt.h"

namespace dbfixture::postgres {
namespace {

constexpr std::chrono::milliseconds kLookAround{100};  // for a signal
constexpr int kLongestMs = 3'600'000;                  // nobody asks who is in its way

}  // namespace

ReaderBeside::ReaderBeside(const Location& location) : location_(location) {
    try {
        thread_ = std::thread([this] { work(); });
    } catch (const std::system_error&) {
        // The first session does all.
    }
}

ReaderBeside::~ReaderBeside() {
    if (!thread_.joinable()) return;
    {
        const std::scoped_lock lock(mutex_);
        given_up_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

std::size_t ReaderBeside::find_open(bool by_reader) const {
    std::size_t found = questions_.size();
    for (std::size_t at = 0; at < questions_.size(); ++at) {
        if (states_[at] != State::kOpen || (by_reader && questions_[at].here)) continue;
        if (questions_[at].here) return at;
        found = std::min(found, at);
    }
    return found;
}

bool ReaderBeside::is_done() const {
    return std::ranges::all_of(states_, [](State state) { return state == State::kDone; });
}

std::vector<Result> ReaderBeside::ask(Session& session, std::vector<Question> questions) {
    std::unique_lock lock(mutex_);
    questions_ = std::move(questions);
    states_.assign(questions_.size(), State::kOpen);
    answers_.clear();
    answers_.resize(questions_.size());
    changed_.notify_all();
    while (!is_done()) {
        const std::size_t at = find_open(false);
        if (at == questions_.size()) {
            changed_.wait_for(lock, kLookAround);
            check_interrupt();
            continue;
        }
        states_[at] = State::kBegun;
        lock.unlock();
        Result answer = session.run(questions_[at].sql);
        lock.lock();
        answers_[at] = std::move(answer);
        states_[at] = State::kDone;
    }
    return std::exchange(answers_, {});
}

void ReaderBeside::work() noexcept {
    try {
        answer_all();
    } catch (const std::exception&) {
        // It did not come.
    }
}

void ReaderBeside::answer_all() {
    SessionOptions options;
    options.read_only = true;
    options.busy_timeout_ms = kLongestMs;
    options.given_up = &given_up_;
    Session session(location_, options);
    session.run("SET lock_timeout = 1");
    std::unique_lock lock(mutex_);
    for (;;) {
        std::size_t at = 0;
        changed_.wait(lock, [&] { return given_up_ || (at = find_open(true)) < questions_.size(); });
        if (given_up_) return;
        states_[at] = State::kBegun;
        const std::string sql = questions_[at].sql;
        lock.unlock();
        try {
            Result answer = session.run(sql);
            lock.lock();
            answers_[at] = std::move(answer);
            states_[at] = State::kDone;
        } catch (const std::exception&) {
            lock.lock();
            states_[at] = State::kOpen;
            changed_.notify_all();
            return;
        }
        changed_.notify_all();
    }
}

}  // namespace dbfixture::postgres
