// SPDX-License-Identifier: MIT
// The connection that the functions of a States share: made when it is first needed, made again when it was lost.
#pragma once

#include <memory>
#include <string>

#include "db/location.h"
#include "db/postgres/catalog.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

class SavedSession {
  public:
    SavedSession(const Location& location, int busy_timeout_ms) : location_(location), busy_(busy_timeout_ms) {}

    // Alive, and in no transaction. Throws as Session does.
    Session& get();
    // Nothing of ours is connected to the database afterwards.
    void close();
    // Whether there is such a database.
    bool exists();

    // States::end_sessions().
    void end_sessions() { ends_sessions_ = true; }
    bool ends_sessions() const { return ends_sessions_; }

    const Location& location() const { return location_; }
    int busy_timeout_ms() const { return busy_; }
    // Of the cluster, "unknown" where it does not say, and of the database that get() is connected to.
    const std::string& system();
    Oid database();

  private:
    void identify();

    Location location_;
    int busy_;
    bool ends_sessions_ = false;
    std::shared_ptr<Session> session_;
    std::string system_;  // "" until asked of this connection
    Oid database_ = 0;
};

}  // namespace dbfixture::postgres
