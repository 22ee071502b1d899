// SPDX-License-Identifier: MIT
// What a dump writes, and how.
#pragma once

#include <string>
#include <vector>

#include "fixture/format.h"

namespace dbfixture {

class Layout;
class WorkCount;

struct DumpOptions {
    std::vector<std::size_t> tables;  // indexes into schema().tables, in the order to write (model/selection.h)
    std::vector<std::string>
        keys;  // --pks: only these rows; one table only. A key is a scalar, or "[1, \"a\"]" for a composite key
    const Format* format = nullptr;
    WriteOptions write;
    const Layout* layout = nullptr;  // nullptr: table layout. It must outlive the dump
    bool natural_foreign = false;
    bool natural_primary = false;
    bool exact = false;                // what is stored, where the layout's form would only say the same
    WorkCount* written = nullptr;      // counts the records that are written; nullptr: nobody does
    std::vector<std::size_t> exclude;  // parts (Layout::is_part) that are left out of other tables' records
};

}  // namespace dbfixture
