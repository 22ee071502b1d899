// SPDX-License-Identifier: MIT
#include "session.h"

#include <cstdlib>

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture {
namespace {

// An empty variable is as good as none.
std::optional<std::string> environment(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

}  // namespace

const std::vector<std::string>& Session::arguments(std::string_view names, std::size_t least, std::size_t most) const {
    if (arguments_.size() < least) {
        throw Error(ErrorKind::kUsage, cat(arguments_.empty() ? "missing arguments: " : "too few arguments: ", names))
            .with_hint("run the command with --help to see how it is used");
    }
    if (arguments_.size() > most) throw Error(ErrorKind::kUsage, cat("unexpected argument ", quote(arguments_[most])));
    return arguments_;
}

const Config& Session::config() {
    if (!config_) {
        const std::string file = options_.config.empty() ? find_config() : options_.config;
        config_ = file.empty() ? Config() : read_config(file);
    }
    return *config_;
}

const DatabaseChoice& Session::database() {
    if (database_) return *database_;
    const std::optional<std::string> named = options_.database ? options_.database : environment("DBFIXTURE_DATABASE");
    database_ = choose_database(config(), named, environment("DATABASE_URL"));
    return *database_;
}

bool Session::names_database() {
    return options_.database || environment("DBFIXTURE_DATABASE") || config().database ||
           config().databases.contains("default") || environment("DATABASE_URL");
}

int Session::busy_timeout_ms() {
    if (options_.busy_timeout_ms) return *options_.busy_timeout_ms;
    return config().busy_timeout_ms.value_or(5000);
}

std::unique_ptr<Connection> Session::open(OpenMode mode) {
    const DatabaseChoice& choice = database();
    try {
        return open_database(choice.url, OpenOptions{mode, busy_timeout_ms()});
    } catch (Error& error) {
        if (error.kind == ErrorKind::kNotFound && error.hint.empty())
            error.hint = did_you_mean(choice.url, alias_names(config()));
        throw;
    }
}

}  // namespace dbfixture
