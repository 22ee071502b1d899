// SPDX-License-Identifier: MIT
// The calling thread's locale is C's while this lives: a program that the library is a part of may have another, in
// which numbers have a comma. A new thread needs one of its own.
#pragma once

#include <locale.h>

namespace dbfixture {

class CLocale {
  public:
    CLocale();
    CLocale(const CLocale&) = delete;
    CLocale& operator=(const CLocale&) = delete;
    ~CLocale();

  private:
    locale_t before_;
};

}  // namespace dbfixture
