// SPDX-License-Identifier: MIT
// Errors about rows of many-to-many tables, which no record names, in the words of the records: the owner's label and
// key, and the field.
#pragma once

#include "base/error.h"
#include "db/connection.h"
#include "layout/django/models.h"

namespace dbfixture {

// Leaves any other error alone. Reads the row that the error names, to know its owner.
void reword_list_error(Connection& connection, const DjangoModels& models, Error& error);

}  // namespace dbfixture
