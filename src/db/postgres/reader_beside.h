// SPDX-License-Identifier: MIT
// A second session, on a thread of its own, that reads for one that holds locks: large tables are read in half the time
// where there are two processors.
//
//  1. It sees what is committed, and nothing that the first session has written. Where the locks of that keep writers
//     off and it has not written yet, both see the same rows.
//  2. It never waits for a lock: who waits for the first session may stand before it in the queue.
//  3. It may not come, since connections are few: nothing is waited for but a statement that it has begun, and what it
//     cannot do the first session does.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "db/location.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

class ReaderBeside {
  public:
    // Connects, without being waited for.
    explicit ReaderBeside(const Location& location);
    ReaderBeside(const ReaderBeside&) = delete;
    ReaderBeside& operator=(const ReaderBeside&) = delete;
    ~ReaderBeside();

    struct Question {
        std::string sql;    // one statement that only reads
        bool here = false;  // of what the first session has written: for that alone
    };
    // Each answered once, by whoever is free; answers in the order of the questions. Throws what `session` throws, and
    // is of no use after that.
    std::vector<Result> ask(Session& session, std::vector<Question> questions);

  private:
    enum class State { kOpen, kBegun, kDone };

    void work() noexcept;
    void answer_all();
    // With the mutex held. The place of a question that nobody has begun; questions_.size() for none.
    std::size_t find_open(bool by_reader) const;
    bool is_done() const;

    const Location location_;
    std::atomic<bool> given_up_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Question> questions_;
    std::vector<State> states_;
    std::vector<Result> answers_;
    std::thread thread_;
};

}  // namespace dbfixture::postgres
