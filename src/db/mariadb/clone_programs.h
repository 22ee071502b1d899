// SPDX-License-Identifier: MIT
// Views, stored programs, triggers and events of a copy.
//
//  1. They are made once all rows are there: triggers would write others.
//  2. Each is made under the sql_mode and the character sets that it was made under.
//  3. Whose rights it runs with stays, where that user has rights of his own on every database, and this user may name
//     him. Else it is this user: rights on the original are none on the copy.
//  4. A view may refer to others, and to what is not there any more: what cannot be made now is tried again behind the
//     others. What then still cannot be made is left out and named; but triggers never are.
//  5. Events do not run: nothing happens in a copy but what the command does.
#pragma once

#include <string>
#include <vector>

#include "db/mariadb/clone_rename.h"
#include "db/mariadb/clone_source.h"

namespace dbfixture::mariadb {

// `session` is in the copy, whose name and things the renaming has. Appends to `warnings` what is other than in the
// original. Throws kFailure for a trigger that cannot be made.
void make_programs(Session& session, const Definitions& definitions, const Renaming& renaming,
                   std::vector<std::string>& warnings);

}  // namespace dbfixture::mariadb
