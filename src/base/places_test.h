// SPDX-License-Identifier: MIT
// For tests: where they find what they need. Only places_test.cpp holds the paths, so that all other test files compile
// to the same in every checkout and ccache knows them.
#pragma once

#include <cstddef>
#include <filesystem>

namespace dbfixture {

// The checkout.
std::filesystem::path source_folder();

// The built program.
std::filesystem::path program_path();

// A long test case that is tagged [parts:N] runs as N tests of ctest, and in each asks for each of its pieces of work
// whether it is its own. Without $DBFIXTURE_PART, which ctest sets to K/N, all are.
bool in_this_part(std::size_t piece);

}  // namespace dbfixture
