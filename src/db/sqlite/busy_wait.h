// SPDX-License-Identifier: MIT
// How every connection waits for a lock of others: in naps, until a timeout or a signal.
#pragma once

struct sqlite3;

namespace dbfixture::sqlite {

struct BusyWait {
    int timeout_ms = 0;

    // Waits for this connection from now on; the object must stay where it is until the connection closes.
    void attach(sqlite3* database);
};

}  // namespace dbfixture::sqlite
