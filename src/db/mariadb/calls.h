// SPDX-License-Identifier: MIT
// Session::call(), for the .cpp files that call the library.
#pragma once

#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

template <typename Begin, typename GoOn>
void Session::call(const Begin& begin, const GoOn& go_on) {
    int events = begin();
    while (events != 0)
        events = go_on(wait(events));
}

}  // namespace dbfixture::mariadb
