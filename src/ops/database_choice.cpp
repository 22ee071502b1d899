// SPDX-License-Identifier: MIT
#include "ops/database_choice.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/io.h"
#include "base/text.h"
#include "db/open.h"

namespace dbfixture {
namespace {

[[noreturn]] void fail_at(const std::string& file, std::uint64_t line, std::string message, std::string hint = {}) {
    Where where;
    where.file = file;
    where.line = line;
    throw Error(ErrorKind::kUsage, std::move(message)).with_hint(std::move(hint)).at(where);
}

// ${NAME} replaced; a $ without a brace is itself.
std::string expand(const Config& config, const ConfigDatabase& value, const Environment& environment) {
    std::string out;
    const std::string& text = value.url;
    std::size_t at = 0;
    for (std::size_t dollar; (dollar = text.find("${", at)) != std::string::npos;) {
        append(out, std::string_view(text).substr(at, dollar - at));
        const std::size_t end = text.find('}', dollar);
        if (end == std::string::npos) fail_at(config.file, value.line, "\"${\" without \"}\"");
        const std::string name = text.substr(dollar + 2, end - dollar - 2);
        const auto found = environment(name);
        if (!found) {
            fail_at(config.file, value.line, cat("the environment variable ", quote(name), " is not set"),
                    "set it, or name the database with -d");
        }
        out += *found;
        at = end + 1;
    }
    return out + text.substr(at);
}

DatabaseUrl url_of(const Config& config, const ConfigDatabase& value, const Environment& environment) {
    const DatabaseUrl url(expand(config, value, environment));
    return config.folder.empty() ? url : relocate(url, config.folder);
}

bool same_database(const DatabaseUrl& a, const DatabaseUrl& b) {
    const std::string id = identify(locate(a)).id;
    return !id.empty() && id == identify(locate(b)).id;
}

// A value that cannot be told (a variable that is not set, a server) is not this database.
bool is_at(const Config& config, const ConfigDatabase& value, const DatabaseUrl& url, const Environment& environment) {
    try {
        return same_database(url_of(config, value, environment), url);
    } catch (const Error&) {
        return false;
    }
}

// Whether what stands at the top of the config is said of this database.
bool is_own(const Config& config, const DatabaseChoice& choice, const Environment& environment) {
    const auto at = [&](const ConfigDatabase& value) { return is_at(config, value, choice.url, environment); };
    if (config.database) {
        const auto alias = config.databases.find(config.database->url);
        return at(alias == config.databases.end() ? *config.database : alias->second);
    }
    if (const auto by_default = config.databases.find("default"); by_default != config.databases.end())
        return at(by_default->second);
    if (config.databases.empty()) return true;
    for (const auto& [alias, value] : config.databases) {
        if (at(value)) return true;
    }
    return false;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

// The value of a line of an env file; nothing when a quote is not closed or something follows it.
std::optional<std::string> env_value(std::string_view text) {
    if (text.empty() || (text[0] != '"' && text[0] != '\'')) {
        const std::size_t comment = text.find(" #");
        return std::string(trimmed(text.substr(0, text.starts_with('#') ? 0 : comment)));
    }
    std::string out;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == text[0]) {
            const std::string_view after = trimmed(text.substr(i + 1));
            if (!after.empty() && after[0] != '#') return std::nullopt;
            return out;
        }
        const bool escaped = text[0] == '"' && text[i] == '\\' && i + 1 < text.size();
        const char c = escaped ? text[++i] : text[i];
        out += escaped && c == 'n' ? '\n' : c;
    }
    return std::nullopt;
}

}  // namespace

std::map<std::string, std::string> read_env_file(const std::string& path) {
    std::map<std::string, std::string> out;
    const std::string text = read_small_file(path);
    if (text.size() > (std::size_t{1} << 20)) fail_at(path, 0, "the file is too large: an env file has up to 1 MiB");
    std::uint64_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = trimmed(std::string_view(text).substr(at, end - at));
        at = end + 1;
        ++number;
        if (line.empty() || line[0] == '#') continue;
        if (line.starts_with("export ")) line = trimmed(line.substr(7));
        const std::size_t equals = line.find('=');
        const std::string name(trimmed(line.substr(0, equals == std::string_view::npos ? 0 : equals)));
        if (name.empty() || name.find_first_of(" \t\"'") != std::string::npos)
            fail_at(path, number, "a line of an env file is NAME=VALUE");
        const auto value = env_value(trimmed(line.substr(equals + 1)));
        if (!value) fail_at(path, number, cat("the value of ", quote(name), " has a quote that is not closed"));
        out[name] = *value;
    }
    return out;
}

std::vector<std::string> alias_names(const Config& config) {
    std::vector<std::string> names;
    for (const auto& [alias, url] : config.databases)
        names.push_back(alias);
    return names;
}

DatabaseChoice choose_database(const Config& config, const std::optional<std::string>& named,
                               const std::optional<std::string>& fallback, const Environment& environment) {
    DatabaseChoice choice;
    const auto alias = [&](const std::string& name) {
        choice.url = url_of(config, config.databases.at(name), environment);
        choice.alias = name;
        choice.by_alias = true;
        return choice;
    };
    const auto use = [&](const std::string& name) {
        if (config.databases.contains(name)) return alias(name);
        choice.url = DatabaseUrl(name);
        return choice;
    };
    if (named) {
        if (named->empty()) throw Error(ErrorKind::kUsage, "the database is named by an empty text");
        return use(*named);
    }
    if (config.database) {
        if (config.databases.contains(config.database->url)) return alias(config.database->url);
        choice.url = url_of(config, *config.database, environment);
        return choice;
    }
    if (config.databases.contains("default")) return use("default");
    if (fallback) return use(*fallback);
    throw Error(ErrorKind::kUsage, "no database is named")
        .with_hint("use -d, set DBFIXTURE_DATABASE, or write \"database:\" into dbfixture.yaml");
}

DatabaseRules rules_of(const Config& config, const DatabaseChoice& choice, const Environment& environment) {
    DatabaseRules rules;
    for (const auto& [alias, value] : config.databases) {
        if (!value.rules.is_protected && !value.rules.disposable) continue;
        const bool is_this = choice.by_alias && choice.alias == alias;
        if (!is_this && !is_at(config, value, choice.url, environment)) continue;
        if (value.rules.is_protected)
            rules.is_protected = *value.rules.is_protected || rules.is_protected.value_or(false);
        if (value.rules.disposable) rules.disposable = *value.rules.disposable && rules.disposable.value_or(true);
    }
    const DatabaseRules& top = config.rules;
    if (!rules.is_protected && top.is_protected == true) rules.is_protected = true;
    const bool asks = (!rules.is_protected && top.is_protected) || (!rules.disposable && top.disposable);
    if (!asks || !is_own(config, choice, environment)) return rules;
    if (!rules.is_protected) rules.is_protected = top.is_protected;
    if (!rules.disposable) rules.disposable = top.disposable;
    return rules;
}

}  // namespace dbfixture
