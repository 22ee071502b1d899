// SPDX-License-Identifier: MIT
#include "db/postgres/libpq.h"

#include <dlfcn.h>

#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/cat.h"
#include "base/error.h"

namespace dbfixture::postgres {
namespace {

constexpr const char* kLibrary = "libpq.so.5";
constexpr int kOldest = 12;  // with all of LibPq's functions, and servers' errors in their present fields

std::string major_version(int number) {
    return cat(number / 10000);
}

Error missing_library() {
    const char* words = dlerror();
    return Error(ErrorKind::kFailure, cat("could not open ", kLibrary, ", PostgreSQL's client library"))
        .with_detail(words == nullptr ? "" : words)
        .with_hint("install it: apt-get install libpq5 (Debian's name of the package)");
}

template <typename Function>
void find(void* library, const LibPq& found, const char* name, Function*& out) {
    out = reinterpret_cast<Function*>(dlsym(library, name));
    if (out != nullptr) return;
    const std::string version =
        found.PQlibVersion == nullptr ? "of an unknown version" : cat("version ", major_version(found.PQlibVersion()));
    throw Error(ErrorKind::kFailure, cat("cannot use ", kLibrary, ": it has no ", name))
        .with_detail(cat("The library found is ", version, "; version ", kOldest, " or later is needed."));
}

LibPq open() {
    // Never closed: its own dependencies do not all survive that. Bound when used: to bind all that its 25 dependencies
    // call of each other takes as long as to load them.
    void* const library = dlopen(kLibrary, RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) throw missing_library();
    LibPq out;
#define DBFIXTURE_FIND(name) find(library, out, #name, out.name);
    DBFIXTURE_LIBPQ_FUNCTIONS(DBFIXTURE_FIND)
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

const LibPq& libpq() {
    static const LibPq kTable = open();  // of functions alone: nothing in it changes
    return kTable;
}

// Debian's libpq.so.5 is a link to libpq.so.5.15: the last number is PostgreSQL's.
std::string libpq_version() {
    std::error_code code;
    for (const std::filesystem::path& folder :
         {library_folder(), std::filesystem::path("/usr/lib"), std::filesystem::path("/usr/lib64"),
          std::filesystem::path("/usr/local/lib")}) {
        const std::filesystem::path real = std::filesystem::canonical(folder / kLibrary, code);
        if (code) continue;
        const std::string name = real.filename().string();
        const std::size_t dot = name.rfind('.');
        return name.size() > std::string_view(kLibrary).size() ? name.substr(dot + 1) : "5";
    }
    return {};
}

}  // namespace dbfixture::postgres
