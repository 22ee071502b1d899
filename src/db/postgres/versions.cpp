// SPDX-License-Identifier: MIT
#include "db/postgres/versions.h"

#include "base/cat.h"
#include "db/postgres/libpq.h"

namespace dbfixture::postgres {

std::vector<LibraryVersion> versions() {
    const std::string found = libpq_version();
    return {{"libpq", found.empty() ? "not found (package libpq5; needed for PostgreSQL alone)"
                                    : cat(found, " (opened when needed)")}};
}

}  // namespace dbfixture::postgres
