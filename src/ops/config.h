// SPDX-License-Identifier: MIT
// The config file, dbfixture.yaml (DESIGN 1). Its schema for editors is schemas/config.schema.json; a test holds the
// two together. database_choice.h says what the databases in it mean.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "layout/layout_config.h"
#include "model/selection.h"

namespace dbfixture {

// What dumpdata does unless its options say otherwise.
struct DumpDefaults {
    std::string format;  // the name of one that there is; "" for none
    std::optional<int> indent;
};

// What the config may say of a database (DESIGN 10).
struct DatabaseRules {
    std::optional<bool> is_protected;  // true: whatever deletes rows wants the name; false: whatever the name says
    std::optional<bool> disposable;    // true: it may be emptied without a question
};

struct ConfigDatabase {
    std::string url;  // as written: a path or a URL, relative to the config's folder, with ${NAME} in it
    std::uint64_t line = 0;
    DatabaseRules rules{};
};

struct Config {
    std::string file;                                 // its path; "" when there is no config file
    std::string folder;                               // of the file, "" when there is none
    std::optional<ConfigDatabase> database;           // or an alias
    std::map<std::string, ConfigDatabase> databases;  // by alias
    Apps apps;
    std::vector<std::string> bookkeeping;  // names and * patterns (model/bookkeeping.h)
    std::vector<std::string> schemas;      // that "all tables" means (db/open.h: OpenOptions)
    std::optional<std::string> env_file;
    std::vector<std::string> fixture_dirs;
    DumpDefaults dump;
    std::optional<std::string> store;  // where snapshots are kept
    DatabaseRules rules;               // said at the top
    std::optional<int> busy_timeout_ms;
    LayoutConfigs layouts;
};

inline constexpr std::string_view kConfigFileName = "dbfixture.yaml";

// The keys that a config file may have, sorted.
std::vector<std::string> config_keys();

// dbfixture.yaml in the working directory or the nearest folder above it, as a relative path; "" if there is none.
std::string find_config();

// Relative paths become relative to the file's folder. Throws Error (kUsage, or kNotFound when there is no such file)
// with file and line; an unknown key is answered with the nearest known one.
Config read_config(const std::string& path);
Config parse_config(const std::string& text, const std::string& path);

}  // namespace dbfixture
