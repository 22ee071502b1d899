// SPDX-License-Identifier: MIT
#include "db/client_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <system_error>

#include "base/cat.h"

namespace dbfixture {
namespace {

// The folder that the dynamic loader took the C library from: the system's own libraries lie there.
std::filesystem::path library_folder() {
    Dl_info facts = {};
    if (dladdr(reinterpret_cast<void*>(&std::abort), &facts) == 0 || facts.dli_fname == nullptr) return {};
    return std::filesystem::path(facts.dli_fname).parent_path();
}

}  // namespace

void* open_client_library(const ClientLibrary& library, int mode) {
    void* const opened = dlopen(library.file, mode);
    if (opened != nullptr) return opened;
    const char* const words = dlerror();
    throw Error(ErrorKind::kFailure, cat("could not open ", library.file, ", ", library.server, "'s client library"))
        .with_detail(words == nullptr ? "" : words)
        .with_hint(cat("install it: apt-get install ", library.package, " (Debian's name of the package)"));
}

Error missing_function(const ClientLibrary& library, std::string_view name, std::string_view version) {
    return Error(ErrorKind::kFailure, cat("cannot use ", library.file, ": it has no ", name))
        .with_detail(cat("The library found is ", version, "; ", library.oldest, " or later is needed."));
}

std::optional<std::filesystem::path> find_client_library(const ClientLibrary& library) {
    for (const std::filesystem::path& folder :
         {library_folder(), std::filesystem::path("/usr/lib"), std::filesystem::path("/usr/lib64"),
          std::filesystem::path("/usr/local/lib")}) {
        std::error_code code;
        std::filesystem::path real = std::filesystem::canonical(folder / library.file, code);
        if (!code) return real;
    }
    return std::nullopt;
}

}  // namespace dbfixture
