// SPDX-License-Identifier: MIT
#include "base/places_test.h"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace dbfixture {

std::filesystem::path source_folder() {
    return DBFIXTURE_SOURCE;
}

std::filesystem::path program_path() {
    return DBFIXTURE_PROGRAM;
}

bool in_this_part(std::size_t piece) {
    const char* given = std::getenv("DBFIXTURE_PART");
    if (given == nullptr) return true;
    std::size_t part = 0;
    std::size_t parts = 0;
    if (std::sscanf(given, "%zu/%zu", &part, &parts) != 2 || part < 1 || part > parts)
        throw std::runtime_error("DBFIXTURE_PART must be K/N");
    return piece % parts == part - 1;
}

}  // namespace dbfixture
