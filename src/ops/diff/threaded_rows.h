// SPDX-License-Identifier: MIT
// The rows of a side, read on a second thread, so that two databases are read at once. Only after some rows: most
// tables are too small for a thread.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/batch_pipe.h"
#include "ops/diff/row_stream.h"

namespace dbfixture {

class ThreadedRows final : public RowStream {
  public:
    // While this lives, nothing else may be asked of what `inner` reads from.
    explicit ThreadedRows(std::unique_ptr<RowStream> inner) : inner_(std::move(inner)) {}
    ThreadedRows(const ThreadedRows&) = delete;
    ThreadedRows& operator=(const ThreadedRows&) = delete;
    ~ThreadedRows() override;

    bool next(StreamedRow& row) override;

  private:
    static constexpr std::size_t kReadAlone = 4000;

    struct Batch {
        struct Place {
            std::size_t key = 0, row = 0;  // sizes
            Origin origin;
        };
        std::string bytes;
        std::vector<Place> rows;
        bool is_full() const { return rows.size() >= 512 || bytes.size() >= std::size_t{128} * 1024; }
        void clear() {
            bytes.clear();
            rows.clear();
        }
    };
    void start();
    void read_all() noexcept;

    std::unique_ptr<RowStream> inner_;
    std::size_t read_alone_ = 0;
    BatchPipe<Batch> pipe_;
    std::unique_ptr<Batch> batch_;
    std::size_t at_ = 0, offset_ = 0;  // in the batch
    std::thread thread_;
};

}  // namespace dbfixture
