// SPDX-License-Identifier: MIT
// Statements that go to the server in one message: each round trip costs as much as a small table.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/cat.h"

namespace dbfixture::postgres {

struct Batch {
    std::string sql;
    std::size_t count = 0;

    // Returns the place of its result in what Session::run_all() gives back.
    std::size_t add(std::string_view statement) {
        append(sql, statement);
        append(sql, "; ");
        return count++;
    }
    // `many` of them, with "; " between.
    void add_all(std::string_view statements, std::size_t many) {
        add(statements);
        count += many - 1;
    }
};

}  // namespace dbfixture::postgres
