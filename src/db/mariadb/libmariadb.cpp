// SPDX-License-Identifier: MIT
#include "db/mariadb/libmariadb.h"

#include <dlfcn.h>

#include "base/cat.h"
#include "db/client_library.h"

namespace dbfixture::mariadb {
namespace {

constexpr ClientLibrary kLibrary = {"libmariadb.so.3", "MariaDB", "libmariadb3", "3.1"};

template <typename Function>
void find(void* library, const LibMariaDb& found, const char* name, Function*& out) {
    out = reinterpret_cast<Function*>(dlsym(library, name));
    if (out != nullptr) return;
    const std::string version = found.mysql_get_client_version == nullptr
                                    ? "of an unknown version"
                                    : cat("of version number ", found.mysql_get_client_version());
    throw missing_function(kLibrary, name, version);
}

LibMariaDb open() {
    void* const library = open_client_library(kLibrary, RTLD_NOW | RTLD_LOCAL);
    LibMariaDb out;
#define DBFIXTURE_FIND(name) find(library, out, #name, out.name);
    DBFIXTURE_LIBMARIADB_FUNCTIONS(DBFIXTURE_FIND)
#undef DBFIXTURE_FIND
    return out;
}

}  // namespace

const LibMariaDb& libmariadb() {
    static const LibMariaDb kTable = open();  // of functions alone: nothing in it changes
    return kTable;
}

std::string libmariadb_version() {
    return find_client_library(kLibrary) ? "3" : "";
}

}  // namespace dbfixture::mariadb
