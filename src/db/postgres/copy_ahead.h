// SPDX-License-Identifier: MIT
// The rows of a CopyOut, of which the many are taken from the server on a thread of its own, so that receiving overlaps
// with what is made of them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/fill_ahead.h"
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
    bool receive(Lines& lines);
    bool next_received(std::string_view& line);

    CopyOut& copy_;
    std::size_t rows_ = 0;
    FillAhead<Lines> ahead_;
    Lines* lines_ = nullptr;
    std::size_t at_ = 0, begin_ = 0;  // of the next line in `lines_`
};

}  // namespace dbfixture::postgres
