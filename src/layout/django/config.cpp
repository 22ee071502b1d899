// SPDX-License-Identifier: MIT
#include "layout/django/config.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture {
namespace {

using Kind = ConfigNode::Kind;

class DjangoConfigReader {
  public:
    DjangoConfigReader(DjangoConfig& config, const std::string& file) : config_(config), file_(file) {}

    void use_tz(const ConfigNode& node) {
        const bool scalar = node.kind == Kind::kScalar && !node.quoted;
        const std::string text = to_lower(node.text);
        if (!scalar || (text != "true" && text != "false")) fail(node, "\"use_tz\" must be true or false");
        config_.use_tz = text == "true";
    }
    void time_zone(const ConfigNode& node) {
        constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
        const bool sound = node.kind == Kind::kScalar && !node.text.empty() &&
                           node.text.find_first_not_of(kAllowed) == std::string::npos;
        if (!sound) fail(node, "\"time_zone\" must be the name of a time zone, as \"Europe/Berlin\"");
        config_.time_zone = node.text;
    }
    void tables(const ConfigNode& node) {
        each(node, "tables", "a map from app.model to table", [&](const std::string& name, const ConfigNode& value) {
            config_.tables[key(name, value, 2, 3)] = text(value, name);
        });
    }
    void columns(const ConfigNode& node) {
        each(node, "columns", "a map from app.model.field to column",
             [&](const std::string& name, const ConfigNode& value) {
                 config_.columns[key(name, value, 3, 3)] = text(value, name);
             });
    }
    void durations(const ConfigNode& node) {
        config_.names_all_durations = true;
        names(node, "durations", "app.model.field", config_.durations);
    }
    void permissions(const ConfigNode& node) { names(node, "permissions", "app.model.codename", config_.permissions); }
    void decimals(const ConfigNode& node) {
        each(
            node, "decimals", "a map from app.model.field to the number of its decimal places",
            [&](const std::string& name, const ConfigNode& value) {
                int places = 0;
                const char* const end = value.text.data() + value.text.size();
                const auto [rest, problem] = std::from_chars(value.text.data(), end, places);
                if (value.kind != Kind::kScalar || problem != std::errc() || rest != end || places < 0 || places > 1000)
                    fail(value, cat("the decimal places of ", quote(name), " must be a number from 0 to 1000"));
                config_.decimals[key(name, value, 3, 3)] = places;
            });
    }
    void foreign_keys(const ConfigNode& node) {
        each(node, "foreign_keys", "a map from app.model.field to app.model",
             [&](const std::string& name, const ConfigNode& value) {
                 const std::string field = key(name, value, 3, 3);
                 config_.foreign_keys[field] = key(text(value, name), value, 2, 3);
             });
    }
    void defaults(const ConfigNode& node) {
        each(node, "defaults", "a map from app.model.field to value",
             [&](const std::string& name, const ConfigNode& value) {
                 config_.defaults[key(name, value, 3, 3)] = value;
             });
    }
    void natural_keys(const ConfigNode& node) {
        each(node, "natural_keys", "a map from app.model to list of fields",
             [&](const std::string& name, const ConfigNode& value) {
                 const bool read_only = value.kind == Kind::kMap;
                 const ConfigNode* const list = read_only ? value.find("read") : &value;
                 if (list == nullptr || list->kind != Kind::kList || (read_only && value.entries.size() != 1)) {
                     fail(value, cat("the natural key of ", quote(name),
                                     " must be a list of fields, or {read: [FIELD]} for one that is only read"));
                 }
                 const std::string model = key(name, value, 2, 2);
                 if (read_only) config_.read_only_keys.insert(model);
                 std::vector<std::string>& fields = config_.natural_keys[model];
                 for (const ConfigNode& item : list->items)
                     fields.push_back(text(item, name));
             });
    }

    void begin(std::string_view section) { section_ = section; }
    [[noreturn]] void fail(const ConfigNode& node, std::string message, std::string hint = {}) const {
        throw Error(ErrorKind::kUsage, cat("in \"django\": ", message))
            .with_hint(std::move(hint))
            .at({.file = file_, .line = node.line});
    }

  private:
    void names(const ConfigNode& node, std::string_view name, std::string_view what, std::set<std::string>& out) {
        if (node.kind != Kind::kList) fail(node, cat(quote(name), " must be a list of ", what));
        for (const ConfigNode& item : node.items)
            out.insert(key(text(item, name), item, 3, 3));
    }
    template <typename Take>
    void each(const ConfigNode& node, std::string_view name, std::string_view what, Take&& take) {
        if (node.kind != Kind::kMap) fail(node, cat(quote(name), " must be ", what));
        for (const auto& entry : node.entries)
            take(entry.key, entry.value);
    }
    std::string text(const ConfigNode& node, std::string_view name) const {
        if (node.kind != Kind::kScalar || node.text.empty())
            fail(node, cat(quote(name), " must be a text that is not empty"));
        return node.text;
    }
    std::string key(const std::string& name, const ConfigNode& at, int least, int most) {
        const auto parts = std::count(name.begin(), name.end(), '.') + 1;
        if (parts < least || parts > most || name.find("..") != std::string::npos || name.front() == '.' ||
            name.back() == '.') {
            fail(at, cat(quote(name), " must be written as ", least == 2 ? "app.model" : "app.model.field"));
        }
        std::string out = django_name(name);
        config_.lines.emplace(cat(section_, " ", out), at.line);
        return out;
    }

    DjangoConfig& config_;
    const std::string& file_;
    std::string_view section_;
};

struct Key {
    std::string_view name;
    void (DjangoConfigReader::*read)(const ConfigNode& node);
};
constexpr std::array kKeys = {
    Key{"columns", &DjangoConfigReader::columns},           Key{"decimals", &DjangoConfigReader::decimals},
    Key{"defaults", &DjangoConfigReader::defaults},         Key{"durations", &DjangoConfigReader::durations},
    Key{"foreign_keys", &DjangoConfigReader::foreign_keys}, Key{"natural_keys", &DjangoConfigReader::natural_keys},
    Key{"permissions", &DjangoConfigReader::permissions},   Key{"tables", &DjangoConfigReader::tables},
    Key{"time_zone", &DjangoConfigReader::time_zone},       Key{"use_tz", &DjangoConfigReader::use_tz},
};

}  // namespace

std::string django_name(std::string_view name) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    const std::size_t end = std::min(name.find('.', dot + 1), name.size());
    return cat(name.substr(0, dot), to_lower(name.substr(dot, end - dot)), name.substr(end));
}

std::uint64_t DjangoConfig::line(std::string_view section, const std::string& name) const {
    const auto found = lines.find(cat(section, " ", name));
    return found == lines.end() ? 0 : found->second;
}

DjangoConfig parse_django_config(const ConfigNode& node, const std::string& file) {
    DjangoConfig config;
    config.file = file;
    DjangoConfigReader reader(config, file);
    if (node.kind == Kind::kNull) return config;
    if (node.kind != Kind::kMap) reader.fail(node, "it must be a map");
    for (const auto& entry : node.entries) {
        const auto known = std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& k) { return k.name == entry.key; });
        if (known == kKeys.end()) {
            std::vector<std::string> names;
            for (const Key& k : kKeys)
                names.emplace_back(k.name);
            const std::string hint = did_you_mean(entry.key, names);
            reader.fail(entry.value, cat("unknown key ", quote(entry.key)),
                        hint.empty() ? cat("known keys are ", quote_list(names)) : hint);
        }
        reader.begin(known->name);
        if (entry.value.kind != Kind::kNull) (reader.*known->read)(entry.value);
    }
    return config;
}

}  // namespace dbfixture
