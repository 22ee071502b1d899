// SPDX-License-Identifier: MIT
// What the config's `django: defaults:` gives to a field that a record leaves out.
#pragma once

#include <ctime>
#include <string>

#include "base/arena.h"
#include "fixture/config_tree.h"
#include "layout/django/form.h"
#include "model/value.h"

namespace dbfixture {

// The config's value as a fixture would hold it: a scalar, a list or a map.
Value config_value(const ConfigNode& node, Arena& arena);

// The unquoted word uuid4 for a UUID or a text: another one for each record.
bool asks_for_uuid(const ConfigNode& node, DjangoForm form);
// A random UUID, as a field of that form stores it.
std::string new_uuid(DjangoForm form);

// The unquoted word now for a date, a time, or both.
bool asks_for_now(const ConfigNode& node, DjangoForm form);
// A moment as a field of that form stores it: in UTC with `use_tz`, else in local time.
std::string now_as(DjangoForm form, bool use_tz, const std::timespec& moment);

}  // namespace dbfixture
