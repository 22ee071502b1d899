// SPDX-License-Identifier: MIT
#include "db/mariadb/statement.h"

#include <algorithm>
#include <cassert>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/mariadb/calls.h"
#include "db/mariadb/libmariadb.h"
#include "db/mariadb/statement_columns.h"
#include "db/mariadb/statement_parameters.h"

namespace dbfixture::mariadb {

Statement::Statement(Session& session, std::string sql) : session_(session), sql_(std::move(sql)) {
    session_.start();
    statement_ = libmariadb().mysql_stmt_init(session_.connection_);
    if (statement_ == nullptr) throw Error(ErrorKind::kFailure, "out of memory");
    try {
        int failed = 0;
        session_.call(
            [&] { return libmariadb().mysql_stmt_prepare_start(&failed, statement_, sql_.data(), sql_.size()); },
            [&](int happened) { return libmariadb().mysql_stmt_prepare_cont(&failed, statement_, happened); });
        if (failed != 0) fail();
    } catch (...) {
        libmariadb().mysql_stmt_close(statement_);
        throw;
    }
}

Statement::~Statement() {
    try {
        end_rows();
    } catch (const Error&) {
        // The connection is lost with it.
    }
    libmariadb().mysql_stmt_close(statement_);
}

void Statement::execute(std::span<const Value> values) {
    end_rows();
    session_.start();
    if (!parameters_) parameters_ = std::make_unique<Parameters>();
    MYSQL_BIND* const binds = parameters_->of_values(values);
    const unsigned none = 0;
    libmariadb().mysql_stmt_attr_set(statement_, STMT_ATTR_ARRAY_SIZE, &none);
    if (!values.empty() && libmariadb().mysql_stmt_bind_param(statement_, binds) != 0) fail();
    send_large(values);
    run();
}

// What does not fit into one message goes ahead of it, in parts. The server takes no value this way that is larger than
// a message.
void Statement::send_large(std::span<const Value> values) {
    constexpr std::size_t kLarge = 64UL * 1024, kOverhead = 1024;
    std::size_t bytes = kOverhead + 9 * values.size();
    for (const Value& value : values)
        bytes += value.has_text() ? value.as_text().size() : 0;
    const std::size_t most = session_.server().most_bytes, part = std::max(most / 2, kOverhead);
    for (std::size_t i = 0; bytes > most && i < values.size(); ++i) {
        if (!values[i].has_text() || values[i].as_text().size() < kLarge) continue;
        std::string_view text = values[i].as_text();
        for (; !text.empty(); text.remove_prefix(std::min(part, text.size()))) {
            my_bool failed = 0;
            const auto begin = [&] {
                return libmariadb().mysql_stmt_send_long_data_start(&failed, statement_, static_cast<unsigned>(i),
                                                                    text.data(), std::min(part, text.size()));
            };
            session_.call(begin, [&](int happened) {
                return libmariadb().mysql_stmt_send_long_data_cont(&failed, statement_, happened);
            });
            if (failed != 0) fail();
        }
    }
}

void Statement::execute_rows(std::span<const Value> values, std::size_t rows) {
    assert(rows > 0);
    end_rows();
    session_.start();
    if (!parameters_) parameters_ = std::make_unique<Parameters>();
    MYSQL_BIND* const binds = parameters_->of_rows(values, rows);
    const auto count = static_cast<unsigned>(rows);
    libmariadb().mysql_stmt_attr_set(statement_, STMT_ATTR_ARRAY_SIZE, &count);
    if (libmariadb().mysql_stmt_bind_param(statement_, binds) != 0) fail();
    run();
}

void Statement::run() {
    int failed = 0;
    session_.call([&] { return libmariadb().mysql_stmt_execute_start(&failed, statement_); },
                  [&](int happened) { return libmariadb().mysql_stmt_execute_cont(&failed, statement_, happened); });
    if (failed != 0) fail();
    open_ = libmariadb().mysql_stmt_field_count(statement_) > 0;
}

std::uint64_t Statement::affected() const {
    return libmariadb().mysql_stmt_affected_rows(statement_);
}

void Statement::read_as(std::span<const ValueForm> forms) {
    assert(forms.size() == libmariadb().mysql_stmt_field_count(statement_));
    if (!columns_ || !columns_->have(forms)) columns_ = std::make_unique<Columns>(forms);
    columns_->receive(statement_);
}

bool Statement::fetch() {
    int state = 0;
    session_.call([&] { return libmariadb().mysql_stmt_fetch_start(&state, statement_); },
                  [&](int happened) { return libmariadb().mysql_stmt_fetch_cont(&state, statement_, happened); });
    if (state == 0) return true;
    open_ = false;
    // A statement that was told to end may look as if it had come to its end.
    if (state != MYSQL_NO_DATA || libmariadb().mysql_stmt_errno(statement_) != 0 ||
        libmariadb().mysql_errno(session_.connection_) != 0)
        fail();
    return false;
}

bool Statement::next(std::vector<Value>& values) {
    if (!fetch()) return false;
    arena_.clear();
    values.resize(libmariadb().mysql_stmt_field_count(statement_));
    columns_->take(values.data(), arena_, false);
    return true;
}

bool Statement::next(Value* values, Arena& arena) {
    if (!fetch()) return false;
    columns_->take(values, arena, true);
    return true;
}

std::size_t Statement::row_bytes() const {
    return columns_->row_bytes();
}

void Statement::end_rows() {
    if (!open_) return;
    open_ = false;
    // All of them would have to be taken first.
    if (pending_interrupt() != 0) session_.kill();
    libmariadb().mysql_stmt_free_result(statement_);
}

void Statement::fail() {
    const LibMariaDb& library = libmariadb();
    // What a fetch meets, the library says of the connection alone.
    if (library.mysql_stmt_errno(statement_) == 0 && library.mysql_errno(session_.connection_) != 0) {
        session_.fail(library.mysql_errno(session_.connection_), library.mysql_sqlstate(session_.connection_),
                      library.mysql_error(session_.connection_), sql_);
    }
    const unsigned number = library.mysql_stmt_errno(statement_);
    const std::string state = library.mysql_stmt_sqlstate(statement_), words = library.mysql_stmt_error(statement_);
    session_.fail(number, state, words, sql_);
}

}  // namespace dbfixture::mariadb
