// SPDX-License-Identifier: MIT
// A switch of a connection that is as wanted while this lives, and afterwards as it was.
#pragma once

#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

class Setting {
  public:
    static Setting triggers(Handle handle, bool on);
    // Of SQLite's own enforcement, actions included. To be made, and to end, outside of what is written between.
    static Setting foreign_keys(Handle handle, bool on);
    Setting(const Setting&) = delete;
    Setting& operator=(const Setting&) = delete;
    ~Setting();

  private:
    Setting(Handle handle, int option, bool on);

    Handle handle_;
    int option_;  // SQLITE_DBCONFIG_...
    int before_ = 0;
};

}  // namespace dbfixture::sqlite
