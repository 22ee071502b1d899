// SPDX-License-Identifier: MIT
#include "db/postgres/clone_create.h"

#include "base/cat.h"
#include "base/text.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/transaction.h"
#include "db/unfinished_copy.h"

namespace dbfixture::postgres {
namespace {

// Below it writing all of it to the log is faster, above it two checkpoints are (reference/postgresql.md, section 7).
constexpr std::int64_t kLargeBytes = std::int64_t{256} << 20;

// Of databases that this role may not look into, nothing is known.
std::int64_t size_of(CloneServer& server, const std::string& name) {
    try {
        const Result size = server.session().run("SELECT pg_database_size($1::name)", {name});
        return size.integer(0, 0);
    } catch (const PgError&) {
        return 0;
    }
}

std::string strategy_for(CloneServer& server, const std::string& source) {
    constexpr int kHasStrategies = 150000;
    if (source.empty() || server.session().server_version() < kHasStrategies) return {};
    return size_of(server, source) > kLargeBytes ? " STRATEGY file_copy" : " STRATEGY wal_log";
}

std::string create_statement(CloneServer& server, const CloneRequest& request) {
    std::string sql = cat("CREATE DATABASE ", quote_identifier(request.name));
    if (!request.source.empty()) append(sql, cat(" TEMPLATE ", quote_identifier(request.source)));
    append(sql, strategy_for(server, request.source));
    if (!request.like.empty()) {
        const Result like = server.session().run(
            "SELECT pg_get_userbyid(datdba), pg_has_role(datdba, 'MEMBER'), datconnlimit FROM pg_database WHERE "
            "datname = $1",
            {request.like});
        if (like.rows() == 1 && like.boolean(0, 1)) append(sql, cat(" OWNER ", quote_identifier(like.text(0, 0))));
        if (like.rows() == 1) append(sql, cat(" CONNECTION LIMIT ", like.integer(0, 2)));
    }
    if (!request.allow_connections) append(sql, " ALLOW_CONNECTIONS false");
    return sql;
}

Error in_use(const std::string& shown, const std::string& users) {
    return Error(ErrorKind::kBusy,
                 cat("cannot copy the database ", quote(shown, 200), " while others are connected to it"))
        .with_detail(cat(users.empty() ? "The server does not say who they are" : cat("They are ", users).c_str(), "."))
        .with_hint("end their connections, or wait longer with --busy-timeout MS");
}

// Which of the two that it takes is missing is told by asking, as the server's words are in its own language.
Error not_allowed(CloneServer& server, const CloneRequest& request, const PgError& cause) {
    Error error(ErrorKind::kFailure, cat("this role may not copy the database ", quote(request.source, 200)));
    error.detail = cause.detail;
    const Result role = server.session().run(
        "SELECT quote_ident(current_user), rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user");
    if (role.rows() == 1 && !role.boolean(0, 1)) {
        error.message = "this role may not make databases";
        error.hint = cat("have it granted: ALTER ROLE ", role.text(0, 0), " CREATEDB");
    } else {
        error.hint = cat("connect as its owner, or have it made a template: ALTER DATABASE ",
                         quote_identifier(request.source), " IS_TEMPLATE true");
    }
    return error;
}

void create(CloneServer& server, const CloneRequest& request) {
    if (!request.source.empty()) {
        if (!server.find(request.source))
            throw Error(ErrorKind::kNotFound, cat("database ", quote(request.source, 200), " does not exist"))
                .with_hint("psql -l lists the databases of a server");
        if (const std::string users = server.wait_for_users(request.source); !users.empty())
            throw in_use(request.source, users);
    }
    try {
        server.session().run(create_statement(server, request));
    } catch (const PgError& error) {
        if (error.diagnostics.sqlstate == kObjectInUse) throw in_use(request.source, server.who_uses(request.source));
        if (error.diagnostics.sqlstate == kInsufficientPrivilege) throw not_allowed(server, request, error);
        throw;
    }
}

// Those of which the value is a list of names, quoted as such: a text in quotes would be one name.
bool is_list(std::string_view setting) {
    for (const std::string_view list :
         {"search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries",
          "shared_preload_libraries", "unix_socket_directories"}) {
        if (equals_ignore_case(setting, list)) return true;
    }
    return false;
}

void copy_setting(Session& session, const std::string& whom, const std::string& name, const std::string& value) {
    if (!is_list(name)) {
        session.run(cat(whom, " SET ", quote_identifier(name), " = ", text_literal(value)));
        return;
    }
    Transaction transaction(session);
    session.run("SELECT set_config($1, $2, true)", {name, value});
    session.run(cat(whom, " SET ", quote_identifier(name), " FROM CURRENT"));
    transaction.commit();
}

}  // namespace

void set_comment(CloneServer& server, const std::string& name, const std::string& text) {
    server.session().run(cat("COMMENT ON DATABASE ", quote_identifier(name), " IS ", text_literal(text)));
}

void copy_privileges(CloneServer& server, const std::string& from, const std::string& to) {
    Session& session = server.session();
    const Result rights = session.run(
        "SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, "
        "a.privilege_type, a.is_grantable FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = $1",
        {from});
    if (rights.rows() == 0) return;
    const std::string on = cat(" ON DATABASE ", quote_identifier(to));
    const Result owner =
        session.run("SELECT quote_ident(pg_get_userbyid(datdba)) FROM pg_database WHERE datname = $1", {to});
    Transaction transaction(session);
    session.run(cat("REVOKE ALL", on, " FROM PUBLIC"));
    for (int row = 0; row < rights.rows(); ++row) {
        if (rights.text(row, 0) == owner.text(0, 0)) continue;  // an owner has them all
        session.run(cat("GRANT ", rights.text(row, 1), on, " TO ", rights.text(row, 0),
                        rights.boolean(row, 2) ? " WITH GRANT OPTION" : ""));
    }
    transaction.commit();
}

void copy_settings(CloneServer& server, const std::string& from, const std::string& to,
                   std::vector<std::string>& warnings) {
    Session& session = server.session();
    const Result settings = session.run(
        "SELECT CASE WHEN s.setrole <> 0 THEN quote_ident(pg_get_userbyid(s.setrole)) END, "
        "split_part(c, '=', 1), substr(c, strpos(c, '=') + 1) FROM pg_db_role_setting s "
        "JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c WHERE d.datname = $1",
        {from});
    for (int row = 0; row < settings.rows(); ++row) {
        const std::string name = settings.string(row, 1);
        const std::string whom = settings.is_null(row, 0)
                                     ? cat("ALTER DATABASE ", quote_identifier(to))
                                     : cat("ALTER ROLE ", settings.text(row, 0), " IN DATABASE ", quote_identifier(to));
        try {
            copy_setting(session, whom, name, settings.string(row, 2));
        } catch (const PgError& error) {
            warnings.push_back(cat("the setting ", quote(name), " of the database ", quote(from, 200),
                                   " is not copied: ", error.diagnostics.message));
        }
    }
}

void clone_database(CloneServer& server, const CloneRequest& request, std::vector<std::string>& warnings) {
    UnfinishedCopy made(server, request.name, request.may_be_left);
    create(server, request);
    set_comment(server, request.name, request.mark);
    if (!request.like.empty()) {
        copy_privileges(server, request.like, request.name);
        copy_settings(server, request.settings.empty() ? request.like : request.settings, request.name, warnings);
    }
    made.done();
}

}  // namespace dbfixture::postgres
