// SPDX-License-Identifier: MIT
// The client library, opened when the first URL needs it: linked, its dependencies would cost every start. Each
// function is typed by the library's own header; only .cpp files of this folder include this one. It is MariaDB's
// library alone: MySQL's has other structures under the same names.
//
// Calls that wait for the server are begun by *_start and go on by *_cont, so that the caller can look around
// meanwhile.
#pragma once

#include <mysql.h>

#include <string>

namespace dbfixture::mariadb {

// The functions that are used. All of them are needed; a later one that is not would be looked for by itself.
// clang-format off
#define DBFIXTURE_LIBMARIADB_FUNCTIONS(each) \
    each(mysql_get_client_version) each(mysql_init) each(mysql_optionsv) each(mysql_real_connect_start) \
    each(mysql_real_connect_cont) each(mysql_close) each(mysql_get_socket) each(mysql_get_timeout_value_ms) \
    each(mysql_errno) each(mysql_error) each(mysql_sqlstate) each(mysql_thread_id) each(mysql_get_server_info) each(mysql_get_ssl_cipher) \
    each(mysql_real_query_start) each(mysql_real_query_cont) each(mysql_store_result_start) \
    each(mysql_store_result_cont) each(mysql_more_results) each(mysql_next_result_start) \
    each(mysql_next_result_cont) each(mysql_use_result) each(mysql_fetch_row_start) each(mysql_fetch_row_cont) \
    each(mysql_field_count) each(mysql_num_fields) each(mysql_fetch_row) \
    each(mysql_fetch_lengths) each(mysql_free_result) each(mysql_affected_rows) each(mysql_stmt_init) \
    each(mysql_stmt_attr_set) each(mysql_stmt_prepare_start) each(mysql_stmt_prepare_cont) \
    each(mysql_stmt_send_long_data_start) each(mysql_stmt_send_long_data_cont) \
    each(mysql_stmt_execute_start) each(mysql_stmt_execute_cont) each(mysql_stmt_bind_param) \
    each(mysql_stmt_result_metadata) each(mysql_fetch_field_direct) each(mysql_stmt_fetch_start) \
    each(mysql_stmt_fetch_cont) each(mysql_stmt_free_result) each(mysql_stmt_close) each(mysql_stmt_errno) \
    each(mysql_stmt_error) each(mysql_stmt_sqlstate) each(mysql_stmt_affected_rows) each(mysql_stmt_field_count) \
    each(mariadb_get_infov)
// clang-format on

struct LibMariaDb {
#define DBFIXTURE_MEMBER(name) decltype(::name)* name = nullptr;
    DBFIXTURE_LIBMARIADB_FUNCTIONS(DBFIXTURE_MEMBER)
#undef DBFIXTURE_MEMBER
};

// Opens the library at the first call. Throws kFailure that names the package to install, or the version found and the
// one needed.
const LibMariaDb& libmariadb();

// "3", of the library that libmariadb() would open, told by its file without opening it; "" if none is found.
std::string libmariadb_version();

}  // namespace dbfixture::mariadb
