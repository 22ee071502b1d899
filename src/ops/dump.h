// SPDX-License-Identifier: MIT
// dumpdata: rows to records to a writer, inside one read transaction, one row at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/io.h"
#include "db/connection.h"
#include "layout/dump_options.h"

namespace dbfixture {

struct DumpReport {
    std::vector<std::uint64_t> rows;  // parallel to DumpOptions::tables
    std::uint64_t total = 0;
    std::vector<std::string> warnings;
};

// Call inside a ReadView so that selection and rows see one state. Does not finish() the sink.
DumpReport dump(Connection& connection, const DumpOptions& options, ByteSink& sink);

}  // namespace dbfixture
