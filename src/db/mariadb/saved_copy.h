// SPDX-License-Identifier: MIT
// States of kind "copy": copies of the tables in a database beside theirs (saved_layout.h).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "db/mariadb/saved_session.h"
#include "db/states.h"

namespace dbfixture::mariadb {

// Each as States says.
StateSaveReport save_copy(SavedSession& saved, const std::string& place);
StateSaveReport save_copy_difference(SavedSession& saved, const SavedState& below, const std::string& place);
StateRestoreReport restore_copy(SavedSession& saved, const SavedState& state, bool drop_triggers);
StateRestoreReport rebuild_copy(SavedSession& saved, const SavedState& state);
void verify_copy(SavedSession& saved, const SavedState& state);
std::unique_ptr<Connection> open_copy(SavedSession& saved, const SavedState& state);
SavedState derive_copy(SavedSession& saved, const std::string& place, const std::function<void(Connection&)>& change);
SavedState merge_copy(SavedSession& saved, const SavedState& state, const std::vector<std::string>& keep,
                      const std::string& place);

}  // namespace dbfixture::mariadb
