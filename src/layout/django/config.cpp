// SPDX-License-Identifier: MIT
#include "layout/django/config.h"

#include <algorithm>
#include <array>

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
        if (node.kind != Kind::kList) fail(node, "\"durations\" must be a list of app.model.field");
        for (const ConfigNode& item : node.items)
            config_.durations.insert(key(text(item, "durations"), item, 3, 3));
    }
    void foreign_keys(const ConfigNode& node) {
        each(node, "foreign_keys", "a map from app.model.field to app.model",
             [&](const std::string& name, const ConfigNode& value) {
                 const std::string field = key(name, value, 3, 3);
                 config_.foreign_keys[field] = key(text(value, name), value, 2, 3);
                 config_.lines[field] = value.line;
             });
    }
    void defaults(const ConfigNode& node) {
        each(node, "defaults", "a map from app.model.field to value",
             [&](const std::string& name, const ConfigNode& value) {
                 if (value.kind == Kind::kList || value.kind == Kind::kMap)
                     fail(value, cat("the default of ", quote(name), " must be one value"));
                 config_.defaults[key(name, value, 3, 3)] = value;
             });
    }
    void natural_keys(const ConfigNode& node) {
        each(node, "natural_keys", "a map from app.model to list of fields",
             [&](const std::string& name, const ConfigNode& value) {
                 if (value.kind != Kind::kList) fail(value, cat("the natural key of ", quote(name), " must be a list"));
                 std::vector<std::string>& fields = config_.natural_keys[key(name, value, 2, 2)];
                 for (const ConfigNode& item : value.items)
                     fields.push_back(text(item, name));
             });
    }

    [[noreturn]] void fail(const ConfigNode& node, std::string message, std::string hint = {}) const {
        throw Error(ErrorKind::kUsage, cat("in \"django\": ", message))
            .with_hint(std::move(hint))
            .at({.file = file_, .line = node.line});
    }

  private:
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
        config_.lines[out] = at.line;
        return out;
    }

    DjangoConfig& config_;
    const std::string& file_;
};

struct Key {
    std::string_view name;
    void (DjangoConfigReader::*read)(const ConfigNode& node);
};
constexpr std::array kKeys = {
    Key{"columns", &DjangoConfigReader::columns},
    Key{"defaults", &DjangoConfigReader::defaults},
    Key{"durations", &DjangoConfigReader::durations},
    Key{"foreign_keys", &DjangoConfigReader::foreign_keys},
    Key{"natural_keys", &DjangoConfigReader::natural_keys},
    Key{"tables", &DjangoConfigReader::tables},
    Key{"use_tz", &DjangoConfigReader::use_tz},
};

}  // namespace

std::string django_name(std::string_view name) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    const std::size_t end = std::min(name.find('.', dot + 1), name.size());
    return cat(name.substr(0, dot), to_lower(name.substr(dot, end - dot)), name.substr(end));
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
        if (entry.value.kind != Kind::kNull) (reader.*known->read)(entry.value);
    }
    return config;
}

}  // namespace dbfixture
