// SPDX-License-Identifier: MIT
#include "ops/guard.h"

#include <catch2/catch.hpp>

#include "base/error.h"

using namespace dbfixture;

namespace {

GuardRequest request_for(const std::string& database) {
    GuardRequest request;
    request.action = "flush";
    request.database = database;
    request.loss = "12 rows of 3 tables";
    request.command = "dbfixture flush -d " + database;
    return request;
}

// "" if consent was given.
std::string refusal(const GuardRequest& request) {
    try {
        require_consent(request);
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::kRefused);
        return format_error(error);
    }
    return {};
}

}  // namespace

TEST_CASE("without a terminal the guard wants --no-input", "[guard]") {
    GuardRequest request = request_for("a/shop.db");
    CHECK(refusal(request) ==
          "refused to flush \"a/shop.db\"\n"
          "  detail: There is no terminal to ask on, and that never means yes. This would lose 12 rows of 3 tables.\n"
          "  hint: if you mean it: dbfixture flush -d a/shop.db --no-input\n");
    request.no_input = true;
    CHECK(refusal(request).empty());
}

TEST_CASE("on a terminal the guard asks, and only yes is yes", "[guard]") {
    for (std::string answer : {"yes", "y", "YES", "no", "", "yes please"}) {
        GuardRequest request = request_for("shop.db");
        std::string question;
        request.ask = [&](const std::string& text) {
            question = text;
            return answer;
        };
        const bool agreed = answer == "yes" || answer == "y" || answer == "YES";
        CHECK(refusal(request).empty() == agreed);
        CHECK(question == "About to flush \"shop.db\": 12 rows of 3 tables will be lost. Type yes to go on: ");
    }
}

TEST_CASE("names like production and live, and protected databases, want their name retyped", "[guard]") {
    for (const std::string name : {"shop_production.db", "LIVE.sqlite3", "my-prod"}) {
        GuardRequest request = request_for("x/" + name);
        request.no_input = true;
        request.ask = [](const std::string&) { return std::string("yes"); };
        CHECK(refusal(request).find("hint: if you mean it: dbfixture flush -d x/" + name + " --confirm " + name +
                                    "\n") != std::string::npos);
        request.confirm = "x/" + name;
        CHECK_FALSE(refusal(request).empty());
        request.confirm = name;
        CHECK(refusal(request).empty());
    }
    GuardRequest request = request_for("shop.db");
    request.no_input = true;
    request.is_protected = true;
    CHECK(refusal(request).find("The config says protected: true.") != std::string::npos);
    request.confirm = "shop.db";
    CHECK(refusal(request).empty());
}
