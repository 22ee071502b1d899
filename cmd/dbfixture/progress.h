// SPDX-License-Identifier: MIT
// The line on a terminal that says how far a command is.
//
//  1. Work that may take long is an Activity. Its line is shown once it has lasted a second, drawn anew five times a
//     second by a thread of its own, and gone when it ends, however that is.
//  2. What is done is counted by those who do it (base/work.h). Without a count, the line says how long it takes.
//  3. The line is as wide as the terminal is at that moment, less what a Ctrl-C is shown as, and so never wraps. Each
//     drawing is one write over the old line, so nothing flickers. In the background nothing is drawn.
//  4. Whatever else is printed clears it first: Report prints through print().
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/io.h"
#include "base/work.h"
#include "ops/load.h"
#include "progress_text.h"
#include "report.h"

namespace dbfixture {

class Activity {
  public:
    // `what` stands at the beginning of the line: "Dumping". Nothing is shown where `report` shows no progress. Another
    // activity of the report's is not shown until this one has ended. `report` must outlive it.
    Activity(Report& report, std::string what, ProgressUnit unit = ProgressUnit::kBytes);
    // Reading these, and what follows when they have been read: "Loading shop.json".
    Activity(Report& report, const std::string& verb, const std::vector<FixtureInput>& inputs);
    Activity(const Activity&) = delete;
    Activity& operator=(const Activity&) = delete;
    ~Activity();

    // Whether anybody sees what is counted.
    bool shown() const { return report_ != nullptr; }
    // nullptr unless it is shown.
    WorkCount* work() { return shown() ? &work_ : nullptr; }
    // One of the inputs has been read to its end.
    void end_input() { --inputs_left_; }
    // They are read from their beginning once more.
    void begin_again();

    // Clears the line, then prints; both undisturbed by the next drawing.
    void print(const std::function<void()>& action);

  private:
    using Clock = std::chrono::steady_clock;

    void draw_often();
    void draw();
    void clear();
    ProgressState look(Clock::time_point now);

    void set_hidden(bool hidden);

    Report* report_ = nullptr;
    Activity* outer_ = nullptr;
    std::string what_;
    ProgressUnit unit_;
    WorkCount work_;
    int inputs_ = -1;
    std::atomic<int> inputs_left_ = -1;  // 0: all have been read

    const Clock::time_point start_ = Clock::now();
    Clock::time_point seen_at_ = start_;
    std::uint64_t seen_ = 0, seen_step_ = 0;
    double per_second_ = 0;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool ended_ = false;
    bool drawn_ = false;
    bool hidden_ = false;
    std::thread thread_;
};

// Counts what is read from `inner` in the activity that `report` has at that moment. Gives back `inner` itself where no
// progress is shown; else `report` must outlive the result.
std::unique_ptr<ByteSource> count_read(std::unique_ptr<ByteSource> inner, Report& report);

}  // namespace dbfixture
