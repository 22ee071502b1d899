// SPDX-License-Identifier: MIT
// Puts rows in the order of their keys, in bounded memory: an external merge sort.
//
//  1. Rows gather in memory. Once they take their share, they are sorted and appended to a temporary file, as a run.
//  2. Rows that come in order, as those of a dump do, are not sorted, and their runs are one: the next begins where the
//     last one ended.
//  3. The runs are merged as they are read. Rows of one key come in the order in which they were added.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ops/diff/row_stream.h"

namespace dbfixture {

class RowSorter {
  public:
    static constexpr std::size_t kMemory = std::size_t{3} * 1024 * 1024;

    explicit RowSorter(std::size_t memory = kMemory) : memory_(memory) {}

    void add(const StreamedRow& row);
    std::uint64_t rows() const { return rows_; }
    // What it holds, whether it is in use or not.
    std::size_t memory() const { return bytes_.capacity() + places_.capacity() * sizeof(places_[0]); }
    // Writes what is in memory to the file now, and gives the memory back.
    void release();
    // After the last add(). May be called again once the stream before is gone. The sorter must outlive the stream.
    std::unique_ptr<RowStream> read();

  private:
    struct Run {
        std::uint64_t begin = 0, end = 0;  // bytes of the file
    };
    class MemoryRows;
    class MergedRuns;

    void spill();
    StreamedRow row_at(std::size_t place) const;
    void sort();

    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::size_t memory_;
    std::string bytes_;                // rows behind one another, as they go into the file
    std::vector<std::size_t> places_;  // of the rows in bytes_
    bool in_order_ = true;             // those in memory
    std::string last_key_;             // of the last row of the last run
    std::vector<Run> runs_;
    std::unique_ptr<std::FILE, Closer> file_;
    std::uint64_t written_ = 0, rows_ = 0;
};

}  // namespace dbfixture
