// SPDX-License-Identifier: MIT
// dumpdata: rows to records to a writer, inside one read transaction, one row at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/io.h"
#include "db/connection.h"
#include "fixture/format.h"
#include "ops/django_models.h"

namespace dbfixture {

struct DumpOptions {
    std::vector<std::size_t> tables;  // indexes into schema().tables, in the order to write (ops/selection.h)
    std::vector<std::string>
        keys;  // --pks: only these rows; one table only. A key is a scalar, or "[1, \"a\"]" for a composite key
    const Format* format = nullptr;
    WriteOptions write;
    // Django's layout; nullptr: table layout. Tables that are no model are in table layout all the same.
    const DjangoModels* django = nullptr;
    bool natural_foreign = false;
    bool natural_primary = false;
    std::vector<std::size_t> exclude;  // many-to-many tables that are left out of their owners' records
};

struct DumpReport {
    std::vector<std::uint64_t> rows;  // parallel to DumpOptions::tables
    std::uint64_t total = 0;
    std::vector<std::string> warnings;
};

// Call inside connection.begin_read() so that selection and rows see one state. Does not finish() the sink.
DumpReport dump(Connection& connection, const DumpOptions& options, ByteSink& sink);

}  // namespace dbfixture
