// SPDX-License-Identifier: MIT
// What a running command works with: its arguments, the global options, the config file, the database, the report.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/open.h"
#include "ops/config.h"
#include "options.h"
#include "report.h"

namespace dbfixture {

class Session {
  public:
    Session(const GlobalOptions& options, Report& report, std::vector<std::string> arguments)
        : report(report), options_(options), arguments_(std::move(arguments)) {}

    Report& report;

    // The arguments that are not options. Throws kUsage when there are fewer or more; `names` is what the usage line
    // calls them: "FIXTURE...".
    static constexpr std::size_t kAny = static_cast<std::size_t>(-1);
    const std::vector<std::string>& arguments(std::string_view names, std::size_t least, std::size_t most) const;

    // Read on first use; empty values when there is no file.
    const Config& config();

    // The database that was chosen (DESIGN 1): -d, $DBFIXTURE_DATABASE, the config, $DATABASE_URL. Throws kUsage if
    // none was.
    const DatabaseChoice& database();
    // False where database() would throw because none was named.
    bool names_database();
    std::unique_ptr<Connection> open(OpenMode mode);
    int busy_timeout_ms();

  private:
    const GlobalOptions& options_;
    std::vector<std::string> arguments_;
    std::optional<Config> config_;
    std::optional<DatabaseChoice> database_;
};

}  // namespace dbfixture
