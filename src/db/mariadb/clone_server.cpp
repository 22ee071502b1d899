// SPDX-License-Identifier: MIT
#include "db/mariadb/clone_server.h"

#include <algorithm>

#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/location.h"
#include "db/mariadb/saved_session.h"
#include "db/mariadb/sql_text.h"
#include "db/saved_mark.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::size_t kLongestMark = 1024;  // characters of a database's comment

// As a text in quotes: a comment takes no other form. What backslashes would mean is not in a mark.
std::string comment_of(const std::string& mark) {
    if (mark.size() <= kLongestMark) return cat(" COMMENT ", enclose(mark, '\''));
    throw Error(ErrorKind::kFailure, "the mark of a throwaway copy is longer than the server takes")
        .with_detail("It has the name of the copied database, of this machine, and of the folder for notes.")
        .with_hint("set TMPDIR to a folder with a shorter path");
}

Error not_allowed(Session& session, const std::string& name, const ServerError& cause) {
    const std::string user = session.run("SELECT CURRENT_USER()").string(0, 0);
    const std::size_t at = std::min(user.rfind('@'), user.size());
    const std::string host = at < user.size() ? user.substr(at + 1) : "%";
    return Error(ErrorKind::kFailure, cat("this user may not create the database ", quote(name, 200)))
        .with_detail(cat(cause.words, "."))
        .with_hint(cat("have it granted: GRANT ALL ON `dbfixture\\_%`.* TO ", enclose(user.substr(0, at), '\''), "@",
                       enclose(host, '\'')));
}

}  // namespace

Location beside(const Location& location, const std::string& name) {
    Location out = sibling_of(location, name);
    out.typed = url_of_other(location, name);
    out.shown = shown_address(out.address);
    return out;
}

std::string database_name(const Location& location) {
    return location.engine->identify(location).name;
}

CloneServer::CloneServer(const Location& address, int busy_timeout_ms)
    : session_(sibling_of(address, ""), SessionOptions{.read_only = false, .busy_timeout_ms = busy_timeout_ms}) {
    if (!session_.server().is_mariadb) {
        throw Error(ErrorKind::kUsage, cat("there can be no throwaway copy of ", quote(address.shown, 200),
                                           ": not supported for MySQL yet"))
            .with_hint("make a database of its own for each worker, and load a fixture into it");
    }
    session_.run("SET SESSION foreign_key_checks = 0");
}

std::vector<ServerDatabase> CloneServer::own_names() {
    const Result found = session_.run(
        "SELECT schema_name, schema_comment FROM information_schema.schemata WHERE schema_name LIKE 'dbfixture\\_%' "
        "ORDER BY schema_name");
    std::vector<ServerDatabase> out;
    for (int row = 0; row < found.rows(); ++row) {
        if (found.text(row, 0).starts_with(kOwnPrefix)) out.push_back({found.string(row, 0), found.string(row, 1)});
    }
    return out;
}

void CloneServer::create(const std::string& name, const std::string& charset, const std::string& collation,
                         const std::string& mark) {
    try {
        session_.run(cat("CREATE DATABASE ", quote_identifier(name),
                         charset.empty() ? "" : cat(" CHARACTER SET ", charset, " COLLATE ", collation),
                         comment_of(mark)));
    } catch (const ServerError& error) {
        if (error.number != kAccessDeniedToDatabase) throw;
        throw not_allowed(session_, name, error);
    }
}

void CloneServer::set_mark(const std::string& name, const std::string& mark) {
    session_.run(cat("ALTER DATABASE ", quote_identifier(name), comment_of(mark)));
}

// Whoever is not ended (another user's, where this one may not) may hold the drop up.
void CloneServer::drop(const std::string& name) {
    const auto all = own_names();
    const auto found = std::ranges::find(all, name, &ServerDatabase::name);
    if (found == all.end() || !found->comment.starts_with(kMarkStart)) return;
    const Result sessions = session_.run(cat(
        "SELECT id FROM information_schema.processlist WHERE db = ", text_literal(name), " AND id <> CONNECTION_ID()"));
    for (int row = 0; row < sessions.rows(); ++row) {
        try {
            session_.run(cat("KILL ", sessions.integer(row, 0)));
        } catch (const ServerError&) {
            // It is gone, or another user's.
        }
    }
    session_.run(cat("DROP DATABASE IF EXISTS ", quote_identifier(name)));
}

}  // namespace dbfixture::mariadb
