// SPDX-License-Identifier: MIT
// Who keeps us waiting, for messages.
#pragma once

#include <set>
#include <string>
#include <utility>

namespace dbfixture::sqlite {

// "process 123 (python3)", or several, from the system's table of file locks; "" where that cannot be told. `path` is a
// database; locks of its shared-memory file count too. Our own process is left out.
std::string lock_holders(const std::string& path);

// Who is in a read transaction on a database in WAL mode: the process, and the first byte of its lock. Our own is left
// out.
using WalReader = std::pair<long, long>;
std::set<WalReader> find_wal_readers(const std::string& path);

// Those that are in both, as lock_holders() names them.
std::string describe_readers(const std::set<WalReader>& some, const std::set<WalReader>& others);

}  // namespace dbfixture::sqlite
