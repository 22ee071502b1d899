// SPDX-License-Identifier: MIT
// What a running command works with: its arguments, the global options, the config file, the database, the report.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/io.h"
#include "caller.h"
#include "db/open.h"
#include "ops/config.h"
#include "ops/database_choice.h"
#include "options.h"
#include "report.h"
#include "state/layers.h"

namespace dbfixture {

class Session {
  public:
    // `words`: the command line as typed, the command first.
    Session(const GlobalOptions& options, Report& report, std::vector<std::string> arguments,
            std::vector<std::string> words, Caller& caller)
        : report(report),
          caller(caller),
          options_(options),
          arguments_(std::move(arguments)),
          words_(std::move(words)) {}

    Report& report;
    Caller& caller;

    // The arguments that are not options. Throws kUsage when there are fewer or more; `names` is what the usage line
    // calls them: "FIXTURE...".
    static constexpr std::size_t kAny = static_cast<std::size_t>(-1);
    const std::vector<std::string>& arguments(std::string_view names, std::size_t least, std::size_t most) const;

    const std::vector<std::string>& words() const { return words_; }
    const GlobalOptions& options() const { return options_; }

    // What a fixture named "-" is read from, by `name` in messages. At its end when it is opened again.
    std::unique_ptr<ByteSource> open_input(std::string name);

    // Read on first use; empty values when there is no file.
    const Config& config();

    // The database that was chosen (DESIGN 1): -d, $DBFIXTURE_DATABASE, the config, $DATABASE_URL. Throws kUsage if
    // none was.
    const DatabaseChoice& database();
    const Location& location();
    const DatabaseIdentity& identity();
    // False where database() would throw because none was named.
    bool names_database();
    // Of the database, or "default" where none is named. Needs no variable of the environment that its URL needs.
    std::string database_alias();
    // Another one, that is named as -d names it.
    DatabaseUrl database_named(const std::string& name);
    // What the config says of the chosen database.
    DatabaseRules rules();
    std::unique_ptr<Connection> open(OpenMode mode);
    // A copy of it, with the same settings.
    std::unique_ptr<Connection> open(const Location& database, OpenMode mode);
    // What runs that are not the caller's have to say to it (state/layers.h): throws, or warns.
    void respect_runs(Use use);
    int busy_timeout_ms();
    // --env-file, else that of the config; "" if there is none.
    std::string env_file();

  private:
    const GlobalOptions& options_;
    std::vector<std::string> arguments_;
    std::vector<std::string> words_;
    std::optional<std::string> environment(const std::string& name);

    std::optional<Config> config_;
    std::optional<std::map<std::string, std::string>> env_file_;
    std::optional<DatabaseChoice> database_;
    std::optional<Location> location_;
    std::optional<DatabaseIdentity> identity_;
};

}  // namespace dbfixture
