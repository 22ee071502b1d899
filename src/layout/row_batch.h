// SPDX-License-Identifier: MIT
// Bound rows on their way to the database, with the memory that they point into.
#pragma once

#include <vector>

#include "base/arena.h"
#include "db/connection.h"

namespace dbfixture {

struct DjangoField;
struct DjangoMembers;
struct DjangoModel;

// What a row in Django's layout still needs of the database before or after it is written (layout/django/settle.h).
struct RowLink {
    enum class Kind : std::uint8_t {
        kReference,  // values[slot] is the natural key, a list, of what `field` refers to
        kOwnKey,     // values[slot] is the row's primary key, to be found by its natural key or to be given
        kMembers,    // `value` is the list of `members`: bound keys, and natural keys as lists
    };
    Kind kind = Kind::kReference;
    bool is_xml = false;
    std::uint32_t row = 0;  // index into RowBatch::rows
    std::size_t slot = 0;
    const DjangoModel* model = nullptr;
    const DjangoField* field = nullptr;
    const DjangoMembers* members = nullptr;
    Value value;
};

struct RowBatch {
    Arena arena;
    std::size_t text_bytes = 0;
    std::vector<BoundRow> rows;
    std::vector<RowLink> links;  // in the order of the rows

    bool is_full() const { return rows.size() >= 512 || text_bytes >= std::size_t{256} * 1024; }
    void clear() {
        arena.clear();
        text_bytes = 0;
        rows.clear();
        links.clear();
    }
};

}  // namespace dbfixture
