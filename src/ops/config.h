// SPDX-License-Identifier: MIT
// The config file, dbfixture.yaml, and the choice of the database (DESIGN 1). Its schema for editors is
// schemas/config.schema.json; a test holds the two together.
#pragma once

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

struct Config {
    std::string file;                              // its path; "" when there is no config file
    std::string folder;                            // of the file, "" when there is none
    std::optional<std::string> database;           // a path, a URL or an alias
    std::map<std::string, std::string> databases;  // alias -> path or URL
    Apps apps;
    std::vector<std::string> fixture_dirs;
    DumpDefaults dump;
    std::optional<std::string> store;  // where snapshots are kept
    bool is_protected = false;         // flush and the like always ask for the name
    bool disposable = false;
    std::optional<int> busy_timeout_ms;
    LayoutConfigs layouts;
};

// The keys that a config file may have, sorted.
std::vector<std::string> config_keys();

// dbfixture.yaml in the working directory or the nearest folder above it, as a relative path; "" if there is none.
std::string find_config();

// Relative paths become relative to the file's folder. Throws Error (kUsage, or kNotFound when there is no such file)
// with file and line; an unknown key is answered with the nearest known one.
Config read_config(const std::string& path);
Config parse_config(const std::string& text, const std::string& path);

// `url` with the path in it taken as relative to `folder`; absolute paths, :memory: and other schemes stay as they are.
std::string relocate_database(const std::string& url, const std::string& folder);

struct DatabaseChoice {
    std::string url;                // for open_database
    std::string alias = "default";  // for fixtures named name.<alias>.json
};

// `named`: -d or $DBFIXTURE_DATABASE, which stand before the config; `fallback`: $DATABASE_URL, which comes after it. A
// name that is an alias of the config means that database. With nothing else, the alias "default" is it. Throws kUsage
// when there is none.
DatabaseChoice choose_database(const Config& config, const std::optional<std::string>& named,
                               const std::optional<std::string>& fallback);

std::vector<std::string> alias_names(const Config& config);

}  // namespace dbfixture
