// SPDX-License-Identifier: MIT
// The client library, opened when the first URL needs it: linked, its 25 dependencies would cost every start some 20
// ms. Each function is typed by the library's own header; only .cpp files of this folder include this one.
#pragma once

#include <libpq-fe.h>

#include <string>

namespace dbfixture::postgres {

// The functions that are used. All of them are needed; a later one that is not would be looked for by itself.
// clang-format off
#define DBFIXTURE_LIBPQ_FUNCTIONS(each) \
    each(PQlibVersion) each(PQconndefaults) each(PQconninfo) each(PQconninfoFree) each(PQconnectStartParams) \
    each(PQconnectPoll) each(PQstatus) each(PQfinish) each(PQsocket) each(PQbackendPID) each(PQserverVersion) \
    each(PQparameterStatus) each(PQtransactionStatus) each(PQerrorMessage) each(PQconnectionNeedsPassword) \
    each(PQsetNoticeReceiver) each(PQsetnonblocking) each(PQflush) each(PQconsumeInput) each(PQisBusy) \
    each(PQsendQuery) each(PQsendQueryParams) each(PQsendPrepare) each(PQsendQueryPrepared) each(PQgetResult) \
    each(PQresultStatus) each(PQresultErrorMessage) each(PQresultErrorField) each(PQclear) each(PQntuples) \
    each(PQnfields) each(PQgetvalue) each(PQgetlength) each(PQgetisnull) each(PQcmdTuples) each(PQgetCopyData) \
    each(PQputCopyData) each(PQputCopyEnd) each(PQfreemem) each(PQgetCancel) each(PQcancel) each(PQfreeCancel)
// clang-format on

struct LibPq {
#define DBFIXTURE_MEMBER(name) decltype(::name)* name = nullptr;
    DBFIXTURE_LIBPQ_FUNCTIONS(DBFIXTURE_MEMBER)
#undef DBFIXTURE_MEMBER
};

// Opens the library at the first call. Throws kFailure that names the package to install, or the version found and the
// one needed.
const LibPq& libpq();

// "15", of the library that libpq() would open, told by the name of its file without opening it; "" if none is found.
std::string libpq_version();

}  // namespace dbfixture::postgres
