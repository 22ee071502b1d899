// SPDX-License-Identifier: MIT
// Columns of django.contrib.postgres: what value_to_string() of ArrayField, HStoreField and the range fields gives,
// which is JSON in a string, and the server's own texts of them. Their items are values of columns of their own type.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "model/schema.h"
#include "model/value.h"

namespace dbfixture {

// Nothing for what would not be read back exactly: other bounds or another depth than the declared one, items that
// their own form cannot say.
std::optional<std::string> django_array(std::string_view stored, const Column& column, Arena& arena);
std::optional<std::string> django_hstore(std::string_view stored, Arena& arena);
std::optional<std::string> django_range(std::string_view stored, const Column& column, Arena& arena);

// An item as its column keeps it: read_django_value() by the rules of the field.
using ReadItem = std::function<Value(const Value& item, const Column& column)>;

// The server's texts. Throw kInput for JSON that is none of theirs.
std::string array_text(const Value& list, const Column& column, const ReadItem& read, Arena& arena);
std::string hstore_text(const Value& map);
std::string range_text(const Value& range, const Column& column, const ReadItem& read);

// The class of a range's field, "" for a range that Django has none for.
std::string_view range_class(const Column& column);

}  // namespace dbfixture
