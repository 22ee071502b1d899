// SPDX-License-Identifier: MIT
#include "db/sqlite/test_database_test.h"

#include <sqlite3.h>
#include <stdlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

namespace dbfixture {
namespace {

std::string quoted(const std::string& name) {
    std::string out = "\"";
    for (const char c : name)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

class Client {
  public:
    explicit Client(const std::string& path) {
        REQUIRE(sqlite3_open(path.c_str(), &database_) == SQLITE_OK);
        sqlite3_busy_timeout(database_, 2000);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() { sqlite3_close(database_); }

    std::vector<std::vector<std::string>> query(const std::string& sql) {
        std::vector<std::vector<std::string>> out;
        const char* rest = sql.c_str();
        while (*rest != 0) {
            sqlite3_stmt* statement = nullptr;
            const int code = sqlite3_prepare_v2(database_, rest, -1, &statement, &rest);
            INFO(sql << ": " << sqlite3_errmsg(database_));
            REQUIRE(code == SQLITE_OK);
            if (statement == nullptr) continue;
            int step;
            while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
                auto& row = out.emplace_back();
                for (int i = 0; i < sqlite3_column_count(statement); ++i) {
                    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
                    row.emplace_back(bytes == nullptr ? "" : bytes,
                                     static_cast<std::size_t>(sqlite3_column_bytes(statement, i)));
                }
            }
            INFO(sqlite3_errmsg(database_));
            sqlite3_finalize(statement);
            REQUIRE(step == SQLITE_DONE);
        }
        return out;
    }

  private:
    sqlite3* database_ = nullptr;
};

std::string exact(const std::string& column) {
    // Bytes of texts too, because quote() stops at a NUL; %!.17g tells doubles apart.
    return "typeof(" + column + ")||':'||CASE typeof(" + column + ") WHEN 'real' THEN printf('%!.20g'," + column +
           ") WHEN 'null' THEN '' ELSE hex(CAST(" + column + " AS BLOB)) END";
}

std::string joined(const std::vector<std::vector<std::string>>& rows) {
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            out += (i == 0 ? "" : "|") + row[i];
        out += '\n';
    }
    return out;
}

}  // namespace

TestDatabase::TestDatabase(const std::string& sql) {
    std::string folder = (std::filesystem::temp_directory_path() / "dbfixture-test-XXXXXX").string();
    REQUIRE(mkdtemp(folder.data()) != nullptr);
    path_ = folder + "/test.db";
    run(sql);
}

TestDatabase::~TestDatabase() {
    std::error_code ignored;
    std::filesystem::remove_all(folder(), ignored);
}

std::string TestDatabase::folder() const {
    return std::filesystem::path(path_).parent_path().string();
}

void TestDatabase::run(const std::string& sql) {
    Client(path_).query(sql);
}

void TestDatabase::attempt(const std::vector<std::string>& statements) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path_.c_str(), &database) == SQLITE_OK);
    sqlite3_exec(database, "BEGIN", nullptr, nullptr, nullptr);
    for (const std::string& sql : statements) {
        const int code = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
        INFO(sql << ": " << sqlite3_errmsg(database));
        REQUIRE((code == SQLITE_OK || code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH));
    }
    sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr);
    sqlite3_close(database);
}

std::string TestDatabase::rows(const std::string& select) {
    return joined(Client(path_).query(select));
}

std::string TestDatabase::content(bool with_sequences) {
    Client client(path_);
    std::string out =
        joined(client.query("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY 1, 2"));
    for (const auto& table : client.query("SELECT l.name, l.wr, l.type FROM pragma_table_list l WHERE schema = 'main' "
                                          "AND type IN ('table', 'virtual') AND name NOT LIKE "
                                          "'sqlite\\_%' ESCAPE '\\' ORDER BY 1")) {
        std::string columns, key;
        bool shadowed = false;
        for (const auto& column : client.query("SELECT name, pk FROM pragma_table_xinfo('" + std::string([&] {
                                                   std::string name;
                                                   for (const char c : table[0])
                                                       name += c == '\'' ? std::string("''") : std::string(1, c);
                                                   return name;
                                               }()) +
                                               "') WHERE hidden <> 1")) {
            columns += (columns.empty() ? "" : ", ") + exact(quoted(column[0]));
            if (column[1] != "0") key += column[0];
            std::string lower = column[0];
            std::transform(lower.begin(), lower.end(), lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
            shadowed |= lower == "rowid";
        }
        if (key.empty() && table[1] == "0" && !shadowed) columns.insert(0, "rowid, ");
        auto rows = client.query("SELECT " + columns + " FROM main." + quoted(table[0]));
        std::sort(rows.begin(), rows.end());
        out += "== " + table[0] + "\n" + joined(rows);
    }
    if (with_sequences && !client.query("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").empty()) {
        out +=
            "== sequences\n" + joined(client.query("SELECT name, seq FROM sqlite_sequence WHERE seq > 0 ORDER BY 1"));
    }
    return out;
}

std::unique_ptr<TestDatabase> TestDatabase::empty_copy() {
    Client client(path_);
    std::string sql = "PRAGMA encoding = '" + client.query("PRAGMA encoding")[0][0] + "';";
    for (const auto& row : client.query("SELECT sql FROM sqlite_master m WHERE sql IS NOT NULL AND name NOT LIKE "
                                        "'sqlite\\_%' ESCAPE '\\' AND NOT EXISTS (SELECT 1 FROM "
                                        "pragma_table_list l WHERE l.schema = 'main' AND l.name = m.name AND l.type = "
                                        "'shadow') ORDER BY type <> 'table', rowid")) {
        sql += row[0] + ";";
    }
    return std::make_unique<TestDatabase>(sql);
}

}  // namespace dbfixture
