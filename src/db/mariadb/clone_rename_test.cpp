// SPDX-License-Identifier: MIT
#include "db/mariadb/clone_rename.h"

#include <catch2/catch.hpp>

#include "db/mariadb/clone_header.h"

namespace dbfixture::mariadb {
namespace {

const Renaming kShop = {"shop", "copy", true, {"t", "u", "f", "s"}};
const Renaming kWithShop = {"shop", "copy", true, {"t", "u", "f", "s", "shop"}};

std::string renamed(std::string_view sql, std::string_view sql_mode = "", const Renaming& renaming = kShop) {
    const Renamed out = rename_database(sql, lexical_mode(sql_mode), renaming);
    return out.text + (out.in_text ? " !" : "");
}

}  // namespace

TEST_CASE("what a definition says of its own database is said of the copy") {
    CHECK(renamed("CREATE TABLE `t` (`id` int DEFAULT nextval(`shop`.`s`), CHECK (`shop` > 0))") ==
          "CREATE TABLE `t` (`id` int DEFAULT nextval(`copy`.`s`), CHECK (`shop` > 0))");
    CHECK(renamed("select `shop`.`f`(`t`.`id`) AS `x`, `shop`.`t`.`id` from (`shop`.`t` join `other`.`shop` `a`)") ==
          "select `copy`.`f`(`t`.`id`) AS `x`, `copy`.`t`.`id` from (`copy`.`t` join `other`.`shop` `a`)");
    CHECK(renamed("begin insert into shop . t (a) select u.a from shop.u, shop.t; call shop.f; end") ==
          "begin insert into `copy` . t (a) select u.a from `copy`.u, `copy`.t; call `copy`.f; end");
    CHECK(renamed("select \"id\" from \"shop\".t", "ANSI_QUOTES") == "select \"id\" from `copy`.t");
    CHECK(renamed("UPDATE Shop.t SET x = shop.x") == "UPDATE Shop.t SET x = shop.x");
    CHECK(rename_database("UPDATE Shop.t SET x = 1", {}, {"shop", "copy", false, {"t"}}).text ==
          "UPDATE `copy`.t SET x = 1");
}

TEST_CASE("a table that is called as its database stays") {
    CHECK(
        renamed("select `shop`.`id`, `shop`.`shop`.`t`, extract(year from `shop`.`d`), max(`shop`.`u`) from `shop`") ==
        "select `shop`.`id`, `copy`.`shop`.`t`, extract(year from `shop`.`d`), max(`shop`.`u`) from `shop`");
    CHECK(renamed("set new.n = (select max(shop.t) from shop.shop where shop.u = new.id)", "", kWithShop) ==
          "set new.n = (select max(shop.t) from `copy`.shop where shop.u = new.id)");
    CHECK(renamed("update shop.shop as a, shop.t b, shop.u set shop.t = shop.u, a.t = shop.f(1)", "", kWithShop) ==
          "update `copy`.shop as a, `copy`.t b, `copy`.u set shop.t = shop.u, a.t = `copy`.f(1)");
    CHECK(renamed("set x = nextval(shop.s) + (next value for shop.s), y = max(shop.s)", "", kWithShop) ==
          "set x = nextval(`copy`.s) + (next value for `copy`.s), y = max(shop.s)");
    CHECK(renamed("select shop.t, shop.* from t as shop") == "select shop.t, shop.* from t as shop");
    CHECK(renamed("set @shop.t = 1, x = y.shop.t") == "set @shop.t = 1, x = y.shop.t");
}

TEST_CASE("texts and comments stay, and a text that names the database is told of") {
    CHECK(renamed("-- shop.t\n# shop.t\n/* shop.t */ select 'it''s shop', \"shop t\"") ==
          "-- shop.t\n# shop.t\n/* shop.t */ select 'it''s shop', \"shop t\"");
    CHECK(renamed("prepare q from 'select * from `shop`.t'") == "prepare q from 'select * from `shop`.t' !");
    CHECK(renamed("select '\\' from shop.t', 1 from shop.t") == "select '\\' from shop.t', 1 from `copy`.t !");
    CHECK(renamed("select '\\', 1 from shop.t", "NO_BACKSLASH_ESCAPES") == "select '\\', 1 from `copy`.t");
    CHECK(renamed("/*!50003 delete from shop.t */ /*M!999999 delete from shop.t */") ==
          "/*!50003 delete from `copy`.t */ /*M!999999 delete from shop.t */");
}

TEST_CASE("the beginning of a definition is read and changed, whatever stands behind it") {
    const std::string view =
        "CREATE ALGORITHM=UNDEFINED DEFINER=`a``b`@`10.%` SQL SECURITY DEFINER VIEW `v` AS select 1";
    REQUIRE(definer_of(view, {}));
    CHECK(definer_of(view, {})->account() == "a`b@10.%");
    CHECK(without_definer(view, {}) == "CREATE ALGORITHM=UNDEFINED  SQL SECURITY DEFINER VIEW `v` AS select 1");
    CHECK(definer_of("CREATE DEFINER=\"x\" PROCEDURE p() select 1", lexical_mode("ANSI_QUOTES"))->account() == "x");
    CHECK_FALSE(definer_of("CREATE TABLE `t` (`DEFINER` int)", {}));
    const std::string trigger =
        "CREATE DEFINER=`x`@`y` trigger shop.`for each row` before insert on shop.t for each row ";
    CHECK(trigger_body(trigger + "set new.a = 1", {}) == " set new.a = 1");
    CHECK(trigger_body(trigger + "follows other begin end", {}) == " begin end");
    CHECK_THROWS(trigger_body(view, {}));
    CHECK(names_others(trigger + "set new.a = 1", {}));
    CHECK(names_others("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW PRECEDES u SET NEW.a = 1", {}));
    CHECK_FALSE(
        names_others("CREATE DEFINER=`a`@`10.0.0.1` TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.a = 1", {}));
    const std::string event = "CREATE DEFINER=`x`@`y` EVENT `ENABLE` ON SCHEDULE EVERY 1 HOUR ON COMPLETION PRESERVE ";
    CHECK(disabled_event(event + "ENABLE COMMENT 'ENABLE' DO select ENABLE", {}) ==
          event + "DISABLE COMMENT 'ENABLE' DO select ENABLE");
    CHECK(is_enabled_event(event + "ENABLE DO select 1", {}));
    CHECK_FALSE(is_enabled_event(event + "DISABLE DO select ENABLE", {}));
}

}  // namespace dbfixture::mariadb
