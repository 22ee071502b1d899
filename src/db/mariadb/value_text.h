// SPDX-License-Identifier: MIT
// Dates and times as texts: zeros behind a fraction are left out, as every engine here does.
//
// The server would take a text that says something else than the column can hold, and change it: two digits of a year,
// more digits of a fraction, a time zone. So every text is looked at before it is sent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "db/mariadb/value_form.h"
#include "model/value.h"

namespace dbfixture::mariadb {

struct Moment {
    bool negative = false;  // of a time
    unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    unsigned long microsecond = 0;
};

// `form` is kDate, kTime, kDateTime or kTimestamp.
std::string_view moment_text(ValueForm form, const Moment& moment, Arena& arena);

// The text that the server takes for the same, with at most `digits` of a fraction. A time with a zone is one of UTC,
// for kTimestamp alone. Throws kInput, without a place, for what is none or would be changed.
std::string_view checked_moment(ValueForm form, std::string_view text, int digits, Arena& arena);

}  // namespace dbfixture::mariadb
