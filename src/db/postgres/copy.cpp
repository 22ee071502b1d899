// SPDX-License-Identifier: MIT
#include "db/postgres/copy.h"

#include <exception>

#include "base/error.h"
#include "db/postgres/connect.h"
#include "db/postgres/libpq.h"

namespace dbfixture::postgres {

CopyOut::CopyOut(Session& session, const std::string& sql, bool binary)
    : session_(session), sql_(sql), line_end_(binary ? 0 : 1), in_transaction_(session.in_transaction()) {
    session_.run(sql_);
}

// A statement that is told to end takes its transaction along: one that goes on reads to the end instead.
void CopyOut::give_up() noexcept {
    if (!in_transaction_ || std::uncaught_exceptions() > 0) cancel(session_.connection_);
}

CopyOut::~CopyOut() {
    try {
        if (!done_) give_up();
        std::string_view line;
        while (next(line)) {
        }
    } catch (const Error&) {
        // That it was told to end, or a connection that is lost: its next statement says so.
    }
    libpq().PQfreemem(line_);
}

bool CopyOut::next(std::string_view& line) {
    if (done_) return false;
    for (;;) {
        libpq().PQfreemem(line_);
        line_ = nullptr;
        const int size = libpq().PQgetCopyData(session_.connection_, &line_, 1);
        if (size > 0) {
            line = {line_, static_cast<std::size_t>(size) - line_end_};
            return true;
        }
        if (size < 0) break;
        session_.wait(false);
    }
    done_ = true;
    session_.finish(sql_);
    session_.check_cancelled();
    return false;
}

CopyIn::CopyIn(Session& session, const std::string& sql) : session_(session), sql_(sql) {
    session_.run(sql_);
}

CopyIn::~CopyIn() {
    if (done_) return;
    try {
        libpq().PQputCopyEnd(session_.connection_, "given up");
        session_.flush();
        session_.finish(sql_);
    } catch (const Error&) {
        // That it was given up.
    }
}

void CopyIn::put(std::string_view bytes) {
    session_.check_cancelled();
    if (libpq().PQputCopyData(session_.connection_, bytes.data(), static_cast<int>(bytes.size())) != 1)
        session_.fail_connection();
    session_.flush();
}

std::uint64_t CopyIn::finish() {
    done_ = true;
    if (libpq().PQputCopyEnd(session_.connection_, nullptr) != 1) session_.fail_connection();
    session_.flush();
    const Result result = session_.finish(sql_);
    session_.check_cancelled();
    return result.affected();
}

}  // namespace dbfixture::postgres
