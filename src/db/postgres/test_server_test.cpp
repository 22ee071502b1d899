// SPDX-License-Identifier: MIT
#include "db/postgres/test_server_test.h"

#include <dlfcn.h>
#include <libpq-fe.h>
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
    static void* const kLibrary = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    REQUIRE(kLibrary != nullptr);
    return reinterpret_cast<Function*>(dlsym(kLibrary, name));
}
#define FIND(name) (*find<decltype(::name)>(#name))

// Ended by .ci/postgres when this process is gone.
std::string start_server() {
    const std::string command =
        cat((source_folder() / ".ci" / "postgres").string(), " start ", static_cast<int>(::getpid()), " 2>/dev/null");
    std::string folder;
    if (FILE* const pipe = ::popen(command.c_str(), "r")) {
        for (int c = std::fgetc(pipe); c != EOF && c != '\n'; c = std::fgetc(pipe))
            folder += static_cast<char>(c);
        if (::pclose(pipe) != 0) folder.clear();
    }
    return folder;
}

std::string find_server() {
    const char* const file = std::getenv("DBFIXTURE_TEST_POSTGRES");
    if (file == nullptr) return start_server();
    std::string folder;
    std::getline(std::ifstream(file), folder);
    return folder;
}

std::string lines_of(PGresult* result) {
    std::string out;
    for (int row = 0; row < FIND(PQntuples)(result); ++row) {
        for (int column = 0; column < FIND(PQnfields)(result); ++column)
            append(out, cat(column == 0 ? "" : "|", FIND(PQgetvalue)(result, row, column)));
        out += '\n';
    }
    return out;
}

}  // namespace

const std::string& postgres_folder() {
    static const std::string kFolder = find_server();
    return kFolder;
}

PostgresClient::PostgresClient(const std::string& parameters) {
    const std::string all = cat("host=", postgres_folder(), " user=postgres ", parameters);
    auto* const connection = FIND(PQconnectdb)(all.c_str());
    connection_ = connection;
    INFO(FIND(PQerrorMessage)(connection));
    REQUIRE(FIND(PQstatus)(connection) == CONNECTION_OK);
    run("SET client_min_messages = warning");
}

PostgresClient::~PostgresClient() {
    FIND(PQfinish)(static_cast<PGconn*>(connection_));
}

std::string PostgresClient::run(const std::string& sql) {
    auto* const connection = static_cast<PGconn*>(connection_);
    PGresult* const result = FIND(PQexec)(connection, sql.c_str());
    INFO(sql << ": " << FIND(PQerrorMessage)(connection));
    const ExecStatusType status = FIND(PQresultStatus)(result);
    REQUIRE((status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY));
    std::string out = lines_of(result);
    FIND(PQclear)(result);
    return out;
}

std::string PostgresClient::attempt(const std::string& sql) {
    PGresult* const result = FIND(PQexec)(static_cast<PGconn*>(connection_), sql.c_str());
    const char* const state = FIND(PQresultErrorField)(result, PG_DIAG_SQLSTATE);
    std::string out = state == nullptr ? lines_of(result) : state;
    FIND(PQclear)(result);
    return out;
}

PostgresTestDatabase::PostgresTestDatabase(const std::string& sql) {
    static int count = 0;
    name_ = cat("test_", static_cast<int>(::getpid()), "_", ++count);
    create();
    if (!sql.empty()) run(sql);
}

PostgresTestDatabase::~PostgresTestDatabase() {
    drop();
}

std::string PostgresTestDatabase::parameters() const {
    return cat("dbname=", name_);
}

std::string PostgresTestDatabase::url(std::string_view user) const {
    return cat("postgresql://", user, "@/", name_, "?host=", postgres_folder());
}

void PostgresTestDatabase::create() {
    PostgresClient("dbname=postgres").run(cat("CREATE DATABASE ", name_));
}

void PostgresTestDatabase::drop() {
    PostgresClient("dbname=postgres").run(cat("DROP DATABASE IF EXISTS ", name_, " WITH (FORCE)"));
}

std::string PostgresTestDatabase::run(const std::string& sql) const {
    return PostgresClient(parameters()).run(sql);
}

}  // namespace dbfixture
