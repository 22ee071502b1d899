// SPDX-License-Identifier: MIT
#include "db/sqlite/versions.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "base/cat.h"

namespace dbfixture::sqlite {

std::vector<LibraryVersion> versions() {
    static constexpr int kNumber =
        SQLITECPP_VERSION_NUMBER;  // 3002001 for 3.2.1; the text of the same would be "3.02.01"
#ifdef DBFIXTURE_SQLITE_BUILT_IN
    const std::string version = cat(sqlite3_libversion(), ", built in");
#else
    const std::string version = sqlite3_libversion();  // the system's
#endif
    return {{"SQLite", version},
            {"SQLiteCpp", cat(kNumber / 1'000'000, ".", kNumber / 1000 % 1000, ".", kNumber % 1000)}};
}

}  // namespace dbfixture::sqlite
