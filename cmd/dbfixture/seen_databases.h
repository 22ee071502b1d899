// SPDX-License-Identifier: MIT
// Which databases the commands of a serve have worked on: each command opens its database anew, and so works on
// whatever has its name by then; the caller is told when that is another one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "db/location.h"

namespace dbfixture {

class SeenDatabases {
  public:
    // Before a command works on it. `id`: DatabaseIdentity::id.
    void look(const Location& database, const std::string& id);
    // What an engine keeps of the last of them lasts until release(), for the next command on it.
    void keep(Location& database, const std::string& id);
    void release() { kept_ = {}; }
    // Sentences about those that were replaced before the last command.
    std::vector<std::string> take_replaced();

  private:
    std::map<std::string, std::string> seen_;  // id by Location::shown
    std::vector<std::string> replaced_;
    Location kept_;
    std::string kept_id_;
};

}  // namespace dbfixture
