// SPDX-License-Identifier: MIT
#include "db/postgres/location.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "base/cat.h"
#include "base/error.h"
#include "db/open.h"

namespace dbfixture {
namespace {

// A variable of the environment, put back at the end.
class Variable {
  public:
    Variable(const char* name, const char* value) : name_(name) {
        if (const char* const before = std::getenv(name)) before_ = before;
        value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { before_.empty() ? ::unsetenv(name_) : ::setenv(name_, before_.c_str(), 1); }

  private:
    const char* name_;
    std::string before_;
};

std::string everything_of(const Error& error) {
    return cat(error.message, "\n", error.detail, "\n", error.hint);
}

}  // namespace

TEST_CASE("addresses of PostgreSQL are shown without user and password, whatever their form", "[postgres]") {
    const Variable host("PGHOST", nullptr), port("PGPORT", nullptr), service("PGSERVICE", nullptr);
    const Variable database("PGDATABASE", "from_environment");
    const std::pair<std::string, std::string> forms[] = {
        {"postgres://u:s3cret@db.example.com/shop", "postgresql://db.example.com/shop"},
        {"postgresql://u:s3cret@db.example.com:5433/shop?sslmode=require", "postgresql://db.example.com:5433/shop"},
        {"postgresql+psycopg://u:s3cret@[::1]:5433/shop", "postgresql://[::1]:5433/shop"},
        {"postgis://u:s3cret@h/a%20b", "postgresql://h/a%20b"},
        {"postgresql://u:s3cret@h/shop?schema=app&connection_limit=3", "postgresql://h/shop?schema=app"},
        {"jdbc:postgresql://h/shop?user=u&password=s3cret&currentSchema=app", "postgresql://h/shop?schema=app"},
        {"postgresql:///shop?host=/tmp/s&password=s3cret", "postgresql:///shop?host=/tmp/s"},
        {"host=h dbname=shop user=u password=s3cret", "postgresql://h/shop"},
        {"host = 'h' dbname='sh op' password = 's3cret \\' x'", "postgresql://h/sh%20op"},
        {"pgsql:host=h;port=5433;dbname=shop;password=s3cret", "postgresql://h:5433/shop"},
        {"service=mine password=s3cret", "postgresql:///?service=mine"},
        {"postgresql://u:s3cret@a:1,b:2/shop", "postgresql://a:1,b:2/shop"},
        {"postgresql://u:s3cret@h", "postgresql://h/from_environment"},
        {"postgresql://u:s3cr@et:x@h/shop", "postgresql://h/shop"},  // an @ that should have been %40
    };
    for (const auto& [url, shown] : forms) {
        INFO(url);
        CHECK(locate(DatabaseUrl(url)).shown == shown);
        CHECK(shown_url(DatabaseUrl(url)) == shown);
        CHECK(locate(DatabaseUrl(url)).engine->name == "PostgreSQL");
    }
}

TEST_CASE("malformed addresses of PostgreSQL are refused without a word of theirs", "[postgres]") {
    for (const std::string url :
         {"postgresql://u:s3cret/x@h/shop", "postgresql://u:1/s3cret@h/shop", "postgresql://u:s3cret?x@h/shop",
          "postgresql://u:s3cret%zz@h/shop", "postgresql://u:s3cret%00@h/shop", "postgresql:u:s3cret@h/shop",
          "postgresql://u:p@h:s3cret/shop", "postgresql://u:p@h/shop?s3cret", "postgresql://u:p@h/shop?s3c@ret=1",
          "dbname='postgresql://u:s3cret@h/shop'", "host=h dbname='password=s3cret'", "host=h password='s3cret",
          "host=h s3cret", "postgresql://u:p@[h:s3cret/shop"}) {
        INFO(url);
        try {
            locate(DatabaseUrl(url));
            FAIL("it was accepted");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::kUsage);
            CHECK(everything_of(error).find("s3c") == std::string::npos);
        }
        CHECK(shown_url(DatabaseUrl(url)).find("s3c") == std::string::npos);
    }
}

TEST_CASE("a parameter that PostgreSQL's addresses do not have is refused with the nearest name", "[postgres]") {
    try {
        locate(DatabaseUrl("postgresql://h/shop?sslmod=require"));
        FAIL("it was accepted");
    } catch (const Error& error) {
        CHECK(error.message == "PostgreSQL's addresses have no parameter \"sslmod\"");
        CHECK(error.hint == "did you mean \"sslmode\"?");
    }
}

TEST_CASE("the name of a database on a server is what it is guarded by, with its host", "[postgres]") {
    const Variable service("PGSERVICE", nullptr);
    const DatabaseIdentity identity = identify(locate(DatabaseUrl("postgresql://u@live.example.com/shop")));
    CHECK(identity.name == "shop");
    CHECK(identity.file.empty());
    REQUIRE(identity.names.size() == 2);
    CHECK(identity.names[1].text == "live.example.com");
    CHECK(identity.id == identify(locate(DatabaseUrl("host=live.example.com port=5432 dbname=shop"))).id);
    CHECK(identity.id != identify(locate(DatabaseUrl("host=live.example.com port=5433 dbname=shop"))).id);
}

}  // namespace dbfixture
