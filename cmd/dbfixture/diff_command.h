// SPDX-License-Identifier: MIT
// Comparing and saying what came of it: for diff, and for run --expect.
#pragma once

#include <string>
#include <vector>

#include "diff_text.h"
#include "ops/diff/diff.h"

namespace CLI {
class App;
}

namespace dbfixture {

class Session;

// A document lists so many rows of a table at most.
inline constexpr int kRowsOfDocument = 10'000;

// What is compared, and how much of it is said.
struct DiffSelection {
    std::vector<std::string> only, exclude, ignore;
    bool contains = false;
    bool stat = false;
    int limit = 0;
};
void add_selection_options(CLI::App& app, DiffSelection& selection);
DiffOptions diff_options(const DiffSelection& selection, Session& session);

// Compares and prints as text.
DiffReport print_differences(Session& session, const DiffSide& a, const DiffSide& b, const DiffSelection& selection);
// Compares and prints, as text, as a document or both. True if nothing differs.
bool show_differences(Session& session, const DiffSide& a, const DiffSide& b, const DiffSelection& selection);

}  // namespace dbfixture
