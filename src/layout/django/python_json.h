// SPDX-License-Identifier: MIT
// JSON fields: Django stores what Python's json.dumps writes, so the text of a document is decided by its content.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "model/value.h"

namespace dbfixture {

// The document as json.dumps writes it: ", " and ": ", everything but ASCII escaped, floats as repr() writes them.
// Plain YAML scalars are resolved as PyYAML does. Throws Error (kInput) for what JSON cannot hold.
void append_python_json(std::string& out, const Value& value);
// The same, but for numbers, which keep their spelling.
void append_python_json_exactly(std::string& out, const Value& value);

// The document as a tree, if append_python_json() of it gives back `stored`; nothing otherwise. Points into `arena`.
std::optional<Value> python_json_tree(std::string_view stored, Arena& arena);

// `value` with plain YAML scalars resolved as PyYAML does, numbers among them in their own spelling. Throws as above.
Value with_exact_numbers(const Value& value, Arena& arena);

// A plain scalar as PyYAML's SafeLoader resolves it (YAML 1.1): null, boolean, kNumber, kReal or text.
Value resolve_plain_python(std::string_view text, Arena& arena);

}  // namespace dbfixture
