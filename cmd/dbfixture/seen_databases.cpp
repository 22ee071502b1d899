// SPDX-License-Identifier: MIT
#include "seen_databases.h"

#include <unistd.h>

#include <utility>

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture {
namespace {

constexpr std::size_t kMostSeen = 1000;

bool is_there(const Location& database) {
    return database.file.empty() || ::access(database.file.c_str(), F_OK) == 0;
}

}  // namespace

void SeenDatabases::look(const Location& database, const std::string& id) {
    if (!is_there(database)) return;
    if (seen_.size() > kMostSeen) seen_.clear();
    const auto [seen, is_new] = seen_.try_emplace(database.shown, id);
    if (is_new || seen->second == id) return;
    seen->second = id;
    replaced_.push_back(
        cat("the database ", quote(database.shown, 200), " was replaced by another since the last command on it"));
}

void SeenDatabases::keep(Location& database, const std::string& id) {
    if (kept_.engine == database.engine && kept_.address == database.address && kept_id_ == id) {
        database.kept = kept_.kept;
        return;
    }
    kept_ = {};
    if (database.kept == nullptr) return;
    database.kept->between_commands = true;
    kept_ = database;
    kept_id_ = id;
}

std::vector<std::string> SeenDatabases::take_replaced() {
    return std::exchange(replaced_, {});
}

}  // namespace dbfixture
