// SPDX-License-Identifier: MIT
#include "db/open.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/sqlite/connection.h"
#include "db/sqlite/images.h"
#include "db/sqlite/location.h"
#include "db/sqlite/sidecar.h"
#include "db/states.h"

namespace dbfixture {
namespace {

constexpr auto kKnown = "this version knows SQLite: a path, or sqlite:PATH";

enum class Kind { kPath, kUri, kSqlite, kLater, kUnknown };

// What a URL begins with. A driver suffix ("sqlite+aiosqlite:") and "jdbc:" are left out of `scheme`.
struct Scheme {
    Kind kind = Kind::kPath;
    std::string scheme;
    std::string_view rest;  // behind the colon
};

bool exists(std::string_view path) {
    struct stat facts = {};
    return ::stat(std::string(path).c_str(), &facts) == 0;
}

// "" unless `text` begins as "scheme:" does.
std::string_view scheme_of(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon < 2 || std::isalpha(static_cast<unsigned char>(text[0])) == 0)
        return {};
    const std::string_view name = text.substr(0, colon);
    const auto is_part = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' || c == '.' || c == '_';
    };
    return std::ranges::all_of(name, is_part) ? name : std::string_view();
}

// Connection strings of servers that are no URLs: "host=h password=p", Go's "u:p@tcp(h)/d".
bool is_server_string(std::string_view text) {
    const std::string lower = to_lower(text);
    return lower.find("password=") != std::string::npos || lower.find("@tcp(") != std::string::npos ||
           lower.find("@unix(") != std::string::npos || lower.starts_with("host=") || lower.starts_with("server=");
}

Scheme take_scheme(std::string_view url) {
    static constexpr std::array<std::string_view, 9> kLater = {"postgres", "postgresql", "pgsql",   "psql", "postgis",
                                                               "mysql",    "mysql2",     "mariadb", "tidb"};
    std::string_view text = url;
    if (equals_ignore_case(text.substr(0, 5), "jdbc:")) text.remove_prefix(5);
    const std::string_view whole = scheme_of(text);
    Scheme out;
    if (whole.empty()) {
        if (is_server_string(text) && !exists(text)) out.kind = Kind::kLater;
        return out;
    }
    out.scheme = to_lower(whole.substr(0, whole.find('+')));
    out.rest = text.substr(whole.size() + 1);
    if (out.scheme == "sqlite" || out.scheme == "sqlite3") {
        out.kind = Kind::kSqlite;
    } else if (out.scheme == "file") {
        out.kind = Kind::kUri;
    } else if (std::ranges::find(kLater, out.scheme) != kLater.end() && !exists(url)) {
        out.kind = Kind::kLater;
    } else if (out.rest.starts_with("//")) {
        out.kind = Kind::kUnknown;
    } else if (is_server_string(text) && !exists(url)) {
        out.kind = Kind::kLater;
        out.scheme.clear();
    }
    return out;
}

// Throws kUsage for what is no SQLite database.
sqlite::Location locate(std::string_view url) {
    if (url.empty()) throw Error(ErrorKind::kUsage, "the database name is empty");
    const Scheme scheme = take_scheme(url);
    switch (scheme.kind) {
        case Kind::kPath:
            return sqlite::locate_path(url);
        case Kind::kUri:
            return sqlite::locate_uri(cat("file:", scheme.rest));
        case Kind::kSqlite:
            return sqlite::locate_url(url, scheme.rest);
        case Kind::kLater:
            throw Error(ErrorKind::kUsage,
                        cat("cannot open ", quote(redact_url(url), 200), ": ",
                            scheme.scheme.empty() ? "a database server" : scheme.scheme, " is not supported yet"))
                .with_hint(kKnown);
        case Kind::kUnknown:
            break;
    }
    throw Error(ErrorKind::kUsage,
                cat("cannot open ", quote(redact_url(url), 200), ": unknown kind of database ", quote(scheme.scheme)))
        .with_hint(kKnown);
}

// "password=...", "pwd=..." and "key=..." up to what ends a parameter.
std::string without_secrets(std::string text) {
    const std::string lower = to_lower(text);
    std::string out;
    std::size_t from = 0;
    for (std::size_t at = lower.find('='); at != std::string::npos; at = lower.find('=', at + 1)) {
        const std::string_view before = std::string_view(lower).substr(from, at - from);
        const bool secret = before.ends_with("password") || before.ends_with("passwd") || before.ends_with("pwd") ||
                            before.ends_with("key") || before.ends_with("secret") || before.ends_with("token");
        if (!secret) continue;
        append(out, cat(std::string_view(text).substr(from, at + 1 - from), "..."));
        const bool quoted = at + 1 < text.size() && (text[at + 1] == '\'' || text[at + 1] == '"');
        const std::size_t end = quoted ? text.find(text[at + 1], at + 2) : text.find_first_of("&; ", at);
        from = end == std::string::npos ? text.size() : quoted ? end + 1 : end;
    }
    return out + text.substr(std::min(from, text.size()));
}

}  // namespace

std::string redact_url(std::string_view url) {
    const Scheme scheme = take_scheme(url);
    if (scheme.kind == Kind::kPath) return std::string(url);
    // A password may hold any character, written as it is by mistake: the last @ ends it.
    const std::size_t at = url.rfind('@');
    const std::size_t start = url.find("://");
    const bool is_sqlite = scheme.kind == Kind::kSqlite || scheme.kind == Kind::kUri;
    if (is_sqlite || at == std::string_view::npos) return without_secrets(std::string(url));
    const std::string_view before = start == std::string_view::npos || start > at ? "" : url.substr(0, start + 3);
    return without_secrets(cat(before, "...", url.substr(at)));
}

std::unique_ptr<Connection> open_database(std::string_view url, const OpenOptions& options) {
    return sqlite::open_sqlite(locate(url), options);
}

std::unique_ptr<DatabaseImages> open_images(std::string_view url, int busy_timeout_ms) {
    return sqlite::open_sqlite_images(locate(url), busy_timeout_ms);
}

std::string database_file(std::string_view url) {
    const sqlite::Location location = locate(url);
    return location.in_memory ? "" : location.path;
}

std::string relocate_database(const std::string& url, const std::string& folder) {
    const Scheme scheme = take_scheme(url);
    if (scheme.kind == Kind::kSqlite) return sqlite::relocate_url(url, scheme.rest, folder);
    if (scheme.kind == Kind::kUri) return sqlite::relocate_uri(cat("file:", scheme.rest), folder);
    return scheme.kind == Kind::kPath ? sqlite::relocate_path(url, folder) : url;
}

bool is_database_url(std::string_view text) {
    return take_scheme(text).kind != Kind::kPath;
}

std::string describe_database_file(const std::string& path) {
    return sqlite::describe_file(path);
}

std::vector<std::string> files_beside_database(const std::string& path) {
    return sqlite::sidecars(path);
}

}  // namespace dbfixture
