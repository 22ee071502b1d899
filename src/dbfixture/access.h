// SPDX-License-Identifier: MIT
// What an object of the library holds: how it comes to a connection, and what it was told.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "db/open.h"
#include "dbfixture/dbfixture.h"
#include "fixture/find.h"
#include "ops/config.h"

namespace dbfixture {

struct AnyDatabase::Access {
    // Reads the config that `options` name. Throws Error.
    explicit Access(const DatabaseOptions& options);
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;
    virtual ~Access() = default;

    virtual std::unique_ptr<Connection> open(OpenMode mode) = 0;
    // Before rows are lost. Throws kRefused.
    virtual void guard(std::string_view action) = 0;
    // Its own files, which no dump replaces.
    virtual std::vector<std::string> files() const = 0;

    FixtureSearch search() const;
    std::vector<std::string> bookkeeping() const;  // OpenOptions::bookkeeping

    DatabaseOptions options;
    Config config;
};

}  // namespace dbfixture
