// SPDX-License-Identifier: MIT
// A restore of rows (restore_copy.cpp), of which making the schema anew is made, too.
#pragma once

#include <cstdint>
#include <string>

#include "db/mariadb/saved_manifest.h"
#include "db/mariadb/saved_session.h"
#include "db/states.h"

namespace dbfixture::mariadb {

enum class RestoreOf : std::uint8_t {
    kRows,               // the schema is that of the state
    kRowsBeforeTriggers  // but for its triggers, which are made later
};

// As States::restore() says; `drop_triggers` as States::drop_triggers().
StateRestoreReport restore_saved(SavedSession& saved, const SavedManifest& manifest, RestoreOf of, bool drop_triggers);

// Whether the schema of a database is being made anew from the state that is kept in `object`, or was when somebody was
// killed.
bool is_being_rebuilt(Session& session, const std::string& object);

}  // namespace dbfixture::mariadb
