// SPDX-License-Identifier: MIT
#include "db/postgres/restore_bench_test.h"

#include <unistd.h>

#include <sstream>

#include "base/cat.h"

namespace dbfixture {

std::string RestoreBench::contents_of(const std::string& parameters) {
    PostgresClient client(parameters);
    client.run("SET search_path = pg_catalog");
    std::istringstream names(client.run(
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind FROM pg_class c JOIN pg_namespace n "
        "ON "
        "n.oid = c.relnamespace WHERE c.relkind IN ('r', 'S') AND n.nspname !~ '^(pg_|dbfixture_)' AND n.nspname <> "
        "'information_schema' ORDER BY 1"));
    std::string out;
    for (std::string line; std::getline(names, line);) {
        const std::string name = line.substr(0, line.size() - 2);
        append(out, cat(name, "\n"));
        append(out, line.back() == 'S' ? client.run(cat("SELECT last_value, is_called FROM ", name))
                                       : client.run(cat("SELECT (t.*)::text FROM ONLY ", name,
                                                        " t ORDER BY (t.*)::text COLLATE \"C\"")));
    }
    return out;
}

std::string RestoreBench::restore(States& by, const std::string& stamp) {
    try {
        report = by.restore(saved.state, stamp);
    } catch (const Error& error) {
        return cat(static_cast<int>(error.kind), ": ", error.message, error.detail.empty() ? "" : ": ", error.detail);
    }
    static constexpr const char* kWays[] = {"untouched", "unchanged", "different", "whole"};
    const std::string way = kWays[static_cast<int>(report.way)];
    return report.written == 0 ? way : cat(way, " ", report.written);
}

std::string RestoreBench::after(const std::string& sql) {
    if (!sql.empty()) database.run(sql);
    std::string out = restore();
    CHECK(contents() == before);
    return out;
}

PostgresTestRole::PostgresTestRole() {
    static int count = 0;
    name_ = cat("test_role_", static_cast<int>(::getpid()), "_", ++count);
    PostgresClient("dbname=postgres").run(cat("CREATE ROLE ", name_, " LOGIN"));
}

PostgresTestRole::~PostgresTestRole() {
    PostgresClient("dbname=postgres").attempt(cat("DROP ROLE IF EXISTS ", name_));
}

}  // namespace dbfixture
