// SPDX-License-Identifier: MIT
#include "ops/load.h"

#include <functional>
#include <optional>
#include <system_error>
#include <thread>

#include "base/c_locale.h"
#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "layout/binder.h"
#include "layout/layout.h"
#include "layout/row_batch.h"
#include "ops/batch_pipe.h"
#include "ops/replace.h"

namespace dbfixture {
namespace {

using RowPipe = BatchPipe<RowBatch>;

// Binds each record into the current batch and sends full batches on.
class BatchFiller final : public RecordSink {
  public:
    using Take = std::function<std::unique_ptr<RowBatch>()>;
    using Send = std::function<void(std::unique_ptr<RowBatch>)>;
    BatchFiller(Binder& binder, Take take_empty, Send send)
        : binder_(binder), take_empty_(std::move(take_empty)), send_(std::move(send)) {}

    void take(const Record& record) override {
        if (!batch_) batch_ = take_empty_();
        binder_.bind(record, *batch_);
        if (batch_->is_full()) send_(std::move(batch_));
    }
    // Rows bound so far go on even when the next record is bad, so that the first fault in the fixture is the one that
    // is reported.
    void flush() {
        if (batch_ && !batch_->rows.empty()) send_(std::move(batch_));
    }

  private:
    Binder& binder_;
    Take take_empty_;
    Send send_;
    std::unique_ptr<RowBatch> batch_;
};

void read_fixtures(const LoadRequest& request, BatchFiller& filler) {
    for (std::size_t i = 0; i < request.fixtures.size(); ++i) {
        const FixtureInput& input = request.fixtures[i];
        try {
            const auto source = input.open();
            input.format->read(*source, filler, {input.name, static_cast<std::uint32_t>(i)});
        } catch (Error& error) {
            if (error.where.file.empty() && error.kind == ErrorKind::kInput) error.where.file = input.name;
            throw;
        }
    }
}

// Joins however the writing side leaves.
class ReadingThread {
  public:
    ReadingThread(const LoadRequest& request, Binder& binder, RowPipe& pipe) : pipe_(pipe) {
        try {
            thread_ = std::thread([&request, &binder, &pipe] { run(request, binder, pipe); });
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
    static void run(const LoadRequest& request, Binder& binder, RowPipe& pipe) noexcept {
        const CLocale locale;
        std::exception_ptr failure;
        try {
            BatchFiller filler(
                binder, [&pipe] { return pipe.empty_batch(); },
                [&pipe](std::unique_ptr<RowBatch> batch) { pipe.push(std::move(batch)); });
            try {
                read_fixtures(request, filler);
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
void read_and_write(const LoadRequest& request, Binder& binder, const std::function<void(const RowBatch&)>& write) {
    auto spare = std::make_unique<RowBatch>();
    BatchFiller filler(
        binder, [&spare] { return std::move(spare); },
        [&](std::unique_ptr<RowBatch> batch) {
            write(*batch);
            batch->clear();
            spare = std::move(batch);
        });
    std::exception_ptr failure;
    try {
        read_fixtures(request, filler);
    } catch (const Error&) {
        failure = std::current_exception();
    }
    filler.flush();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

LoadSummary load(Connection& connection, const LoadRequest& request) {
    std::vector<std::string> files;
    for (const FixtureInput& input : request.fixtures)
        files.push_back(input.name);
    std::unique_ptr<Layout> layout;  // known once the transaction has begun
    const auto reword = [&](Error& error) {
        if (layout) layout->reword(connection, error);
    };
    const auto session = connection.begin_load({request.fire_triggers, request.allow_orphans, files, {}, reword});
    const Schema& schema = connection.schema();
    layout = open_layout(connection, request.layouts);
    BindOptions options;
    LayoutLabels labels = layout->translate({}, request.exclude, request.apps);
    options.ignore_nonexistent = request.ignore_nonexistent;
    if (!labels.exclude.empty()) options.excluded = excluded_tables(schema, labels.exclude, labels.apps);
    options.apps = std::move(labels.apps);
    options.files = files;
    for (const FixtureInput& input : request.fixtures)
        options.text_only.push_back(input.format->text_only);
    Binder binder(schema, *layout, std::move(options));
    std::optional<Replacer> replacer;
    SettleOptions settle{files, {}, {}};
    if (request.replace) {
        replacer.emplace(*session, schema);
        replacer->empty_named(*layout, request);
        settle.may_search = [&replacer](std::size_t table) { return replacer->has_emptied(table); };
    }
    const auto settler = layout->make_settler(connection, *session, settle);
    const auto write = [&](const RowBatch& batch) {
        if (replacer) replacer->empty_tables_of(batch);
        settler->write(batch);
    };
    {
        RowPipe pipe;
        const ReadingThread thread(request, binder, pipe);
        if (!thread.started()) read_and_write(request, binder, write);
        while (auto batch = thread.started() ? pipe.pop() : nullptr) {
            write(*batch);
            pipe.give_back(std::move(batch));
        }
    }
    settler->finish();
    LoadSummary summary;
    summary.report = session->finish();
    summary.notes = layout->notes();
    for (std::string& warning : binder.warnings())
        summary.report.warnings.push_back(std::move(warning));
    if (!request.dry_run) session->commit();
    summary.records = binder.counts().bound;
    summary.excluded = binder.counts().excluded;
    summary.ignored_records = binder.counts().ignored_records;
    summary.ignored_fields = binder.counts().ignored_fields;
    summary.fixtures = request.fixtures.size();
    return summary;
}

}  // namespace dbfixture
