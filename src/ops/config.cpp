// SPDX-License-Identifier: MIT
#include "ops/config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "base/cat.h"
#include "base/error.h"
#include "base/io.h"
#include "base/text.h"
#include "fixture/format.h"
#include "layout/layout.h"

namespace dbfixture {
namespace {

constexpr std::string_view kFileName = "dbfixture.yaml";
constexpr int kLongestBusyTimeout = 86'400'000;                  // a day
constexpr int kLargestIndent = 100;                              // as of dumpdata's --indent
constexpr std::size_t kReadAtMost = (std::size_t{1} << 20) + 1;  // parse_config_tree refuses more than 1 MiB

class ConfigReader {
  public:
    ConfigReader(Config& config, const ConfigNode& root) : config_(config), root_(root) {}

    void database(const ConfigNode& node) { config_.database = in_folder(text(node, "database")); }
    void databases(const ConfigNode& node) {
        expect(node, ConfigNode::Kind::kMap, "databases", "a map from alias to path or URL");
        for (const auto& [alias, url] : node.entries)
            config_.databases[alias] = in_folder(text(url, alias));
    }
    void apps(const ConfigNode& node) {
        expect(node, ConfigNode::Kind::kMap, "apps", "a map from label to list of tables");
        for (const auto& [label, tables] : node.entries)
            config_.apps[label] = texts(tables, label);
    }
    void fixture_dirs(const ConfigNode& node) {
        for (const std::string& folder : texts(node, "fixture_dirs"))
            config_.fixture_dirs.push_back(path_in_folder(folder));
    }
    void store(const ConfigNode& node) { config_.store = path_in_folder(text(node, "store")); }
    void is_protected(const ConfigNode& node) { config_.is_protected = boolean(node, "protected"); }
    void disposable(const ConfigNode& node) { config_.disposable = boolean(node, "disposable"); }
    void busy_timeout(const ConfigNode& node) {
        config_.busy_timeout_ms = number(node, "busy_timeout", "milliseconds", kLongestBusyTimeout);
    }
    void dump(const ConfigNode& node) {
        expect(node, ConfigNode::Kind::kMap, "dump", "a map");
        for (const auto& [name, value] : node.entries) {
            if (value.kind == ConfigNode::Kind::kNull) continue;
            if (name == "format") {
                config_.dump.format = text(value, name);
                if (find_format(config_.dump.format) == nullptr ||
                    find_format(config_.dump.format)->name != config_.dump.format) {
                    const std::string near = did_you_mean(config_.dump.format, format_names());
                    fail(value, cat("unknown format ", quote(config_.dump.format)),
                         near.empty() ? cat("formats are ", quote_list(format_names())) : near);
                }
            } else if (name == "indent") {
                config_.dump.indent = number(value, "indent", "blanks", kLargestIndent);
            } else {
                fail(value, cat("unknown key ", quote(name), " of \"dump\""),
                     "known keys are \"format\" and \"indent\"");
            }
        }
    }
    void layout(const LayoutKind& kind, const ConfigNode& node) {
        expect(node, ConfigNode::Kind::kMap, kind.name, "a map");
        config_.layouts[std::string(kind.name)] = kind.parse_config(node, config_.file);
    }

    [[noreturn]] void fail(const ConfigNode& node, std::string message, std::string hint = {}) const {
        Where where;
        where.file = config_.file;
        where.line = node.line;
        throw Error(ErrorKind::kUsage, std::move(message)).with_hint(std::move(hint)).at(where);
    }

  private:
    void expect(const ConfigNode& node, ConfigNode::Kind kind, std::string_view key, std::string_view what) const {
        if (node.kind != kind) fail(node, cat(quote(key), " must be ", what));
    }
    std::string text(const ConfigNode& node, std::string_view key) const {
        if (node.kind != ConfigNode::Kind::kScalar || node.text.empty())
            fail(node, cat(quote(key), " must be a text that is not empty"));
        return node.text;
    }
    std::vector<std::string> texts(const ConfigNode& node, std::string_view key) const {
        expect(node, ConfigNode::Kind::kList, key, "a list of texts");
        std::vector<std::string> out;
        for (const ConfigNode& item : node.items)
            out.push_back(text(item, key));
        return out;
    }
    int number(const ConfigNode& node, std::string_view key, std::string_view unit, int most) const {
        const std::string digits = text(node, key);
        int value = 0;
        const char* end = digits.data() + digits.size();
        const auto [rest, problem] = std::from_chars(digits.data(), end, value);
        if (node.quoted || problem != std::errc() || rest != end || value < 0 || value > most)
            fail(node, cat(quote(key), " is a number of ", unit, ", not ", quote(digits)));
        return value;
    }
    bool boolean(const ConfigNode& node, std::string_view key) const {
        if (node.kind == ConfigNode::Kind::kScalar && !node.quoted) {
            if (node.text == "true" || node.text == "True" || node.text == "TRUE") return true;
            if (node.text == "false" || node.text == "False" || node.text == "FALSE") return false;
        }
        fail(node, cat(quote(key), " must be true or false"));
    }

    std::string path_in_folder(const std::string& path) const {
        return config_.folder.empty() ? path
                                      : (std::filesystem::path(config_.folder) / path).lexically_normal().string();
    }
    // A database: the path inside a URL is made relative to the folder too. An alias stays, and is looked up before
    // this matters.
    std::string in_folder(const std::string& url) const {
        const ConfigNode* aliases = root_.find("databases");
        if (config_.folder.empty() || (aliases != nullptr && aliases->find(url) != nullptr)) return url;
        return relocate_database(url, config_.folder);
    }

    Config& config_;
    const ConfigNode& root_;
};

struct Key {
    std::string_view name;
    void (ConfigReader::*read)(const ConfigNode& node);
};
constexpr std::array kKeys = {
    Key{"apps", &ConfigReader::apps},
    Key{"busy_timeout", &ConfigReader::busy_timeout},
    Key{"database", &ConfigReader::database},
    Key{"databases", &ConfigReader::databases},
    Key{"disposable", &ConfigReader::disposable},
    Key{"dump", &ConfigReader::dump},
    Key{"fixture_dirs", &ConfigReader::fixture_dirs},
    Key{"protected", &ConfigReader::is_protected},
    Key{"store", &ConfigReader::store},
};

// sqlite:///x is relative, but many write it for /x.
void refuse_ambiguous(const std::string& url, const std::string& relative, const std::string& absolute) {
    std::error_code ignored;
    if (!std::filesystem::exists(relative, ignored) || !std::filesystem::exists(absolute, ignored)) return;
    throw Error(ErrorKind::kUsage, cat("database URL ", quote(url, 200), " is ambiguous"))
        .with_detail(cat("Both ", quote(relative, 200), " and ", quote(absolute, 200), " exist."))
        .with_hint(cat("write sqlite:", relative, " or sqlite:", absolute));
}

}  // namespace

std::vector<std::string> config_keys() {
    std::vector<std::string> names;
    for (const Key& key : kKeys)
        names.emplace_back(key.name);
    for (const LayoutKind& kind : layout_kinds()) {
        if (kind.parse_config != nullptr) names.emplace_back(kind.name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string find_config() {
    std::string up;
    for (std::filesystem::path here = std::filesystem::current_path();; here = here.parent_path(), up += "../") {
        std::error_code ignored;
        if (std::filesystem::is_regular_file(here / kFileName, ignored)) return cat(up, kFileName);
        if (here == here.parent_path()) return {};
    }
}

Config read_config(const std::string& path) {
    const std::unique_ptr<ByteSource> source = open_file_source(path);
    std::string text;
    char buffer[16 * 1024];
    while (text.size() < kReadAtMost) {
        const std::size_t count = source->read(buffer, sizeof buffer);
        if (count == 0) break;
        text.append(buffer, count);
    }
    return parse_config(text, path);
}

Config parse_config(const std::string& text, const std::string& path) {
    Config config;
    config.file = path;
    config.folder = std::filesystem::path(path).parent_path().string();
    const ConfigNode root = parse_config_tree(text, path);
    ConfigReader reader(config, root);
    if (root.kind == ConfigNode::Kind::kNull) return config;
    if (root.kind != ConfigNode::Kind::kMap) reader.fail(root, "the config file must be a map");
    for (const auto& [name, node] : root.entries) {
        if (const LayoutKind* kind = find_layout_kind(name); kind != nullptr && kind->parse_config != nullptr) {
            reader.layout(*kind, node);
            continue;
        }
        const auto key = std::ranges::find(kKeys, name, &Key::name);
        if (key == kKeys.end()) {
            const std::string hint = did_you_mean(name, config_keys());
            reader.fail(node, cat("unknown key ", quote(name)),
                        hint.empty() ? cat("known keys are ", quote_list(config_keys())) : hint);
        }
        if (node.kind != ConfigNode::Kind::kNull) (reader.*key->read)(node);
    }
    return config;
}

std::string relocate_database(const std::string& url, const std::string& folder) {
    const auto moved = [&](std::string_view scheme, std::string_view path) {
        if (path.empty() || path[0] == '/' || path.substr(0, 8) == ":memory:") return url;
        return cat(scheme, (std::filesystem::path(folder) / path).string());
    };
    const std::string_view text = url;
    for (const std::string_view scheme : {"sqlite:", "sqlite3:"}) {
        if (!text.starts_with(scheme)) continue;
        const std::string_view rest = text.substr(scheme.size());
        if (!rest.starts_with("//")) return moved(scheme, rest);
        if (!rest.starts_with("///")) return moved(scheme, rest.substr(2));
        if (rest.starts_with("////")) return url;
        refuse_ambiguous(url, (std::filesystem::path(folder) / rest.substr(3)).string(), std::string(rest.substr(2)));
        return moved(scheme, rest.substr(3));
    }
    if (text.starts_with("file:")) return moved("file:", text.substr(5));
    const std::size_t colon = text.find(':');
    const bool has_scheme = colon != std::string_view::npos && text.substr(colon).starts_with("://");
    return has_scheme ? url : moved("", text);
}

std::vector<std::string> alias_names(const Config& config) {
    std::vector<std::string> names;
    for (const auto& [alias, url] : config.databases)
        names.push_back(alias);
    return names;
}

DatabaseChoice choose_database(const Config& config, const std::optional<std::string>& named,
                               const std::optional<std::string>& fallback) {
    DatabaseChoice choice;
    const auto use = [&](const std::string& name) {
        const auto alias = config.databases.find(name);
        choice.url = alias == config.databases.end() ? name : alias->second;
        if (alias != config.databases.end()) choice.alias = name;
        return choice;
    };
    if (named) {
        if (named->empty()) throw Error(ErrorKind::kUsage, "the database is named by an empty text");
        return use(*named);
    }
    if (config.database) return use(*config.database);
    if (config.databases.contains("default")) return use("default");
    if (fallback) return use(*fallback);
    throw Error(ErrorKind::kUsage, "no database is named")
        .with_hint("use -d, set DBFIXTURE_DATABASE, or write \"database:\" into dbfixture.yaml");
}

}  // namespace dbfixture
