// SPDX-License-Identifier: MIT
#include "db/mariadb/versions.h"

#include "base/cat.h"
#include "db/mariadb/libmariadb.h"

namespace dbfixture::mariadb {

std::vector<LibraryVersion> versions() {
    const std::string found = libmariadb_version();
    return {{"libmariadb", found.empty() ? "not found (package libmariadb3; needed for MariaDB and MySQL alone)"
                                         : cat(found, " (opened when needed)")}};
}

}  // namespace dbfixture::mariadb
