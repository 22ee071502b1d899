// SPDX-License-Identifier: MIT
// The rows of one database as a fixture for another, which may be of another engine: in a temporary file.
#pragma once

#include <memory>
#include <string>

#include "db/connection.h"
#include "ops/bind_fixtures.h"
#include "ops/diff/chosen_tables.h"

namespace dbfixture {

class RowsAsFixture {
  public:
    // Writes the rows of `from` now: of the chosen tables and of columns that `to` has as well. `name`: of the database
    // in messages about its rows. Inside a ReadView.
    RowsAsFixture(Connection& from, Connection& to, const ChosenTables& chosen, std::string name);

    // Can be opened while this lives.
    FixtureInput input() const;

  private:
    class File;
    std::string name_;
    std::shared_ptr<File> file_;
};

}  // namespace dbfixture
