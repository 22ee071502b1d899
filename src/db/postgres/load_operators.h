// SPDX-License-Identifier: MIT
// The operators that compare values where "=" alone would not be found: with pg_catalog as the only search path, two
// values of an extension's type (citext) would be compared as texts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "db/postgres/catalog.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

class Operators {
  public:
    Operators() = default;  // knows no other than "="
    explicit Operators(Session& session);

    // "=", or with its schema, for two values of the type.
    std::string equality(Oid base_type) const;
    // What a foreign key compares its i-th parent column with its child column by.
    std::string of_foreign_key(Oid constraint, std::size_t i) const;

  private:
    std::map<Oid, std::string> equality_;                              // of types whose operator is elsewhere
    std::map<std::pair<Oid, std::size_t>, std::string> foreign_keys_;  // the same
};

}  // namespace dbfixture::postgres
