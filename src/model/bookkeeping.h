// SPDX-License-Identifier: MIT
// Tables in which migration tools and the like keep what they have done (DESIGN 3). Selections of all tables leave them
// out: emptying one makes its tool run again what has been run, loading one makes it believe what has not.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/schema.h"

namespace dbfixture {

// One kind of such tables. Names and columns are compared without regard to ASCII case; * stands for any text.
struct BookkeepingTable {
    std::string_view name;
    std::string_view columns;  // all of them, sorted, "a,b": for a name that others use too; "" if the name is enough
    std::string_view tool;
};

// To add a tool: a row of the table in bookkeeping.cpp, and the list in docs/fixtures.md, which a test compares with
// it. A tool that has a layout of its own says it there (LayoutKind::bookkeeping).
std::span<const BookkeepingTable> bookkeeping_tables();

// Sets the role of each table that one of the above or one of `patterns` means, and takes it from the others.
void mark_bookkeeping(Schema& schema, const std::vector<std::string>& patterns);

// Whether `name` fits `pattern`, in which * stands for any text.
bool matches_pattern(std::string_view pattern, std::string_view name);

}  // namespace dbfixture
