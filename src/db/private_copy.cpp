// SPDX-License-Identifier: MIT
#include "db/private_copy.h"

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/engine.h"

namespace dbfixture {

void require_file_copies(const Location& database) {
    if (database.engine->copies != nullptr && !database.file.empty()) return;
    throw Error(ErrorKind::kUsage, cat("there can be no throwaway copy of ", quote(database.shown, 200)))
        .with_hint("name a database that is a file");
}

Location locate_copy(const Engine& engine, const std::string& path) {
    Location location = engine.copies->locate(path);
    location.engine = &engine;
    return location;
}

std::uint64_t room_for_copy(const Engine& engine, const std::string& source) {
    return engine.copies->room(source);
}

bool set_room_aside(const Engine& engine, const std::string& source, const PosixFile& target) {
    return engine.copies->set_room_aside(source, target);
}

void fill_copy(const Engine& engine, const std::string& source, const std::string& like, const std::string& target,
               int busy_timeout_ms) {
    engine.copies->fill(source, like, target, busy_timeout_ms);
}

void create_from_sql(const Engine& engine, const std::string& target, std::string_view sql,
                     const std::string& sql_file) {
    engine.copies->create_from_sql(target, sql, sql_file);
}

}  // namespace dbfixture
