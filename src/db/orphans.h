// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/error.h"
#include "db/connection.h"

namespace dbfixture {

// A row of `child` refers by `key` to values that nobody has. They are described, one for each column of the key.
Error dangling_reference(const Table& child, const ForeignKey& key, std::span<const std::string> values);

// What a load does about rows that refer to nothing: `error` names the first of them, and `more` of its table have the
// same fault. Throws it, or with LoadOptions::allow_orphans adds a warning to the report.
void report_orphans(Error error, std::uint64_t more, const LoadOptions& options, LoadReport& report);

}  // namespace dbfixture
