// SPDX-License-Identifier: MIT
// Where a state of kind "copy" lies: a database of its own beside the one that it is of, which bears our mark as its
// comment, and a file that refers to it (db/saved_reference.h).
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "db/mariadb/saved_session.h"
#include "db/saved_reference.h"

namespace dbfixture::mariadb {

// A database of our own, empty; dropped by the destructor unless it is kept.
class OwnDatabase {
  public:
    // `place`: of the reference that is for it, or will be. Throws kFailure where this user may not create it.
    OwnDatabase(SavedSession& saved, std::string name, const std::string& place);
    OwnDatabase(const OwnDatabase&) = delete;
    OwnDatabase& operator=(const OwnDatabase&) = delete;
    ~OwnDatabase();
    const std::string& name() const { return name_; }
    void keep() { kept_ = true; }

  private:
    SavedSession& saved_;
    std::string name_;
    bool kept_ = false;
};

// A place that is being made: the reference is there before what it names. Both go again unless they are kept.
class NewPlace {
  public:
    NewPlace(SavedSession& saved, const std::string& place);
    NewPlace(const NewPlace&) = delete;
    NewPlace& operator=(const NewPlace&) = delete;
    ~NewPlace();
    const std::string& object() const { return reference_.object; }
    void keep();

  private:
    std::string place_;
    SavedReference reference_;
    std::unique_ptr<OwnDatabase> database_;
    bool kept_ = false;
};

// "shop__dbfixture_default_3f2a9c01", a name that was never used before.
std::string new_sibling_name(const std::string& database, const std::string& place);

// "" where there is no such database, or it has none.
std::string comment_of(Session& session, const std::string& database);
// Whether there is such a database that bears a mark of ours.
bool is_ours(Session& session, const std::string& database);
// Drops it if it is there and bears our mark. False if it could not be dropped.
bool drop_own(SavedSession& saved, const std::string& database) noexcept;
// Drops those that bear the mark of this host and this folder, but for those named. Appends to `said`.
void sweep_own(SavedSession& saved, const std::string& store, const std::set<std::string>& named,
               std::vector<std::string>& said);

}  // namespace dbfixture::mariadb
