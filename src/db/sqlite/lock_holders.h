// SPDX-License-Identifier: MIT
// Who keeps us waiting, for messages.
#pragma once

#include <string>

namespace dbfixture::sqlite {

// "process 123 (python3)", or several, from the system's table of file locks; "" where that cannot be told. `path` is a
// database; locks of its shared-memory file count too. Our own process is left out.
std::string lock_holders(const std::string& path);

}  // namespace dbfixture::sqlite
