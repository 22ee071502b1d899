// SPDX-License-Identifier: MIT
// Dumps of the library: which tables, in which layout, and where to.
#pragma once

#include <string>
#include <vector>

#include "db/connection.h"
#include "dbfixture/dbfixture.h"
#include "ops/config.h"

namespace dbfixture {

DumpResult dump_to_text(Connection& connection, std::string& text, const DumpSettings& settings, const Config& config);

// Throws kRefused where `file` is a database or a part of one, lies among snapshots, or is one of `own`.
DumpResult dump_to_file(Connection& connection, const std::string& file, const std::vector<std::string>& own,
                        const DumpSettings& settings, const Config& config);

}  // namespace dbfixture
