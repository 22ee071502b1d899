// SPDX-License-Identifier: MIT
// Each test has the database that the fixture says, whatever the test before it has done.
#define CATCH_CONFIG_MAIN
#include <dbfixture/dbfixture.h>
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "shop.h"

namespace {

class Shop {
  public:
    Shop() {
        sqlite3_open(":memory:", &database);
        create_tables(database);
        dbfixture::SqliteDatabase(database, options()).load({"shop"});
    }
    Shop(const Shop&) = delete;
    Shop& operator=(const Shop&) = delete;
    ~Shop() { sqlite3_close(database); }

    static dbfixture::DatabaseOptions options() {
        dbfixture::DatabaseOptions options;
        options.fixture_dirs = {FIXTURES};
        return options;
    }

    sqlite3* database = nullptr;
};

}  // namespace

TEST_CASE_METHOD(Shop, "what a customer spent is the sum of the orders") {
    CHECK(spent_by(database, 1) == 0);
    CHECK(spent_by(database, 2) == 42.5);
}

TEST_CASE_METHOD(Shop, "a customer who is forgotten leaves no order") {
    forget(database, 2);
    dbfixture::DumpSettings orders;
    orders.labels = {"orders"};
    CHECK(dbfixture::SqliteDatabase(database).dump_text(orders) == "[]\n");
}

TEST_CASE_METHOD(Shop, "a fixture with a mistake says where it is") {
    try {
        dbfixture::SqliteDatabase(database).load_text(R"([{"model": "customers", "pk": 3, "fields": {"nmae": "Cy"}}])");
        FAIL("it was loaded");
    } catch (const dbfixture::Failure& failure) {
        CHECK(failure.kind() == dbfixture::FailureKind::kInput);
        CHECK(failure.facts().record == 1);
        CHECK(failure.facts().table == "customers");
        CHECK(failure.facts().hint == "did you mean \"name\"?");
    }
}

TEST_CASE_METHOD(Shop, "a load is a part of the transaction that is open") {
    sqlite3_exec(database, "BEGIN", nullptr, nullptr, nullptr);
    dbfixture::SqliteDatabase(database).load_text(
        R"([{"model": "orders", "pk": 12, "fields": {"total": 7, "customer_id": 1}}])");
    CHECK(spent_by(database, 1) == 7);
    sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
    CHECK(spent_by(database, 1) == 0);
}
