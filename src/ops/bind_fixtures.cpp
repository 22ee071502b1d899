// SPDX-License-Identifier: MIT
#include "ops/bind_fixtures.h"

#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "base/batch_pipe.h"
#include "base/c_locale.h"
#include "base/error.h"

namespace dbfixture {
namespace {

using RowPipe = BatchPipe<RowBatch>;

using BindRecord = std::function<void(const Record&, RowBatch&)>;

// Binds each record into the current batch and sends full batches on.
class BatchFiller final : public RecordSink {
  public:
    using Take = std::function<std::unique_ptr<RowBatch>()>;
    using Send = std::function<void(std::unique_ptr<RowBatch>)>;
    BatchFiller(const BindRecord& bind, Take take_empty, Send send)
        : bind_(bind), take_empty_(std::move(take_empty)), send_(std::move(send)) {}

    void take(const Record& record) override {
        if (!batch_) batch_ = take_empty_();
        bind_(record, *batch_);
        if (batch_->is_full()) send_(std::move(batch_));
    }
    // Rows bound so far go on even when the next record is bad, so that the first fault in the fixture is the one that
    // is reported.
    void flush() {
        if (batch_ && !batch_->rows.empty()) send_(std::move(batch_));
    }

  private:
    const BindRecord& bind_;
    Take take_empty_;
    Send send_;
    std::unique_ptr<RowBatch> batch_;
};

struct Reading {
    std::span<const FixtureInput> fixtures;
    bool placeholders = false;
    const BindRecord& bind;
};

void read_fixtures(const Reading& reading, BatchFiller& filler) {
    for (std::size_t i = 0; i < reading.fixtures.size(); ++i) {
        const FixtureInput& input = reading.fixtures[i];
        try {
            const auto source = input.open();
            input.format->read(*source, filler, {input.name, static_cast<std::uint32_t>(i), {}, reading.placeholders});
        } catch (Error& error) {
            if (error.where.file.empty() && error.kind == ErrorKind::kInput) error.where.file = input.name;
            throw;
        }
    }
}

// Joins however the writing side leaves.
class ReadingThread {
  public:
    ReadingThread(const Reading& reading, RowPipe& pipe) : pipe_(pipe) {
        try {
            thread_ = std::thread([&reading, &pipe] { run(reading, pipe); });
        } catch (const std::system_error&) {
            // No thread is to be had: started() says so.
        }
    }
    bool started() const { return thread_.joinable(); }
    ReadingThread(const ReadingThread&) = delete;
    ReadingThread& operator=(const ReadingThread&) = delete;
    ~ReadingThread() {
        pipe_.stop();
        if (thread_.joinable()) thread_.join();
    }

  private:
    // Nothing leaves it, for that would end the program.
    static void run(const Reading& reading, RowPipe& pipe) noexcept {
        const CLocale locale;
        std::exception_ptr failure;
        try {
            BatchFiller filler(
                reading.bind, [&pipe] { return pipe.empty_batch(); },
                [&pipe](std::unique_ptr<RowBatch> batch) { pipe.push(std::move(batch)); });
            try {
                read_fixtures(reading, filler);
            } catch (const RowPipe::Stopped&) {
                throw;
            } catch (...) {
                failure = std::current_exception();
            }
            filler.flush();
        } catch (const RowPipe::Stopped&) {
            failure = nullptr;  // nobody waits for more
        } catch (...) {
            if (!failure) failure = std::current_exception();
        }
        pipe.close(std::move(failure));
    }

    RowPipe& pipe_;
    std::thread thread_;
};

// Without a second thread: each batch is written as soon as it is full.
void read_and_write(const Reading& reading, const std::function<void(const RowBatch&)>& write) {
    auto spare = std::make_unique<RowBatch>();
    BatchFiller filler(
        reading.bind, [&spare] { return std::move(spare); },
        [&](std::unique_ptr<RowBatch> batch) {
            write(*batch);
            batch->clear();
            spare = std::move(batch);
        });
    std::exception_ptr failure;
    try {
        read_fixtures(reading, filler);
    } catch (const Error&) {
        failure = std::current_exception();
    }
    filler.flush();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

void bind_fixtures(std::span<const FixtureInput> fixtures, bool placeholders,
                   const std::function<void(const Record& record, RowBatch& batch)>& bind,
                   const std::function<void(const RowBatch& batch)>& write) {
    const Reading reading{fixtures, placeholders, bind};
    RowPipe pipe;
    const ReadingThread thread(reading, pipe);
    if (!thread.started()) return read_and_write(reading, write);
    while (auto batch = pipe.pop()) {
        write(*batch);
        pipe.give_back(std::move(batch));
    }
}

}  // namespace dbfixture
