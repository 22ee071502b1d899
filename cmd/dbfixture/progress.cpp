// SPDX-License-Identifier: MIT
#include "progress.h"

#include <chrono>
#include <cstdint>

#include "base/cat.h"

namespace dbfixture {
namespace {

using Clock = std::chrono::steady_clock;

// Prints at most ten times a second.
class Meter {
  public:
    Meter(std::string what, Report& report) : what_(std::move(what)), report_(report) {}
    void add(std::size_t bytes) {
        bytes_ += bytes;
        const auto now = Clock::now();
        if (now < next_) return;
        next_ = now + std::chrono::milliseconds(100);
        report_.progress(cat(what_, ": ", bytes_ / 1'000'000, ".", bytes_ / 100'000 % 10, " MB"));
    }

  private:
    std::string what_;
    Report& report_;
    std::uint64_t bytes_ = 0;
    Clock::time_point next_ = Clock::now();
};

class CountingSink final : public ByteSink {
  public:
    CountingSink(std::unique_ptr<ByteSink> inner, Report& report)
        : inner_(std::move(inner)), meter_("written", report) {}
    void write(std::string_view bytes) override {
        inner_->write(bytes);
        meter_.add(bytes.size());
    }
    void finish() override { inner_->finish(); }

  private:
    std::unique_ptr<ByteSink> inner_;
    Meter meter_;
};

class CountingSource final : public ByteSource {
  public:
    CountingSource(std::unique_ptr<ByteSource> inner, const std::string& name, Report& report)
        : inner_(std::move(inner)), meter_(name, report) {}
    std::size_t read(char* to, std::size_t size) override {
        const std::size_t count = inner_->read(to, size);
        meter_.add(count);
        return count;
    }

  private:
    std::unique_ptr<ByteSource> inner_;
    Meter meter_;
};

}  // namespace

std::unique_ptr<ByteSink> count_written(std::unique_ptr<ByteSink> inner, Report& report) {
    if (!report.shows_progress()) return inner;
    return std::make_unique<CountingSink>(std::move(inner), report);
}

std::unique_ptr<ByteSource> count_read(std::unique_ptr<ByteSource> inner, const std::string& name, Report& report) {
    if (!report.shows_progress()) return inner;
    return std::make_unique<CountingSource>(std::move(inner), name, report);
}

}  // namespace dbfixture
