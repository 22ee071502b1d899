// SPDX-License-Identifier: MIT
// What a schema or a database that we made bears as its comment. Nothing without it is ever dropped or left out.
//
//     {"tool": "dbfixture", "host": "build7", "store": "/srv/app/shop.snapshots", "file":
//     "default-3f2a.dbfixture.copy",
//      "created": "2026-11-26T19:00:00Z"}
//
// In ASCII, whatever the database's encoding: other bytes of names are percent-encoded.
#pragma once

#include <string>
#include <string_view>

namespace dbfixture {

// Names of what we make begin so.
inline constexpr std::string_view kOwnPrefix = "dbfixture_";
// Every mark begins so.
inline constexpr std::string_view kMarkStart = "{\"tool\": \"dbfixture\", ";

// Of what is kept for the reference that is, or will be, at this place of a store.
std::string mark_for(const std::string& place);
// How every mark begins that was made on this host for the folder `store`.
std::string mark_start_of(const std::string& store);

// "dbfixture_<up to 30 characters of the state's name>_<id>", a name that was never used before.
std::string new_object_name(const std::string& place);

}  // namespace dbfixture
