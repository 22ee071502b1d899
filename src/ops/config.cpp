// SPDX-License-Identifier: MIT
#include "ops/config.h"

#include <sys/stat.h>

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

constexpr int kLongestBusyTimeout = 86'400'000;  // a day
constexpr int kLargestIndent = 100;              // as of dumpdata's --indent

class ConfigReader {
  public:
    explicit ConfigReader(Config& config) : config_(config) {}

    void bookkeeping(const ConfigNode& node) { config_.bookkeeping = texts(node, "bookkeeping"); }
    void database(const ConfigNode& node) { config_.database = ConfigDatabase{text(node, "database"), node.line}; }
    void databases(const ConfigNode& node) {
        expect(node, ConfigNode::Kind::kMap, "databases", "a map from alias to path or URL");
        for (const auto& [alias, value] : node.entries) {
            config_.databases[alias] = value.kind == ConfigNode::Kind::kMap
                                           ? database_map(value, alias)
                                           : ConfigDatabase{text(value, alias), value.line};
        }
    }
    void apps(const ConfigNode& node) {
        expect(node, ConfigNode::Kind::kMap, "apps", "a map from label to list of tables");
        for (const auto& [label, tables] : node.entries)
            config_.apps[label] = texts(tables, label);
    }
    void env_file(const ConfigNode& node) { config_.env_file = path_in_folder(text(node, "env_file")); }
    void fixture_dirs(const ConfigNode& node) {
        for (const std::string& folder : texts(node, "fixture_dirs"))
            config_.fixture_dirs.push_back(path_in_folder(folder));
    }
    void schemas(const ConfigNode& node) { config_.schemas = texts(node, "schemas"); }
    void store(const ConfigNode& node) { config_.store = path_in_folder(text(node, "store")); }
    void is_protected(const ConfigNode& node) { config_.rules.is_protected = boolean(node, "protected"); }
    void disposable(const ConfigNode& node) { config_.rules.disposable = boolean(node, "disposable"); }
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
    [[noreturn]] void fail_unknown(const ConfigNode& node, std::string_view key,
                                   const std::vector<std::string>& known) const {
        const std::string near = did_you_mean(key, known);
        fail(node, cat("unknown key ", quote(key)),
             near.empty() ? cat("known keys are ", quote_list(known, 100)) : near);
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
    // {url: x, protected: true, disposable: false}
    ConfigDatabase database_map(const ConfigNode& node, const std::string& alias) const {
        ConfigDatabase out;
        for (const auto& [key, value] : node.entries) {
            if (key == "url") {
                out.url = text(value, key);
                out.line = value.line;
            } else if (key == "protected") {
                out.rules.is_protected = boolean(value, key);
            } else if (key == "disposable") {
                out.rules.disposable = boolean(value, key);
            } else {
                fail_unknown(value, key, {"disposable", "protected", "url"});
            }
        }
        if (out.url.empty()) fail(node, cat(quote(alias), " has no \"url\""));
        return out;
    }

    Config& config_;
};

struct Key {
    std::string_view name;
    void (ConfigReader::*read)(const ConfigNode& node);
};
constexpr std::array kKeys = {
    Key{"apps", &ConfigReader::apps},
    Key{"bookkeeping", &ConfigReader::bookkeeping},
    Key{"busy_timeout", &ConfigReader::busy_timeout},
    Key{"database", &ConfigReader::database},
    Key{"databases", &ConfigReader::databases},
    Key{"disposable", &ConfigReader::disposable},
    Key{"dump", &ConfigReader::dump},
    Key{"env_file", &ConfigReader::env_file},
    Key{"fixture_dirs", &ConfigReader::fixture_dirs},
    Key{"protected", &ConfigReader::is_protected},
    Key{"schemas", &ConfigReader::schemas},
    Key{"store", &ConfigReader::store},
};

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
    const std::string here = std::filesystem::current_path().string();
    auto folders_above = here.size() == 1 ? 0 : std::count(here.begin(), here.end(), '/');
    for (std::string path(kConfigFileName);; path.insert(0, "../")) {
        struct stat facts = {};
        if (::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode)) return path;
        if (folders_above-- == 0) return {};
    }
}

Config read_config(const std::string& path) {
    return parse_config(read_small_file(path), path);
}

Config parse_config(const std::string& text, const std::string& path) {
    Config config;
    config.file = path;
    config.folder = std::filesystem::path(path).parent_path().string();
    const ConfigNode root = parse_config_tree(text, path);
    ConfigReader reader(config);
    if (root.kind == ConfigNode::Kind::kNull) return config;
    if (root.kind != ConfigNode::Kind::kMap) reader.fail(root, "the config file must be a map");
    for (const auto& [name, node] : root.entries) {
        if (const LayoutKind* kind = find_layout_kind(name); kind != nullptr && kind->parse_config != nullptr) {
            reader.layout(*kind, node);
            continue;
        }
        const auto key = std::ranges::find(kKeys, name, &Key::name);
        if (key == kKeys.end()) reader.fail_unknown(node, name, config_keys());
        if (node.kind != ConfigNode::Kind::kNull) (reader.*key->read)(node);
    }
    return config;
}

}  // namespace dbfixture
