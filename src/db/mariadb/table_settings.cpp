// SPDX-License-Identifier: MIT
#include "db/mariadb/table_settings.h"

#include <array>
#include <string_view>

#include "base/cat.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::string_view kSettings =
    "SET SESSION check_constraint_checks = 0, sql_mode = "
    "'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION";
// Of some versions.
constexpr std::array<std::string_view, 3> kFurther = {"innodb_strict_mode = 0", "explicit_defaults_for_timestamp = 1",
                                                      "system_versioning_insert_history = 1"};

}  // namespace

bool set_up_for_tables(Session& session, bool directories) {
    session.run(cat(kSettings, directories ? "'" : ",NO_DIR_IN_CREATE'"));
    bool last = false;
    for (const std::string_view setting : kFurther) {
        try {
            session.run(cat("SET SESSION ", setting));
            last = true;
        } catch (const ServerError&) {
            last = false;
        }
    }
    return last;
}

}  // namespace dbfixture::mariadb
