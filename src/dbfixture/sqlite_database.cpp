// SPDX-License-Identifier: MIT
#include "dbfixture/access.h"
#include "dbfixture/failures.h"

namespace dbfixture {

// The caller has opened it, and knows what it is: there is nothing to guard.
struct SqliteDatabase::Borrowed final : AnyDatabase::Access {
    Borrowed(sqlite3* given, const DatabaseOptions& options) : Access(options), connection(given) {
        if (given == nullptr) throw Error(ErrorKind::kUsage, "there is no connection: the pointer is null");
    }
    std::unique_ptr<Connection> open(OpenMode) override { return borrow_database(connection, bookkeeping()); }
    void guard(std::string_view) override {}
    std::vector<std::string> files() const override { return {}; }

    sqlite3* connection;
};

SqliteDatabase::SqliteDatabase(sqlite3* connection, const DatabaseOptions& options)
    : AnyDatabase(
          with_failures([&]() -> std::unique_ptr<Access> { return std::make_unique<Borrowed>(connection, options); })) {
}

}  // namespace dbfixture
