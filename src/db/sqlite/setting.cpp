// SPDX-License-Identifier: MIT
#include "db/sqlite/setting.h"

#include <sqlite3.h>

namespace dbfixture::sqlite {

Setting::Setting(Handle handle, int option, bool on) : handle_(handle), option_(option) {
    sqlite3_db_config(handle.database, option, -1, &before_);
    sqlite3_db_config(handle.database, option, on ? 1 : 0, nullptr);
}

Setting::~Setting() {
    sqlite3_db_config(handle_.database, option_, before_, nullptr);
}

Setting Setting::triggers(Handle handle, bool on) {
    return {handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, on};
}

Setting Setting::foreign_keys(Handle handle, bool on) {
    return {handle, SQLITE_DBCONFIG_ENABLE_FKEY, on};
}

}  // namespace dbfixture::sqlite
