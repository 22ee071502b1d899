// SPDX-License-Identifier: MIT
// UPDATE has no DEFAULT keyword in SQLite, so a column that a record omits is set to the expression of its default.
#pragma once

#include <string>

#include "model/schema.h"

namespace dbfixture::sqlite {

// SQL from the database's own schema (never from a fixture): "NULL", or the default in parentheses.
std::string default_expression(const Column& column);

}  // namespace dbfixture::sqlite
