// SPDX-License-Identifier: MIT
#pragma once

#include <unistd.h>

#include <string>
#include <utility>

namespace dbfixture {

// Removes the file at `path` at its end, unless it was kept. To be made right after the file, which must have been made
// exclusively: what was there before is not ours to remove.
class NewFileGuard {
  public:
    explicit NewFileGuard(std::string path) : path_(std::move(path)) {}
    NewFileGuard(const NewFileGuard&) = delete;
    NewFileGuard& operator=(const NewFileGuard&) = delete;
    ~NewFileGuard() {
        if (!kept_) ::unlink(path_.c_str());
    }
    void keep() { kept_ = true; }

  private:
    std::string path_;
    bool kept_ = false;
};

}  // namespace dbfixture
