// SPDX-License-Identifier: MIT
#include "base/c_locale.h"

namespace dbfixture {

// What newlocale() gives for C is a constant of the library of C: nothing is allocated, and nothing freed.
CLocale::CLocale() : before_(::uselocale(::newlocale(LC_ALL_MASK, "C", nullptr))) {}

CLocale::~CLocale() {
    ::uselocale(before_);
}

}  // namespace dbfixture
