// SPDX-License-Identifier: MIT
// Django's layout: what Django's own fixtures are, in the database of a Django project (DESIGN 9). models.h says how
// the models are found.
#pragma once

#include <memory>
#include <string>

#include "layout/layout.h"

namespace dbfixture {

// The config's `django:` map (config.h).
std::shared_ptr<const LayoutConfig> parse_django_layout_config(const ConfigNode& node, const std::string& file);
std::unique_ptr<Layout> open_django_layout(Connection& connection, const LayoutConfig* config);

}  // namespace dbfixture
