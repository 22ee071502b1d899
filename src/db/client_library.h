// SPDX-License-Identifier: MIT
// Client libraries of servers, opened by the dynamic loader when a URL needs them.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace dbfixture {

struct ClientLibrary {
    const char* file;          // with its version, as the loader wants it
    std::string_view server;   // the name of its server
    std::string_view package;  // Debian's
    std::string_view oldest;   // that has all functions, as a message says it
};

// With dlopen's `mode`. Never closed: its own dependencies do not all survive that. Throws kFailure, naming the
// package.
void* open_client_library(const ClientLibrary& library, int mode);

// The one that was found, which `version` describes, has no function of that name.
Error missing_function(const ClientLibrary& library, std::string_view name, std::string_view version);

// Where it lies, links resolved, found without opening it; nothing where it is not installed.
std::optional<std::filesystem::path> find_client_library(const ClientLibrary& library);

}  // namespace dbfixture
