// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "base/io.h"

namespace dbfixture {

// Bytes that were read to see what they are, then the rest of the source that they came from.
class PrefixedSource final : public ByteSource {
  public:
    PrefixedSource(std::string prefix, std::unique_ptr<ByteSource> rest)
        : prefix_(std::move(prefix)), rest_(std::move(rest)) {}
    std::size_t read(char* to, std::size_t size) override {
        if (at_ == prefix_.size()) return rest_->read(to, size);
        size = std::min(size, prefix_.size() - at_);
        std::memcpy(to, prefix_.data() + at_, size);
        at_ += size;
        return size;
    }

  private:
    std::string prefix_;
    std::size_t at_ = 0;
    std::unique_ptr<ByteSource> rest_;
};

}  // namespace dbfixture
