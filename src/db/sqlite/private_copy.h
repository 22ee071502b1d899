// SPDX-License-Identifier: MIT
// db/private_copy.h on SQLite.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/posix_file.h"

namespace dbfixture::sqlite {

std::uint64_t room_for_copy(const std::string& database);
bool set_room_aside(const std::string& database, const PosixFile& target);
void fill_copy(const std::string& database, const std::string& like, const std::string& target, int busy_timeout_ms);
void create_from_sql(const std::string& target, std::string_view sql, const std::string& sql_file);

}  // namespace dbfixture::sqlite
