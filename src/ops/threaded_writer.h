// SPDX-License-Identifier: MIT
// A RecordWriter that hands copies of its records to another writer on a second thread, so that reading a database and
// writing text overlap. Order is kept; memory is bounded.
#pragma once

#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/arena.h"
#include "base/batch_pipe.h"
#include "fixture/format.h"

namespace dbfixture {

class ThreadedWriter final : public RecordWriter {
  public:
    // `inner` must outlive this writer and be left alone until finish() has returned. Where no thread can be started,
    // records are written in the caller's. `lasting_names`: as in WriteOptions; the inner writer then gets the names
    // that it is given.
    explicit ThreadedWriter(RecordWriter& inner, bool lasting_names = false);
    ThreadedWriter(const ThreadedWriter&) = delete;
    ThreadedWriter& operator=(const ThreadedWriter&) = delete;
    ~ThreadedWriter() override;

    // Both throw what the inner writer threw, perhaps some records later.
    void write(const Record& record) override;
    void finish() override;

  private:
    // Model and field names, which nearly every record shares with the one before it.
    struct Shape {
        std::string model;
        std::vector<std::string_view> names;  // the record's own if they last, else copies in the batch
        std::vector<std::optional<FieldFacts>> facts;
    };
    struct Entry {
        const Shape* shape = nullptr;
        Value key, row_number;
        bool has_key = false, key_typed_by_column = true, has_row_number = false;
        Origin origin;
        const Value* values = nullptr;  // one for each name
    };
    struct Batch {
        Arena arena;
        std::size_t bytes = 0;
        std::deque<Shape> shapes;
        std::vector<Entry> entries;
        void clear() {
            shapes.clear();
            arena.clear();
            bytes = 0;
            entries.clear();
        }
    };

    bool fits(const Shape& shape, const Record& record) const;
    const Shape& shape_of(const Record& record, Batch& batch) const;
    static void take_shape(const Shape& shape, Record& record);
    Value copy(const Value& value, Batch& batch) const;
    void write_all() noexcept;
    [[noreturn]] void fail();

    RecordWriter& inner_;
    const bool lasting_names_;
    BatchPipe<Batch> pipe_;
    std::unique_ptr<Batch> batch_;
    std::exception_ptr failure_;  // set by the thread before it ends
    std::thread thread_;
};

}  // namespace dbfixture
