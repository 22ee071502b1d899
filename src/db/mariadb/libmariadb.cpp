// SPDX-License-Identifier: MIT
#include "db/mariadb/libmariadb.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/cat.h"
#include "base/error.h"

namespace dbfixture::mariadb {
namespace {

constexpr const char* kLibrary = "libmariadb.so.3";
constexpr const char* kOldest = "3.1";  // with all of LibMariaDb's functions

Error missing_library() {
    const char* words = dlerror();
    return Error(ErrorKind::kFailure, cat("could not open ", kLibrary, ", MariaDB's client library"))
        .with_detail(words == nullptr ? "" : words)
        .with_hint("install it: apt-get install libmariadb3 (Debian's name of the package)");
}

template <typename Function>
void find(void* library, const LibMariaDb& found, const char* name, Function*& out) {
    out = reinterpret_cast<Function*>(dlsym(library, name));
    if (out != nullptr) return;
    const std::string version = found.mysql_get_client_version == nullptr
                                    ? "of an unknown version"
                                    : cat("of version number ", found.mysql_get_client_version());
    throw Error(ErrorKind::kFailure, cat("cannot use ", kLibrary, ": it has no ", name))
        .with_detail(cat("The library found is ", version, "; ", kOldest, " or later is needed."));
}

LibMariaDb open() {
    // Never closed: its own dependencies do not all survive that.
    void* const library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw missing_library();
    LibMariaDb out;
#define DBFIXTURE_FIND(name) find(library, out, #name, out.name);
    DBFIXTURE_LIBMARIADB_FUNCTIONS(DBFIXTURE_FIND)
#undef DBFIXTURE_FIND
    return out;
}

// The folder that the dynamic loader took the C library from: the system's own libraries lie there.
std::filesystem::path library_folder() {
    Dl_info facts = {};
    if (dladdr(reinterpret_cast<void*>(&std::abort), &facts) == 0 || facts.dli_fname == nullptr) return {};
    return std::filesystem::path(facts.dli_fname).parent_path();
}

}  // namespace

const LibMariaDb& libmariadb() {
    static const LibMariaDb kTable = open();  // of functions alone: nothing in it changes
    return kTable;
}

std::string libmariadb_version() {
    std::error_code code;
    for (const std::filesystem::path& folder :
         {library_folder(), std::filesystem::path("/usr/lib"), std::filesystem::path("/usr/lib64"),
          std::filesystem::path("/usr/local/lib")}) {
        if (std::filesystem::exists(folder / kLibrary, code)) return "3";
    }
    return {};
}

}  // namespace dbfixture::mariadb
