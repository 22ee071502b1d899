// SPDX-License-Identifier: MIT
// The table of layouts.
#include <array>

#include "layout/django/layout.h"
#include "layout/layout.h"
#include "layout/table/layout.h"

namespace dbfixture {
namespace {

constexpr std::array<std::string_view, 1> kDjangoBookkeeping = {"django_migrations"};

constexpr std::array kKinds = {
    LayoutKind{
        .name = "django",
        .owner = "Django",
        .natural_keys = true,
        .suggests_config = true,
        .parse_config = parse_django_layout_config,
        .open = open_django_layout,
        .bookkeeping = kDjangoBookkeeping,
        .help_of_dump = "In the database of a Django project, labels and records are Django's.\n",
        .help_of_exact = "keep times as they are stored, where Django's form would say the same",
        .help_of_flush = "in a Django database,\nthe content types and default permissions of its models",
    },
    LayoutKind{.name = "table", .owner = "", .parse_config = nullptr, .open = open_table_layout},
};

const LayoutConfig* config_of(const LayoutConfigs& configs, std::string_view name) {
    const auto found = configs.find(name);
    return found == configs.end() ? nullptr : found->second.get();
}

}  // namespace

std::span<const LayoutKind> layout_kinds() {
    return kKinds;
}

const LayoutKind* find_layout_kind(std::string_view name) {
    for (const LayoutKind& kind : kKinds) {
        if (kind.name == name) return &kind;
    }
    return nullptr;
}

std::vector<std::string> layout_names() {
    std::vector<std::string> names;
    for (const LayoutKind& kind : kKinds)
        names.insert(names.begin(), std::string(kind.name));
    return names;
}

std::vector<std::string> layout_bookkeeping() {
    std::vector<std::string> names;
    for (const LayoutKind& kind : kKinds)
        names.insert(names.end(), kind.bookkeeping.begin(), kind.bookkeeping.end());
    return names;
}

std::unique_ptr<Layout> open_layout(Connection& connection, const LayoutConfigs& configs, const LayoutKind& kind) {
    return kind.open(connection, config_of(configs, kind.name));
}

std::unique_ptr<Layout> open_layout(Connection& connection, const LayoutConfigs& configs) {
    std::unique_ptr<Layout> layout;
    for (const LayoutKind& kind : kKinds) {
        layout = open_layout(connection, configs, kind);
        if (layout->applies()) break;
    }
    return layout;
}

}  // namespace dbfixture
