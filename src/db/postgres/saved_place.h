// SPDX-License-Identifier: MIT
// A place that is being made: the reference is there before what it names.
#pragma once

#include <string>

#include "db/postgres/saved_session.h"
#include "db/saved_reference.h"

namespace dbfixture::postgres {

// Removes the reference again unless it is kept. What it names must be gone by then, or be named by a mark alone, so
// that States::sweep finds it.
class NewPlace {
  public:
    NewPlace(SavedSession& saved, const std::string& place, StateKind kind = StateKind::kCopy);
    NewPlace(const NewPlace&) = delete;
    NewPlace& operator=(const NewPlace&) = delete;
    ~NewPlace();
    const SavedReference& reference() const { return reference_; }
    const std::string& object() const { return reference_.object; }
    void keep() { kept_ = true; }

  private:
    std::string place_;
    SavedReference reference_;
    bool kept_ = false;
};

}  // namespace dbfixture::postgres
