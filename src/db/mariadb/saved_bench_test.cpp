// SPDX-License-Identifier: MIT
#include "db/mariadb/saved_bench_test.h"

#include <algorithm>
#include <vector>

#include "base/cat.h"
#include "db/location.h"

namespace dbfixture {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        out.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

std::string text_of_hex(const std::string& digits) {
    std::string out;
    for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
        out += static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16));
    return out;
}

}  // namespace

bool no_mariadb() {
    if (!mariadb_folder().empty()) return false;
    WARN("SKIPPED: MariaDB: no server is installed (Debian: mariadb-server)");
    return true;
}

std::string failure_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return cat(static_cast<int>(error.kind), " ", error.message, "; ", error.detail, "; ", error.hint);
    }
    return "nothing was thrown";
}

MariaDbSavedBench::MariaDbSavedBench(const std::string& sql)
    : database(sql), states(open_states(locate(DatabaseUrl(database.url())), 1000)) {
    saved = states->save(StateKind::kCopy, folder / "state.copy");
    before = contents();
}

std::string MariaDbSavedBench::contents() const {
    MariaDbClient client(database.name());
    return mariadb_rows(client) + mariadb_counters(client);
}

std::string mariadb_rows(MariaDbClient& client) {
    client.run("SET SESSION group_concat_max_len = 4294967295");
    const std::string tables = client.run(
        "SELECT HEX(table_name) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type IN "
        "('BASE "
        "TABLE', 'SYSTEM VERSIONED') ORDER BY CAST(table_name AS BINARY)");
    std::string out;
    for (const std::string& digits : lines_of(tables)) {
        // Names may hold whatever surrounds them.
        const std::string row = client.run(cat(
            "SELECT GROUP_CONCAT('IFNULL(CONCAT(LENGTH(HEX(', term, ')), \\':\\', HEX(', term, ')), \\'-\\')' ORDER "
            "BY at SEPARATOR ', ') FROM (SELECT ordinal_position AS at, IF(data_type = 'enum', CONCAT(name, ' + "
            "0'), CONCAT('CAST(', name, ' AS BINARY)')) AS term FROM (SELECT ordinal_position, data_type, "
            "CONCAT('`', REPLACE(column_name, '`', '``'), '`') AS name FROM information_schema.columns WHERE "
            "table_schema = DATABASE() AND CAST(table_name AS BINARY) = X'",
            digits, "') AS c) AS t"));
        std::string table = text_of_hex(digits), name;
        for (const char c : table)
            name += c == '`' ? "``" : std::string(1, c);
        append(out, cat(table, "\n",
                        client.run(cat("SELECT CONCAT_WS(' ', ", row.substr(0, row.find_last_not_of('\n') + 1),
                                       ") AS x FROM `", name, "` ORDER BY x"))));
    }
    return out;
}

std::string mariadb_counters(MariaDbClient& client) {
    return client.run(
        "SELECT table_name, auto_increment FROM information_schema.tables WHERE table_schema = DATABASE() AND "
        "auto_increment IS NOT NULL ORDER BY table_name");
}

std::string MariaDbSavedBench::restore() {
    try {
        report = states->restore(saved.state, "");
    } catch (const Error& error) {
        return cat(static_cast<int>(error.kind), " ", error.message);
    }
    return report.way == RestoreWay::kUnchanged ? "unchanged" : cat("restored ", report.written);
}

}  // namespace dbfixture
