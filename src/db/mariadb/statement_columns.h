// SPDX-License-Identifier: MIT
// How Statement takes the rows of a result: each value from where it lies in the server's packet, without the copy and
// the conversion of a bound column. Only .cpp files include this.
#pragma once

#include <span>
#include <vector>

#include "db/mariadb/statement.h"

namespace dbfixture::mariadb {

struct Statement::Columns {
    explicit Columns(std::span<const ValueForm> forms);
    Columns(const Columns&) = delete;
    Columns& operator=(const Columns&) = delete;

    bool have(std::span<const ValueForm> forms) const;
    // The rows of a statement that was executed now come here. It must not outlive this, but for being closed.
    void receive(st_mysql_stmt* statement);
    // The values of the row that was fetched last. Texts lie in the packet, which the next fetch overwrites; with
    // `keep` everything lies in `arena`.
    void take(Value* values, Arena& arena, bool keep) const;
    std::size_t row_bytes() const;  // of that row, about

  private:
    struct Cell {
        ValueForm form = ValueForm::kText;
        int type = 0;  // of the library's, as the server sends it
        bool is_unsigned = false;
        std::size_t fixed = 0;        // the size of all values of the type; 0: each says its own
        const char* bytes = nullptr;  // in the packet; nullptr for NULL
        std::size_t size = 0;
    };
    static void place(void* columns, unsigned column, unsigned char** row);
    static Value value_of(const Cell& cell, const char* bytes, Arena& arena);

    std::vector<Cell> cells_;
};

}  // namespace dbfixture::mariadb
