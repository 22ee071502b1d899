// SPDX-License-Identifier: MIT
// db/private_copy.h on SQLite.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/posix_file.h"
#include "db/engine.h"
#include "db/sqlite/location.h"

namespace dbfixture::sqlite {

std::uint64_t room_for_copy(const std::string& database);
bool set_room_aside(const std::string& database, const PosixFile& target);
void fill_copy(const std::string& database, const std::string& like, const std::string& target, int busy_timeout_ms);
void create_from_sql(const std::string& target, std::string_view sql, const std::string& sql_file);

constexpr FileCopies kCopies = {.locate = locate_file,
                                .room = room_for_copy,
                                .set_room_aside = set_room_aside,
                                .fill = fill_copy,
                                .create_from_sql = create_from_sql};

}  // namespace dbfixture::sqlite
