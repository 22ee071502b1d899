// SPDX-License-Identifier: MIT
// The rows of a CopyOut, of which the many are taken from the server on a thread of its own, so that receiving overlaps
// with what is made of them. Bounded: it does not run far ahead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/batch_pipe.h"
#include "db/postgres/copy.h"

namespace dbfixture::postgres {

// While it lives, nothing else may be asked of the session or the CopyOut.
class CopyAhead {
  public:
    explicit CopyAhead(CopyOut& copy) : copy_(copy) {}
    CopyAhead(const CopyAhead&) = delete;
    CopyAhead& operator=(const CopyAhead&) = delete;
    ~CopyAhead();
    // As CopyOut::next().
    bool next(std::string_view& line);

  private:
    struct Lines {
        std::string bytes;
        std::vector<std::size_t> ends;
        void clear();
    };
    void start() noexcept;
    void receive() noexcept;
    bool next_received(std::string_view& line);

    CopyOut& copy_;
    std::size_t rows_ = 0;
    BatchPipe<Lines> pipe_;
    std::unique_ptr<Lines> lines_;
    std::size_t at_ = 0, begin_ = 0;  // of the next line in `lines_`
    std::thread thread_;
};

}  // namespace dbfixture::postgres
