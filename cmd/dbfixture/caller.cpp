// SPDX-License-Identifier: MIT
#include "caller.h"

#include <unistd.h>

namespace dbfixture {

ProcessIdentity calling_process() {
    const auto parent = identify_process(::getppid());
    return parent ? *parent : identify_self();
}

}  // namespace dbfixture
