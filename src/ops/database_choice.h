// SPDX-License-Identifier: MIT
// Which database a command works on (DESIGN 1), and what the config says of that one.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "db/location.h"
#include "ops/config.h"

namespace dbfixture {

// The value of an environment variable; nothing when it is not set or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// `NAME=VALUE` lines: `export` before them, quotes, # comments and empty lines are understood. Throws kUsage with file
// and line, kNotFound when there is no such file.
std::map<std::string, std::string> read_env_file(const std::string& path);

struct DatabaseChoice {
    DatabaseUrl url;
    std::string alias = "default";  // for fixtures named name.<alias>.json
    bool by_alias = false;          // it was named by that alias
};

// `named`: -d or $DBFIXTURE_DATABASE, which stand before the config; `fallback`: $DATABASE_URL, which comes after it. A
// name that is an alias of the config means that database. With nothing else, the alias "default" is it. ${NAME} in the
// config's values is looked up in `environment`. Throws kUsage when there is none, or a variable is not set.
DatabaseChoice choose_database(const Config& config, const std::optional<std::string>& named,
                               const std::optional<std::string>& fallback, const Environment& environment);

// What the config says of the chosen database. What stands under an alias holds for that alias's file, however it was
// named. At the top, `protected: true` holds for every database; the others hold for the config's own database
// (`database:`, else the alias "default", else any alias), or for any when the config names none.
DatabaseRules rules_of(const Config& config, const DatabaseChoice& choice, const Environment& environment);

std::vector<std::string> alias_names(const Config& config);

}  // namespace dbfixture
