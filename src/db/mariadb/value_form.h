// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace dbfixture::mariadb {

// How the values of a column travel by the binary protocol.
enum class ValueForm : std::uint8_t {
    kBoolean,  // tinyint(1): 0 and 1; any other number of it is an integer
    kInteger,
    kUnsigned,
    kYear,
    kBit,    // as an unsigned number
    kFloat,  // the shortest decimal that is this float
    kReal,
    kDecimal,
    kDate,
    kTime,  // up to 838 hours
    kDateTime,
    kTimestamp,   // a moment, in UTC: "+00" behind it
    kEnum,        // a text; the invalid value, which reads as '', is no bytes
    kMarkedEnum,  // the same with '0' before an invalid value, '1' before any other
    kText,
    kMarkedText,  // with '0' before what Unicode does not have, '1' before any other
    kBytes,
};

}  // namespace dbfixture::mariadb
