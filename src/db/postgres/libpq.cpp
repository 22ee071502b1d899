// SPDX-License-Identifier: MIT
#include "db/postgres/libpq.h"

#include <dlfcn.h>

#include "base/cat.h"
#include "db/client_library.h"

namespace dbfixture::postgres {
namespace {

// Version 12 has servers' errors in their present fields, too.
constexpr ClientLibrary kLibrary = {"libpq.so.5", "PostgreSQL", "libpq5", "version 12"};

template <typename Function>
void find(void* library, const LibPq& found, const char* name, Function*& out) {
    out = reinterpret_cast<Function*>(dlsym(library, name));
    if (out != nullptr) return;
    const std::string version =
        found.PQlibVersion == nullptr ? "of an unknown version" : cat("version ", found.PQlibVersion() / 10000);
    throw missing_function(kLibrary, name, version);
}

LibPq open() {
    // Bound when used: to bind all that its 25 dependencies call of each other takes as long as to load them.
    void* const library = open_client_library(kLibrary, RTLD_LAZY | RTLD_LOCAL);
    LibPq out;
#define DBFIXTURE_FIND(name) find(library, out, #name, out.name);
    DBFIXTURE_LIBPQ_FUNCTIONS(DBFIXTURE_FIND)
#undef DBFIXTURE_FIND
    return out;
}

}  // namespace

const LibPq& libpq() {
    static const LibPq kTable = open();  // of functions alone: nothing in it changes
    return kTable;
}

// Debian's libpq.so.5 is a link to libpq.so.5.15: the last number is PostgreSQL's.
std::string libpq_version() {
    const auto file = find_client_library(kLibrary);
    if (!file) return {};
    const std::string name = file->filename().string();
    const std::string_view plain = kLibrary.file;
    return name.size() > plain.size() ? name.substr(name.rfind('.') + 1) : "5";
}

}  // namespace dbfixture::postgres
