// SPDX-License-Identifier: MIT
// Values in the server's text forms (reference/postgresql.md, section 2): the same for COPY and for parameters.
#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "db/postgres/catalog.h"
#include "model/value.h"

namespace dbfixture::postgres {

// A value as the server sent it; points into `text` or, where it has to be made (bytes), into `arena`.
Value read_value(ValueForm form, std::string_view text, Arena& arena);
// The same of a database whose texts may hold any bytes (Session::unchecked_encoding).
Value read_unchecked_value(ValueForm form, std::string_view text, Arena& arena);

// The text that the server reads as this value, not yet escaped for COPY. Not for NULL. Throws kInput for a text with a
// NUL or bytes that are no UTF-8, which the server would refuse.
void append_value_text(std::string& out, const Value& value);
inline std::string value_text(const Value& value) {
    std::string out;
    append_value_text(out, value);
    return out;
}
// The same as an item of an array of texts, in quotes; NULL too.
void append_array_item(std::string& out, const Value& value);

}  // namespace dbfixture::postgres
