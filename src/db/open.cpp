// SPDX-License-Identifier: MIT
#include "db/open.h"

#include <sys/stat.h>

#include <array>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/sqlite/connection.h"
#include "db/sqlite/images.h"
#include "db/states.h"

namespace dbfixture {
namespace {

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && equals_ignore_case(text.substr(0, prefix.size()), prefix);
}

bool exists(const std::string& path) {
    struct stat facts = {};
    return ::stat(path.c_str(), &facts) == 0;
}

std::string percent_decode(std::string_view text) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
            out.push_back(static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

sqlite::Location memory() {
    return {":memory:", false, ":memory:", true};
}

// The path of a "sqlite:" URL. Drivers add "?mode=rwc" and the like, and some encode: the file that exists as written
// wins.
sqlite::Location file_location(std::string_view written) {
    std::string path(written);
    if (path.empty() || path == ":memory:") return memory();
    if (!exists(path)) path = path.substr(0, path.find('?'));
    if (!exists(path) && exists(percent_decode(path))) path = percent_decode(path);
    return {path, false, path, false};
}

// sqlite:x, sqlite://x (sqlx), sqlite:///x (SQLAlchemy: relative), sqlite:////x (absolute).
sqlite::Location sqlite_url(std::string_view url, std::string_view rest) {
    if (!starts_with(rest, "//")) return file_location(rest);
    rest.remove_prefix(2);
    if (!starts_with(rest, "/")) return file_location(rest);
    sqlite::Location relative = file_location(rest.substr(1));
    const sqlite::Location absolute = file_location(rest);
    if (starts_with(rest, "//")) return relative;  // four slashes: what follows the third is an absolute path
    if (!relative.in_memory && exists(relative.path) && exists(absolute.path)) {
        throw Error(ErrorKind::kUsage, cat("database URL ", quote(url, 200), " is ambiguous"))
            .with_detail(cat("Both ", quote(relative.path, 200), " and ", quote(absolute.path, 200), " exist."))
            .with_hint(cat("write sqlite:", relative.path, " or sqlite:", absolute.path));
    }
    return relative;
}

// SQLite's own URIs (https://sqlite.org/uri.html), which are also Prisma's "file:./dev.db".
sqlite::Location file_uri(std::string_view url) {
    sqlite::Location location{std::string(url), true, {}, false};
    std::string_view path = url.substr(5);
    const std::string_view query = path.find('?') == std::string_view::npos ? "" : path.substr(path.find('?') + 1);
    path = path.substr(0, path.find_first_of("?#"));
    if (starts_with(path, "//")) {
        const std::size_t slash = path.find('/', 2);
        path = slash == std::string_view::npos ? "" : path.substr(slash);
    }
    location.path = percent_decode(path);
    location.in_memory =
        location.path.empty() || location.path == ":memory:" || query.find("mode=memory") != std::string_view::npos;
    if (location.in_memory) location.path = ":memory:";
    return location;
}

std::string_view scheme_of(std::string_view url) {
    const std::size_t colon = url.find("://");
    if (colon == std::string_view::npos || url.substr(0, colon).find('/') != std::string_view::npos) return {};
    return url.substr(0, colon);
}

// Throws kUsage for what is no SQLite database.
sqlite::Location locate(std::string_view url) {
    static constexpr std::array<std::string_view, 7> kLater = {"postgres", "postgresql", "pgsql",  "postgis",
                                                               "mysql",    "mysql2",     "mariadb"};
    if (url.empty()) throw Error(ErrorKind::kUsage, "the database name is empty");
    for (const std::string_view prefix : {"sqlite:", "sqlite3:"}) {
        if (starts_with(url, prefix)) return sqlite_url(url, url.substr(prefix.size()));
    }
    if (starts_with(url, "file:")) return file_uri(url);
    if (url == ":memory:") return memory();
    const std::string_view scheme = scheme_of(url);
    for (const std::string_view later : kLater) {
        if (equals_ignore_case(scheme.substr(0, scheme.find('+')), later)) {
            throw Error(ErrorKind::kUsage,
                        cat("cannot open ", quote(redact_url(url), 200), ": ", later, " is not supported yet"))
                .with_hint("this version knows SQLite: a path, or sqlite:PATH");
        }
    }
    if (!scheme.empty()) {
        throw Error(ErrorKind::kUsage,
                    cat("cannot open ", quote(redact_url(url), 200), ": unknown kind of database ", quote(scheme)))
            .with_hint("this version knows SQLite: a path, or sqlite:PATH");
    }
    const std::string path(url);
    return {path, false, path, false};
}

}  // namespace

std::string redact_url(std::string_view url) {
    const std::size_t start = url.find("://");
    if (start == std::string_view::npos) return std::string(url);
    const std::size_t host_end = url.find('/', start + 3);
    const std::size_t at = url.substr(0, host_end).rfind('@');
    if (at == std::string_view::npos || at < start) return std::string(url);
    return cat(url.substr(0, start + 3), "...", url.substr(at));
}

std::unique_ptr<Connection> open_database(std::string_view url, const OpenOptions& options) {
    return sqlite::open_sqlite(locate(url), options);
}

std::unique_ptr<DatabaseImages> open_images(std::string_view url, int busy_timeout_ms) {
    return sqlite::open_sqlite_images(locate(url), busy_timeout_ms);
}

}  // namespace dbfixture
