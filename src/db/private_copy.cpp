// SPDX-License-Identifier: MIT
#include "db/private_copy.h"

#include "db/open.h"
#include "db/sqlite/private_copy.h"

namespace dbfixture {

std::uint64_t room_for_copy(const std::string& url) {
    return sqlite::room_for_copy(database_file(url));
}

bool set_room_aside(const std::string& url, const PosixFile& target) {
    return sqlite::set_room_aside(database_file(url), target);
}

void fill_copy(const std::string& url, const std::string& like, const std::string& target, int busy_timeout_ms) {
    sqlite::fill_copy(database_file(url), like, target, busy_timeout_ms);
}

void create_from_sql(const std::string& target, std::string_view sql, const std::string& sql_file) {
    sqlite::create_from_sql(target, sql, sql_file);
}

}  // namespace dbfixture
