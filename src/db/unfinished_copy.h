// SPDX-License-Identifier: MIT
// A database that is being made on a server goes again unless it is finished. `Server` is an engine's CloneServer.
#pragma once

#include <exception>
#include <functional>
#include <string>

#include "base/interrupt.h"

namespace dbfixture {

// On the way out, also after a signal. False if it may still be there.
template <typename Server>
bool drop_after_all(Server& server, const std::string& name) noexcept {
    const HoldInterrupts hold;
    try {
        server.drop(name);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

template <typename Server>
class UnfinishedCopy {
  public:
    // `may_be_left`, which may be empty, is called where it could not be dropped.
    UnfinishedCopy(Server& server, const std::string& name, const std::function<void()>& may_be_left)
        : server_(server), name_(name), may_be_left_(may_be_left) {}
    UnfinishedCopy(const UnfinishedCopy&) = delete;
    UnfinishedCopy& operator=(const UnfinishedCopy&) = delete;
    ~UnfinishedCopy() {
        if (!done_ && !drop_after_all(server_, name_) && may_be_left_) may_be_left_();
    }
    void done() { done_ = true; }

  private:
    Server& server_;
    const std::string& name_;
    const std::function<void()>& may_be_left_;
    bool done_ = false;
};

}  // namespace dbfixture
