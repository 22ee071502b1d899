// SPDX-License-Identifier: MIT
// Whether a database is as its stamp says (stamp_file.h), asked without a connection, which costs more than the answer.
//
//  1. The stamp is compared under the lock that a writer would need, taken through SQLite's own file object: in
//     rollback-journal mode RESERVED; in WAL mode EXCLUSIVE where nobody is connected, else the lock of writers in the
//     shared memory. Nothing is written, no side file is made or removed that SQLite would not find as it expects it.
//  2. Anything unusual (a busy lock, a journal, a file that can only be read) is left to restore_lock.h, which waits,
//     recovers, or says what is wrong.
#pragma once

#include <string>

namespace dbfixture::sqlite {

enum class Stamped {
    kUntouched,  // at a moment within the call nobody was writing, and nothing had changed
    kMaybe,      // to be asked again by who can wait for locks
    kChanged     // or there is no stamp
};

// `database`: absolute, links resolved. Never throws Error for what it finds.
Stamped compare_stamp(const std::string& database, const std::string& stamp);

}  // namespace dbfixture::sqlite
