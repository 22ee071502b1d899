// SPDX-License-Identifier: MIT
// diff: what differs between two states (DESIGN 15).
//
//  1. A state is a database (a saved one is opened as one) or fixtures. A fixture's values mean what a database's
//  columns
//     make of them: those of the database on the other side, else of one that is named for that.
//  2. Both sides of a table are read in key order and merged, so that memory does not grow with them.
//  3. Of a fixture, only tables that it has records of are compared (and those that are asked for by name), of its
//     records only columns that they give.
//  4. Databases of two engines are compared through a fixture: what the one's rows are in the other.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "db/connection.h"
#include "layout/layout.h"
#include "ops/bind_fixtures.h"
#include "ops/diff/result.h"

namespace dbfixture {

struct DiffSide {
    Connection* connection = nullptr;  // of fixtures: whose columns their values are for
    std::vector<FixtureInput> fixtures;
    bool is_fixture = false;
    std::string name;  // for messages
};

struct DiffOptions {
    std::vector<std::string> only, exclude;  // labels
    std::vector<std::string> ignore;         // LABEL.COLUMN, *.COLUMN; the column "pk" is the key
    bool contains = false;                   // rows of A must be in B; others may
    Apps apps;
    LayoutConfigs layouts;
    std::vector<std::string> bookkeeping;  // OpenOptions::bookkeeping: a saved state does not know them
};

struct DiffReport {
    std::vector<TableCount> tables;  // that were compared
    std::uint64_t others = 0;        // differences of schema and sequences
    std::uint64_t not_compared = 0;  // tables
    std::vector<std::string> warnings;
    bool any() const;
};

// Throws kNotFound for labels and columns that are not there, kUsage for a bad one, kInput for a fault in a fixture.
DiffReport compare(const DiffSide& a, const DiffSide& b, const DiffOptions& options, DiffSink& sink);

}  // namespace dbfixture
