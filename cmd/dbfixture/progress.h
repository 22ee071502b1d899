// SPDX-License-Identifier: MIT
// Shows how many bytes of fixtures have been read or written, where progress is shown at all.
#pragma once

#include <memory>
#include <string>

#include "base/io.h"
#include "report.h"

namespace dbfixture {

// Both give back `inner` itself when `report` shows no progress; else `report` must outlive the result.
std::unique_ptr<ByteSink> count_written(std::unique_ptr<ByteSink> inner, Report& report);
std::unique_ptr<ByteSource> count_read(std::unique_ptr<ByteSource> inner, const std::string& name, Report& report);

}  // namespace dbfixture
