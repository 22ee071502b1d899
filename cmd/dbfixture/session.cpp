// SPDX-License-Identifier: MIT
#include "session.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/cat.h"
#include "base/text.h"
#include "layout/layout.h"
#include "seen_databases.h"
#include "state.h"

namespace dbfixture {

const std::vector<std::string>& Session::arguments(std::string_view names, std::size_t least, std::size_t most) const {
    if (arguments_.size() < least) {
        throw Error(ErrorKind::kUsage, cat(arguments_.empty() ? "missing arguments: " : "too few arguments: ", names))
            .with_hint("run the command with --help to see how it is used");
    }
    if (arguments_.size() > most) throw Error(ErrorKind::kUsage, cat("unexpected argument ", quote(arguments_[most])));
    return arguments_;
}

std::unique_ptr<ByteSource> Session::open_input(std::string name) {
    if (!caller.input) return open_descriptor_source(STDIN_FILENO, std::move(name));
    return open_memory_source(std::exchange(*caller.input, {}));
}

const Config& Session::config() {
    if (!config_) {
        const std::string file = options_.config.empty() ? find_config() : options_.config;
        config_ = file.empty() ? Config() : read_config(file);
    }
    return *config_;
}

// The environment's own variables come before those of an env file, and an empty one is as good as none. The file that
// the config names need not be there: where the variables are set, as in CI, there often is none.
std::optional<std::string> Session::environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value != nullptr && *value != '\0') return value;
    if (!env_file_) {
        const std::string file = env_file();
        std::error_code ignored;
        const bool read = !options_.env_file.empty() || (!file.empty() && std::filesystem::exists(file, ignored));
        env_file_ = read ? read_env_file(file) : std::map<std::string, std::string>();
    }
    const auto found = env_file_->find(name);
    if (found == env_file_->end() || found->second.empty()) return std::nullopt;
    return found->second;
}

std::string Session::env_file() {
    return options_.env_file.empty() ? config().env_file.value_or("") : options_.env_file;
}

const DatabaseChoice& Session::database() {
    if (database_) return *database_;
    const std::optional<std::string> named = options_.database ? options_.database : environment("DBFIXTURE_DATABASE");
    database_ = choose_database(config(), named, environment("DATABASE_URL"),
                                [this](const std::string& name) { return environment(name); });
    return *database_;
}

const Location& Session::location() {
    if (!location_) {
        location_ = locate(database().url);
        if (caller.seen != nullptr) {
            caller.seen->look(*location_, identity().id);
            caller.seen->keep(*location_, identity().id);
        }
    }
    return *location_;
}

const DatabaseIdentity& Session::identity() {
    const Location& where = location();  // which may ask for the identity
    if (!identity_) identity_ = identify(where);
    return *identity_;
}

std::string Session::database_alias() {
    if (!names_database()) return DatabaseChoice().alias;
    const std::optional<std::string> named = options_.database ? options_.database : environment("DBFIXTURE_DATABASE");
    return choose_database(config(), named, environment("DATABASE_URL"), [](const std::string&) { return ""; }).alias;
}

DatabaseUrl Session::database_named(const std::string& name) {
    return choose_database(config(), name, std::nullopt,
                           [this](const std::string& variable) { return environment(variable); })
        .url;
}

DatabaseRules Session::rules() {
    return rules_of(config(), database(), [this](const std::string& name) { return environment(name); });
}

bool Session::names_database() {
    return options_.database || environment("DBFIXTURE_DATABASE") || config().database ||
           config().databases.contains("default") || environment("DATABASE_URL");
}

int Session::busy_timeout_ms() {
    if (options_.busy_timeout_ms) return *options_.busy_timeout_ms;
    return config().busy_timeout_ms.value_or(5000);
}

std::unique_ptr<Connection> Session::open(const Location& where, OpenMode mode) {
    std::vector<std::string> bookkeeping = layout_bookkeeping();
    bookkeeping.insert(bookkeeping.end(), config().bookkeeping.begin(), config().bookkeeping.end());
    auto connection =
        open_database(where, OpenOptions{mode, busy_timeout_ms(), std::move(bookkeeping), config().schemas});
    report.warnings(connection->notes());
    return connection;
}

void Session::respect_runs(Use use) {
    const std::string warning = dbfixture::respect_runs(state_request(*this, ""), use);
    if (!warning.empty()) report.warnings({warning});
}

std::unique_ptr<Connection> Session::open(OpenMode mode) {
    if (mode == OpenMode::kReadWrite) respect_runs(Use::kWrite);
    try {
        return open(location(), mode);
    } catch (Error& error) {
        if (error.kind == ErrorKind::kNotFound && error.hint.empty())
            error.hint = did_you_mean(database().url.text, alias_names(config()));
        throw;
    }
}

}  // namespace dbfixture
