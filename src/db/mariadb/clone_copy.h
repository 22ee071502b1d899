// SPDX-License-Identifier: MIT
// Throwaway copies of databases (db/server_copy.h).
#pragma once

#include "db/engine.h"

namespace dbfixture::mariadb {

std::unique_ptr<ServerCopy> make_copy(const ServerCopyRequest& request);
void fill_copy_from_sql(const Location& copy, std::string_view sql, const std::string& sql_file);

// Engine::server_copies.
inline constexpr ServerCopies kServerCopies = {.make = make_copy, .fill = fill_copy_from_sql};

}  // namespace dbfixture::mariadb
