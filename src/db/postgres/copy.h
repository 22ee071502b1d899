// SPDX-License-Identifier: MIT
// COPY in both directions, in text format (copy_text.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "db/postgres/session.h"

namespace dbfixture::postgres {

// Rows as the server writes them for COPY ... TO STDOUT. While it lives, nothing else may be asked of the session.
class CopyOut {
  public:
    // In text format (copy_text.h takes lines apart) rows come without their line ends, in `binary` (copy_binary.h) as
    // they are, the header and the end of the copy too.
    CopyOut(Session& session, const std::string& sql, bool binary = false);
    CopyOut(const CopyOut&) = delete;
    CopyOut& operator=(const CopyOut&) = delete;
    // Rows that are left are passed over; where nothing is lost by it, the server is told to stop.
    ~CopyOut();
    // A row, valid until the next call. False at the end.
    bool next(std::string_view& line);
    // The server is told to end, unless what is open would be lost by it. May be called while another thread waits in
    // next().
    void give_up() noexcept;

  private:
    Session& session_;
    std::string sql_;
    std::size_t line_end_;  // bytes of it
    bool in_transaction_ = false;
    char* line_ = nullptr;
    bool done_ = false;
};

// COPY ... FROM STDIN in text format. While it lives, nothing else may be asked of the session. What is put is sent
// while more is made: the server works at the same time.
class CopyIn {
  public:
    CopyIn(Session& session, const std::string& sql);
    CopyIn(const CopyIn&) = delete;
    CopyIn& operator=(const CopyIn&) = delete;
    // Without finish() the statement fails on the server, and its transaction with it.
    ~CopyIn();
    // Any number of rows or a part of one; big pieces are cheaper.
    void put(std::string_view bytes);
    // The number of rows. Throws PgError, whose context has "COPY t, line N, column c".
    std::uint64_t finish();

  private:
    Session& session_;
    std::string sql_;
    bool done_ = false;
};

}  // namespace dbfixture::postgres
