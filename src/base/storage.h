// SPDX-License-Identifier: MIT
// How much a folder has room for, and whether what is in it is kept in memory.
#pragma once

#include <cstdint>
#include <string>

namespace dbfixture {

bool is_in_memory(const std::string& folder);

// In memory no more than the memory that this process may still use: filling a file system there would end processes.
std::uint64_t free_bytes(const std::string& folder);

}  // namespace dbfixture
