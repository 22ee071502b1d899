// SPDX-License-Identifier: MIT
// States of kind "copy": copies of the tables in a schema of the same database (saved_layout.h).
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "db/postgres/saved_manifest.h"
#include "db/postgres/saved_session.h"
#include "db/saved_reference.h"
#include "db/states.h"

namespace dbfixture::postgres {

// Each as States says.
StateSaveReport save_copy(SavedSession& saved, const std::string& place);
StateSaveReport save_copy_difference(SavedSession& saved, const SavedState& below, const std::string& stamp,
                                     const std::string& place);
void verify_copy(SavedSession& saved, const SavedState& state);
std::unique_ptr<Connection> open_copy(SavedSession& saved, const SavedState& state);
SavedState derive_copy(SavedSession& saved, const std::string& place, const std::function<void(Connection&)>& change);
SavedState merge_copy(SavedSession& saved, const SavedState& state, const std::vector<std::string>& keep,
                      const std::string& place);

// Drops the schema if it is there and bears our mark. False if it could not be dropped.
bool drop_copy(SavedSession& saved, const SavedReference& reference) noexcept;
// Drops the schemas that bear the mark of this host and this folder, but for those named. Appends to `said`.
void sweep_copies(SavedSession& saved, const std::string& store, const std::set<std::string>& named,
                  std::vector<std::string>& said);

}  // namespace dbfixture::postgres
