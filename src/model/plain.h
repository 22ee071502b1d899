// SPDX-License-Identifier: MIT
// What a plain (unquoted, untagged) YAML scalar means. A column's type decides first (DESIGN 2); these are the rules it
// asks for: the YAML 1.2 core schema for columns of no declared type, and the words of YAML 1.1 for boolean columns.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/value.h"

namespace dbfixture {

// By the YAML 1.2 core schema: null, boolean, a number or text. The result points into `text`.
// A number of JSON's grammar is kNumber, as spelled. Others (0x1F, 0o17, 012, +1, .5, 1.) become kInteger, kUnsigned or
// kReal when they fit, else kNumber as spelled, which then is out of range for whoever reads it. `.inf` and `.nan` are
// kReal.
Value resolve_plain_core(std::string_view text) noexcept;

// What `convert`, which knows no columns, may keep (DESIGN 2): null, `true` and `false`, integers as JSON spells them,
// and reals as append_plain_real() does (kReal); any other scalar is text. The result points into `text`.
Value resolve_plain_canonical(std::string_view text);

// Inside a list or a map, which stand for JSON (DESIGN 2): `null`, `true`, `false` and numbers of JSON's grammar
// (kNumber, as spelled) are what they are in JSON, and so is what YAML has besides for null; any other scalar is text.
// The result points into `text`.
Value resolve_plain_json(std::string_view text) noexcept;

// The spelling that every YAML reader takes for exactly this real: with a dot and a signed exponent (1.0e+300), or
// .inf, -.inf, .nan.
void append_plain_real(std::string& out, double d);

// Whether YAML 1.1, or a reader of it, takes the scalar for a number though resolve_plain_core() says text: 1_000,
// 1,000, 0b101, -0x1F, 1:30, 1_0.5.
bool is_number_elsewhere(std::string_view text) noexcept;

// "", "~", "null", "Null", "NULL".
bool is_plain_null(std::string_view text) noexcept;

// y, yes, true, on and n, no, false, off, in lower case, capitalised or upper case.
std::optional<bool> plain_boolean(std::string_view text) noexcept;

}  // namespace dbfixture
