// SPDX-License-Identifier: MIT
#include "postgres_original_test.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "base/cat.h"

using dbfixture::cat;
using dbfixture::PostgresClient;

namespace dbfixture_test {

bool without_postgres() {
    if (dbfixture::postgres_folder().empty()) {
        WARN("SKIPPED: PostgreSQL: no server is installed (Debian: postgresql)");
        return true;
    }
    if (shell("command -v psql >/dev/null 2>&1") == 0) return false;
    WARN("SKIPPED: psql is missing");
    return true;
}

dbfixture::PosixFile Original::wait_for_others() {
    dbfixture::PosixFile file(cat(dbfixture::postgres_folder(), "/alone"), O_RDWR | O_CREAT);
    REQUIRE(::flock(file.descriptor(), LOCK_EX) == 0);
    return file;
}

Original::Original(const std::string& sql) {
    static int count = 0;
    name = cat("shop_test_", static_cast<int>(::getpid()), "_", ++count);
    server.run("CREATE DATABASE " + name);
    PostgresClient("dbname=" + name).run(sql);
}

Original::~Original() {
    server.run("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
}

std::string Original::url(const std::string& user) const {
    return cat("postgresql://", user, "@/", name, "?host=", dbfixture::postgres_folder());
}

std::string Original::said_by(const std::string& lines, const std::string& user) const {
    const int status = shell(cat("cd ", quoted(work.path), " && ", environment(),
                                 "export XDG_STATE_HOME=\"$PWD/state\" PSQL='psql -XqAt -v ON_ERROR_STOP=1' URL=",
                                 quoted(std::filesystem::path(url(user))), "; { ", lines, "\n} >said 2>&1"));
    return cat(without_names(read_file(work.path / "said")), "status ", status, "\n");
}

std::string Original::copies() {
    return server.run("SELECT count(*) FROM pg_database WHERE datname LIKE 'dbfixture\\_%" + name + "%'");
}

std::string Original::rows() const {
    return PostgresClient("dbname=" + name).run("SELECT * FROM t ORDER BY 1");
}

void Original::drop_role(const std::string& role) {
    server.run("DROP DATABASE " + name);
    server.run("DROP ROLE " + role);
}

std::string Original::without_names(std::string text) const {
    const auto replace = [&text](const std::string& what, const std::string& by) {
        for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
            text.replace(at, what.size(), by);
    };
    const std::string before = cat("_", name, "_");
    for (std::size_t at = 0; (at = text.find(before, at)) != std::string::npos; at += before.size())
        text.replace(at + before.size(), 16, "RUN");
    replace(name, "NAME");
    replace(dbfixture::postgres_folder(), "SOCKET");
    return text;
}

}  // namespace dbfixture_test
