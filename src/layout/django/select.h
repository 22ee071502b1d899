// SPDX-License-Identifier: MIT
// Which rows a dump in Django's layout takes, and which models come first.
#pragma once

#include <string>
#include <vector>

#include "layout/django/models.h"
#include "layout/django/value.h"

namespace dbfixture {

// A key of --pks as dumps write it: a UUID with its dashes, a list for a key of several columns. Throws Error (kUsage).
Value parse_django_key(const std::string& text, const Table& table, const DjangoModel& model,
                       const DjangoConfig& config, Arena& arena);

// `tables` with the models first that others name by natural keys, in foreign keys and in many-to-many lists; otherwise
// in their order. Rings are cut somewhere.
std::vector<std::size_t> natural_order(const DjangoModels& models, std::vector<std::size_t> tables);

}  // namespace dbfixture
