// SPDX-License-Identifier: MIT
// What a dump writes, and how.
#pragma once

#include <string>
#include <vector>

#include "fixture/format.h"
#include "layout/django/models.h"

namespace dbfixture {

struct DumpOptions {
    std::vector<std::size_t> tables;  // indexes into schema().tables, in the order to write (model/selection.h)
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

}  // namespace dbfixture
