// SPDX-License-Identifier: MIT
#include "db/mariadb/location.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "base/cat.h"
#include "base/error.h"
#include "db/open.h"

namespace dbfixture {

TEST_CASE("addresses of MariaDB are shown without user and password, whatever their form", "[mariadb]") {
    ::unsetenv("MYSQL_HOST");
    ::unsetenv("MYSQL_UNIX_PORT");
    const std::pair<std::string, std::string> forms[] = {
        {"mysql://u:s3cret@db.example.com/shop", "mysql://db.example.com/shop"},
        {"mariadb://u:s3cret@db.example.com:3307/shop?ssl-mode=REQUIRED", "mysql://db.example.com:3307/shop"},
        {"mysql+pymysql://u:s3cret@[::1]:3307/shop?charset=utf8mb4", "mysql://[::1]:3307/shop"},
        {"mysql2://u:s3cret@h/a%20b", "mysql://h/a%20b"},
        {"jdbc:mysql://h/shop?user=u&password=s3cret&useSSL=false", "mysql://h/shop"},
        {"mysql://u:s3cret@localhost/shop?unix_socket=/tmp/s", "mysql:///shop?socket=/tmp/s"},
        {"mysql:host=h;port=3307;dbname=shop;password=s3cret", "mysql://h:3307/shop"},
        {"u:s3cret@tcp(h:3307)/shop?parseTime=true", "mysql://h:3307/shop"},
        {"u:s3c@ret:x@unix(/tmp/s)/shop", "mysql:///shop?socket=/tmp/s"},
        {"mysql://u:s3cr@et:x@h/shop", "mysql://h/shop"},  // an @ that should have been %40
    };
    for (const auto& [url, shown] : forms) {
        INFO(url);
        CHECK(locate(DatabaseUrl(url)).shown == shown);
        CHECK(shown_url(DatabaseUrl(url)) == shown);
        CHECK(locate(DatabaseUrl(url)).engine->name == "MariaDB");
    }
}

TEST_CASE("a malformed address of MariaDB says what is wrong, and nothing of a password", "[mariadb]") {
    for (const std::string url : {"mysql://u:s3/cret@h/db", "mysql://u:s3%cret@h/db", "mysql://h:s3cret/db",
                                  "mysql:s3cret", "mysql://u:s3cret@h", "mysql://u@h/db?s3cret",
                                  "mysql://u:s3cret@[h/db", "mariadb://u:s3cret@a,b/db", "u:s3cret@tcp(h/db"}) {
        INFO(url);
        try {
            locate(DatabaseUrl(url));
            FAIL("no error");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::kUsage);
            const std::string all = cat(error.message, error.detail, error.hint);
            INFO(all);
            CHECK(all.find("s3") == std::string::npos);
            CHECK_FALSE(error.hint.empty());
        }
        CHECK(shown_url(DatabaseUrl(url)).find("s3") == std::string::npos);
    }
}

TEST_CASE("localhost is the socket of MariaDB, as its own programs take it, unless there is a port", "[mariadb]") {
    ::unsetenv("MYSQL_HOST");
    ::setenv("MYSQL_UNIX_PORT", "/tmp/s", 1);
    const auto id = [](const std::string& url) { return identify(locate(DatabaseUrl(url))).id; };
    CHECK(id("mysql://u@localhost/d") == id("mysql:///d?socket=/tmp/s"));
    CHECK(id("mysql://u@localhost/d") == id("mariadb://other:x@/d"));
    CHECK(id("mysql://localhost:3306/d") != id("mysql:///d"));
    CHECK(id("mysql://H:3306/d") == id("mysql://h/d"));
    CHECK(id("mysql://h/d") != id("mysql://h/e"));
    ::unsetenv("MYSQL_UNIX_PORT");
    ::setenv("MYSQL_HOST", "elsewhere", 1);
    CHECK(locate(DatabaseUrl("mysql:///d")).shown == "mysql://elsewhere/d");
    ::unsetenv("MYSQL_HOST");
}

}  // namespace dbfixture
