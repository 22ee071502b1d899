// SPDX-License-Identifier: MIT
#include "db/mariadb/test_server_test.h"

#include <dlfcn.h>
#include <mysql.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/cat.h"
#include "base/places_test.h"

namespace dbfixture {
namespace {

// Of the functions that only tests use. Opened as the program itself opens the library.
template <typename Function>
Function* find(const char* name) {
    static void* const kLibrary = dlopen("libmariadb.so.3", RTLD_NOW | RTLD_LOCAL);
    REQUIRE(kLibrary != nullptr);
    return reinterpret_cast<Function*>(dlsym(kLibrary, name));
}
#define FIND(name) (*find<decltype(::name)>(#name))

// Ended by the script when this process is gone.
std::string start_server(const char* script) {
    const std::string command =
        cat((source_folder() / ".ci" / script).string(), " start ", static_cast<int>(::getpid()), " 2>/dev/null");
    std::string folder;
    if (FILE* const pipe = ::popen(command.c_str(), "r")) {
        for (int c = std::fgetc(pipe); c != EOF && c != '\n'; c = std::fgetc(pipe))
            folder += static_cast<char>(c);
        if (::pclose(pipe) != 0) folder.clear();
    }
    return folder;
}

std::string find_server(const char* variable, const char* script) {
    const char* const file = std::getenv(variable);
    if (file == nullptr) return start_server(script);
    std::string folder;
    std::getline(std::ifstream(file), folder);
    return folder;
}

// Of all statements, the last one's rows; nothing when one fails.
bool take_results(MYSQL* connection, std::string& out) {
    for (;;) {
        MYSQL_RES* const result = FIND(mysql_store_result)(connection);
        if (result != nullptr) {
            out.clear();
            while (MYSQL_ROW row = FIND(mysql_fetch_row)(result)) {
                const unsigned long* const sizes = FIND(mysql_fetch_lengths)(result);
                for (unsigned column = 0; column < FIND(mysql_num_fields)(result); ++column) {
                    if (column > 0) out += '|';
                    if (row[column] != nullptr) out.append(row[column], sizes[column]);
                }
                out += '\n';
            }
            FIND(mysql_free_result)(result);
        }
        const int more = FIND(mysql_next_result)(connection);
        if (more != 0) return more < 0;
    }
}

}  // namespace

const std::string& mariadb_folder() {
    static const std::string kFolder = find_server("DBFIXTURE_TEST_MARIADB", "mariadb");
    return kFolder;
}

const std::string& galera_folder() {
    static const std::string kFolder = find_server("DBFIXTURE_TEST_GALERA", "galera");
    return kFolder;
}

MariaDbClient::MariaDbClient(const std::string& database, const std::string& user, const std::string& folder,
                             const std::string& first) {
    MYSQL* const connection = FIND(mysql_init)(nullptr);
    connection_ = connection;
    FIND(mysql_optionsv)(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    const unsigned seconds = 120;
    FIND(mysql_optionsv)(connection, MYSQL_OPT_READ_TIMEOUT, &seconds);
    const std::string socket = cat(folder, "/socket");
    MYSQL* const made = FIND(mysql_real_connect)(connection, "localhost", user.c_str(), "", database.c_str(), 0,
                                                 socket.c_str(), CLIENT_MULTI_STATEMENTS);
    INFO(FIND(mysql_error)(connection));
    REQUIRE(made != nullptr);
    if (!first.empty()) run(first);
}

MariaDbClient::~MariaDbClient() {
    FIND(mysql_close)(static_cast<MYSQL*>(connection_));
}

std::string MariaDbClient::run(const std::string& sql) {
    auto* const connection = static_cast<MYSQL*>(connection_);
    std::string out;
    const bool good = FIND(mysql_real_query)(connection, sql.data(), sql.size()) == 0 && take_results(connection, out);
    INFO(sql << ": " << FIND(mysql_error)(connection));
    REQUIRE(good);
    return out;
}

std::string MariaDbClient::attempt(const std::string& sql) {
    auto* const connection = static_cast<MYSQL*>(connection_);
    std::string out;
    if (FIND(mysql_real_query)(connection, sql.data(), sql.size()) == 0 && take_results(connection, out)) return out;
    return cat(FIND(mysql_errno)(connection));
}

MariaDbTestDatabase::MariaDbTestDatabase(const std::string& sql, std::string folder) : folder_(std::move(folder)) {
    static int count = 0;
    name_ = cat("test_", static_cast<int>(::getpid()), "_", ++count);
    create();
    if (!sql.empty()) run(sql);
}

MariaDbTestDatabase::~MariaDbTestDatabase() {
    drop();
}

std::string MariaDbTestDatabase::url(std::string_view user) const {
    return cat("mysql://", user, "@/", name_, "?socket=", folder_, "/socket");
}

void MariaDbTestDatabase::create() const {
    MariaDbClient("", "root", folder_)
        .run(cat("CREATE DATABASE ", name_, " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"));
}

void MariaDbTestDatabase::drop() const {
    MariaDbClient("", "root", folder_).run(cat("DROP DATABASE IF EXISTS ", name_));
}

std::string MariaDbTestDatabase::run(const std::string& sql) const {
    return MariaDbClient(name_, "root", folder_).run(sql);
}

}  // namespace dbfixture
