// SPDX-License-Identifier: MIT
// States of kind "template": a database of its own on the same server, of which the database is made anew.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "db/postgres/saved_session.h"
#include "db/saved_reference.h"
#include "db/states.h"

namespace dbfixture::postgres {

// Each as States says.
StateSaveReport save_template(SavedSession& saved, const std::string& place);
StateSaveReport save_template_difference(SavedSession& saved, const SavedState& below, const std::string& stamp,
                                         const std::string& place);
StateRestoreReport restore_template(SavedSession& saved, const SavedState& state, const std::string& stamp);
void verify_template(SavedSession& saved, const SavedState& state);
std::unique_ptr<Connection> open_template(SavedSession& saved, const SavedState& state);
SavedState derive_template(SavedSession& saved, const std::string& place,
                           const std::function<void(Connection&)>& change);
SavedState merge_template(SavedSession& saved, const SavedState& state, const std::vector<std::string>& keep,
                          const std::string& place);

// Drops the database if it is there and bears our mark. False if it could not be dropped.
bool drop_template(SavedSession& saved, const SavedReference& reference) noexcept;
// Drops the databases that bear the mark of this host and this folder, but for those named. Appends to `said`.
void sweep_templates(SavedSession& saved, const std::string& store, const std::set<std::string>& named,
                     std::vector<std::string>& said);

}  // namespace dbfixture::postgres
