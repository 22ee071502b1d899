// SPDX-License-Identifier: MIT
#include "db/open.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/engine.h"
#include "db/mariadb/address.h"
#include "db/mariadb/clone_copy.h"
#include "db/mariadb/connection.h"
#include "db/mariadb/location.h"
#include "db/mariadb/versions.h"
#include "db/postgres/address.h"
#include "db/postgres/clone_copy.h"
#include "db/postgres/connection.h"
#include "db/postgres/location.h"
#include "db/postgres/versions.h"
#include "db/sqlite/connection.h"
#include "db/sqlite/identity.h"
#include "db/sqlite/images.h"
#include "db/sqlite/location.h"
#include "db/sqlite/private_copy.h"
#include "db/sqlite/sidecar.h"
#include "db/sqlite/versions.h"
#include "db/states.h"
#include "db/url.h"
#include "db/versions.h"

namespace dbfixture {
namespace {

// The first row is the engine of what is named by its path alone.
constexpr std::array<Engine, 3> kEngines = {{
    {.name = "SQLite",
     .usage = "a path, or sqlite:PATH",
     .schemes = sqlite::kSchemes,
     .has_users = false,
     .reads_text = nullptr,
     .states = sqlite::kStates,
     .endings = sqlite::kEndings,
     .locate = sqlite::locate,
     .relocate = sqlite::relocate,
     .identify = sqlite::identify,
     .opinion = nullptr,
     .connect = sqlite::open_sqlite,
     .open_states = sqlite::open_sqlite_states,
     .files = sqlite::files_of,
     .describe_file = sqlite::describe_file,
     .versions = sqlite::versions,
     .copies = &sqlite::kCopies,
     .server_copies = nullptr,
     .addresses = sqlite::kAddresses,
     .address = nullptr},
    {.name = "PostgreSQL",
     .usage = "postgresql://USER@HOST/DATABASE, or \"host=HOST dbname=DATABASE\"",
     .schemes = postgres::kSchemes,
     .has_users = true,
     .reads_text = postgres::is_parameter_text,
     .states = postgres::kStates,
     .endings = {},
     .locate = postgres::locate,
     .relocate = postgres::relocate,
     .identify = postgres::identify,
     .opinion = postgres::opinion_of,
     .connect = postgres::open_postgres,
     .open_states = postgres::open_postgres_states,
     .files = nullptr,
     .describe_file = nullptr,
     .versions = postgres::versions,
     .copies = nullptr,
     .server_copies = &postgres::kServerCopies,
     .addresses = postgres::kAddresses,
     .address = postgres::address_in_form,
     .is_near = postgres::is_near},
    {.name = "MariaDB",
     .usage = "mysql://USER@HOST/DATABASE (also of MySQL)",
     .schemes = mariadb::kSchemes,
     .has_users = true,
     .reads_text = mariadb::is_go_address,
     .states = mariadb::kStates,
     .endings = {},
     .locate = mariadb::locate,
     .relocate = mariadb::relocate,
     .identify = mariadb::identify,
     .opinion = mariadb::opinion_of,
     .connect = mariadb::open_mariadb,
     .open_states = mariadb::open_mariadb_states,
     .files = nullptr,
     .describe_file = nullptr,
     .versions = mariadb::versions,
     .copies = nullptr,
     .server_copies = &mariadb::kServerCopies,
     .addresses = mariadb::kAddresses,
     .address = mariadb::address_in_form,
     .is_near = nullptr},
}};

enum class Kind { kKnown, kLater, kUnknown };

// Whose URL it is. `parts` are the engine's to understand; what is named by its path has no scheme.
struct Named {
    Kind kind = Kind::kKnown;
    const Engine* engine = nullptr;  // of kKnown
    UrlParts parts;
};

bool exists(std::string_view path) {
    struct stat facts = {};
    return ::stat(std::string(path).c_str(), &facts) == 0;
}

// A file that is there is meant by its name, whatever that looks like, unless an engine of this build has the scheme.
Named whose(std::string_view url) {
    Named out{Kind::kKnown, nullptr, take_apart(url)};
    const std::string& scheme = out.parts.scheme;
    for (const Engine& engine : kEngines) {
        if (!scheme.empty() && std::ranges::find(engine.schemes, scheme) != engine.schemes.end()) {
            out.engine = &engine;
            return out;
        }
        if (scheme.empty() && engine.reads_text != nullptr && engine.reads_text(url) && !exists(url)) {
            out.engine = &engine;
            return out;
        }
    }
    if (!scheme.empty() && out.parts.rest.starts_with("//")) return {Kind::kUnknown, nullptr, out.parts};
    if (!scheme_without_colon(url).empty() && !exists(url)) return {Kind::kUnknown, nullptr, {url, {}, url}};
    if (is_server_string(url) && !exists(url)) {
        // What stands before the first colon may be a user.
        for (const Engine& engine : kEngines) {
            if (engine.reads_text != nullptr && engine.reads_text(url)) return {Kind::kKnown, &engine, {url, {}, url}};
        }
        return {Kind::kLater, nullptr, {url, {}, url}};
    }
    return {Kind::kKnown, kEngines.data(), {url, {}, url}};
}

std::string known_engines() {
    std::string out = "this version knows ";
    for (const Engine& engine : kEngines)
        append(out, cat(&engine == kEngines.data() ? "" : "; ", engine.name, ": ", engine.usage));
    return out;
}

}  // namespace

const Engine& file_engine() {
    return *std::ranges::find_if(kEngines, [](const Engine& engine) { return engine.copies != nullptr; });
}

Location locate(const DatabaseUrl& url) {
    if (url.text.empty()) throw Error(ErrorKind::kUsage, "the database name is empty");
    const Named named = whose(url.text);
    if (named.kind == Kind::kKnown) {
        Location location = named.engine->locate(named.parts);
        location.engine = named.engine;
        location.typed = url.text;
        return location;
    }
    const std::string& scheme = named.parts.scheme;
    const std::string why = named.kind == Kind::kUnknown
                                ? scheme.empty() ? cat("there is no : behind ", quote(scheme_without_colon(url.text)))
                                                 : cat("unknown kind of database ", quote(scheme))
                                : cat(scheme.empty() ? "a database server" : scheme.c_str(), " is not supported yet");
    throw Error(ErrorKind::kUsage, cat("cannot open ", quote(shown_url(url), 200), ": ", why))
        .with_hint(known_engines());
}

std::string shown_url(const DatabaseUrl& url) {
    const Named named = whose(url.text);
    if (named.engine == kEngines.data() && named.parts.scheme.empty()) return url.text;
    const bool has_users = named.engine == nullptr || named.engine->has_users;
    if (named.engine != nullptr && has_users) {
        try {
            return named.engine->locate(named.parts).shown;
        } catch (const Error&) {
            // Malformed: anything of it may be a part of a password.
            return named.parts.scheme.empty() ? "..." : cat(named.parts.scheme, "://...");
        }
    }
    return without_secrets(has_users ? without_user(url.text) : url.text);
}

std::unique_ptr<Connection> open_database(const Location& location, const OpenOptions& options) {
    return location.engine->connect(location, options);
}

std::unique_ptr<Connection> borrow_database(sqlite3* connection, const std::vector<std::string>& bookkeeping) {
    return sqlite::borrow_sqlite(connection, bookkeeping);
}

std::unique_ptr<States> open_states(const Location& location, int busy_timeout_ms) {
    return location.engine->open_states(location, busy_timeout_ms);
}

DatabaseIdentity identify(const Location& location) {
    return location.engine->identify(location);
}

DatabaseOpinion opinion_of(const Location& location, int busy_timeout_ms) {
    if (location.engine->opinion == nullptr) return {};
    return location.engine->opinion(location, busy_timeout_ms);
}

std::vector<std::string> files_of(const Location& location) {
    return location.engine->files == nullptr ? std::vector<std::string>() : location.engine->files(location);
}

DatabaseUrl relocate(const DatabaseUrl& url, const std::string& folder) {
    const Named named = whose(url.text);
    if (named.kind != Kind::kKnown) return url;
    // "file:d" is a folder here, and would be taken for a URL in front of a path.
    const bool plain = folder.empty() || folder.starts_with('/') || take_apart(folder).scheme.empty();
    return DatabaseUrl(named.engine->relocate(named.parts, plain ? folder : cat("./", folder)));
}

bool is_database_url(std::string_view text) {
    const Named named = whose(text);
    return named.engine != kEngines.data() || !named.parts.scheme.empty();
}

bool has_database_ending(std::string_view path) {
    const std::string lower = to_lower(path);
    return std::ranges::any_of(kEngines, [&](const Engine& engine) {
        return std::ranges::any_of(engine.endings, [&](std::string_view end) { return lower.ends_with(end); });
    });
}

std::string describe_database_file(const std::string& path) {
    for (const Engine& engine : kEngines) {
        if (engine.describe_file == nullptr) continue;
        if (std::string what = engine.describe_file(path); !what.empty()) return what;
    }
    return {};
}

std::vector<StateForm> state_forms() {
    std::vector<StateForm> out;
    for (const Engine& engine : kEngines) {
        for (const StateForm& form : engine.states) {
            if (!form.extension.empty()) out.push_back(form);
        }
    }
    return out;
}

std::vector<LibraryVersion> database_library_versions() {
    std::vector<LibraryVersion> out;
    for (const Engine& engine : kEngines) {
        for (LibraryVersion& version : engine.versions())
            out.push_back(std::move(version));
    }
    return out;
}

}  // namespace dbfixture
