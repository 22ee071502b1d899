// SPDX-License-Identifier: MIT
// A `django:` map for the config to start from: what is configured or certain as lines, what only the project's code
// can tell as comments.
#pragma once

#include <string>

#include "layout/django/models.h"

namespace dbfixture {

// YAML that reads back as the configuration of `models`, as it stands; `database` is named in the first line. Throws
// Error (kUsage) if this is no Django database.
std::string suggest_django_config(const DjangoModels& models, std::string_view database);

}  // namespace dbfixture
