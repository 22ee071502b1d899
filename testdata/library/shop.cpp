// SPDX-License-Identifier: MIT
#include "shop.h"

#include <sqlite3.h>

#include <stdexcept>
#include <string>

namespace {

void run(sqlite3* database, const std::string& sql) {
    if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        throw std::runtime_error(sqlite3_errmsg(database));
}

}  // namespace

void create_tables(sqlite3* database) {
    run(database,
        "PRAGMA foreign_keys = ON;"
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE);"
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL NOT NULL,"
        "  customer_id INTEGER NOT NULL REFERENCES customers ON DELETE CASCADE);");
}

double spent_by(sqlite3* database, int customer) {
    sqlite3_stmt* sum = nullptr;
    sqlite3_prepare_v2(database, "SELECT total(total) FROM orders WHERE customer_id = ?1", -1, &sum, nullptr);
    sqlite3_bind_int(sum, 1, customer);
    sqlite3_step(sum);
    const double total = sqlite3_column_double(sum, 0);
    sqlite3_finalize(sum);
    return total;
}

void forget(sqlite3* database, int customer) {
    run(database, "DELETE FROM customers WHERE id = " + std::to_string(customer));
}
