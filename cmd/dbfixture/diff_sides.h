// SPDX-License-Identifier: MIT
// What a side of diff is called on the command line: a database, a saved one, or fixtures.
#pragma once

#include <functional>
#include <string>

#include "input.h"
#include "ops/diff/diff.h"
#include "session.h"

namespace dbfixture {

// What belongs to the sides of one comparison.
class DiffSides {
  public:
    DiffSides(Session& session, std::string store, const InputOptions& input)
        : session_(session), store_(std::move(store)), input_(input) {}

    // Calls `use` with both sides, open while it runs. "" for `b`: the session's database. Throws kNotFound for a side
    // that is nothing, and what opening can throw.
    void open(const std::string& a, const std::string& b,
              const std::function<void(const DiffSide& a, const DiffSide& b)>& use);

  private:
    using UseSide = std::function<void(DiffSide&)>;
    bool is_fixture(const std::string& text);
    void with(const std::string& text, const UseSide& use);
    void with_snapshot_named(const std::string& text, const UseSide& use);
    void with_database(const std::string& text, const UseSide& use);
    DiffSide fixture(const std::string& text);

    Session& session_;
    std::string store_;
    const InputOptions& input_;
};

// The apps, layouts and tables of migration tools of the session's config.
void use_config(DiffOptions& options, Session& session);

}  // namespace dbfixture
