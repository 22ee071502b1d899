// SPDX-License-Identifier: MIT
#include "db/sqlite/statement.h"

#include <sqlite3.h>

#include <cmath>

#include "base/cat.h"
#include "base/text.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/utf16.h"

namespace dbfixture::sqlite {
namespace {

unsigned char encoding_flag(TextEncoding encoding) {
    switch (encoding) {
        case TextEncoding::kUtf8:
            return SQLITE_UTF8;
        case TextEncoding::kUtf16le:
            return SQLITE_UTF16LE;
        case TextEncoding::kUtf16be:
            return SQLITE_UTF16BE;
    }
    return SQLITE_UTF8;
}

// SQLite takes a leading byte order mark off UTF-16 that it is given; one more in front keeps the text's own.
int bind_encoded(sqlite3_stmt* statement, int parameter, const Value& value,
                 sqlite3_destructor_type lifetime = SQLITE_STATIC) {
    const std::string_view bytes = value.as_text();
    const bool marked = bytes.size() >= 2 && (bytes.substr(0, 2) == "\xFF\xFE" || bytes.substr(0, 2) == "\xFE\xFF");
    if (value.encoding() == TextEncoding::kUtf8 || !marked) {
        return sqlite3_bind_text64(statement, parameter, bytes.data(), bytes.size(), lifetime,
                                   encoding_flag(value.encoding()));
    }
    const std::string guarded = cat(value.encoding() == TextEncoding::kUtf16le ? "\xFF\xFE" : "\xFE\xFF", bytes);
    return sqlite3_bind_text64(statement, parameter, guarded.data(), guarded.size(), SQLITE_TRANSIENT,
                               encoding_flag(value.encoding()));
}

// Where SQLite itself turns UTF-8 into UTF-16, it stores U+FFFE and U+FFFF (EF BF BE, EF BF BF) as U+FFFD.
int bind_noncharacters(sqlite3_stmt* statement, int parameter, std::string_view text, TextEncoding encoding) {
    const std::string bytes = utf8_to_utf16(text, encoding);
    return bind_encoded(statement, parameter, Value::encoded_text(bytes, encoding), SQLITE_TRANSIENT);
}

}  // namespace

void Finalize::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

Statement::Statement(Handle handle, std::string_view sql, bool long_lived) : handle_(handle) {
    sqlite3_stmt* prepared = nullptr;
    const int code = sqlite3_prepare_v3(handle.database, sql.data(), static_cast<int>(sql.size()),
                                        long_lived ? SQLITE_PREPARE_PERSISTENT : 0, &prepared, nullptr);
    if (code != SQLITE_OK) {
        Error error = make_error(handle.database, code, kCannotPrepare);
        error.detail += cat(kInStatement, sql);
        throw error;
    }
    statement_.reset(prepared);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
    sqlite3_bind_int64(statement_.get(), parameter, value);
    return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
    return bind(parameter, Value::text(text));
}

Statement& Statement::bind(int parameter, const Value& value) {
    sqlite3_stmt* const statement = statement_.get();
    const std::string_view text = value.has_text() ? value.as_text() : std::string_view();
    int code = SQLITE_OK;
    switch (value.kind()) {
        case ValueKind::kNull:
            code = sqlite3_bind_null(statement, parameter);
            break;
        case ValueKind::kBoolean:
        case ValueKind::kInteger:
            code = sqlite3_bind_int64(statement, parameter, value.as_integer());
            break;
        case ValueKind::kReal:
            // SQLite would store NULL.
            if (std::isnan(value.as_real())) throw Error(ErrorKind::kInput, "SQLite cannot store NaN");
            code = sqlite3_bind_double(statement, parameter, value.as_real());
            break;
        case ValueKind::kText:
        case ValueKind::kDecimal:
            if (handle_.encoding != TextEncoding::kUtf8 && text.find("\xEF\xBF") != std::string_view::npos) {
                code = bind_noncharacters(statement, parameter, text, handle_.encoding);
                break;
            }
            code = sqlite3_bind_text64(statement, parameter, text.data() == nullptr ? "" : text.data(), text.size(),
                                       SQLITE_STATIC, SQLITE_UTF8);
            break;
        case ValueKind::kEncodedText:
            code = bind_encoded(statement, parameter, value);
            break;
        case ValueKind::kBytes:
            code = text.empty() ? sqlite3_bind_zeroblob(statement, parameter, 0)
                                : sqlite3_bind_blob64(statement, parameter, text.data(), text.size(), SQLITE_STATIC);
            break;
        case ValueKind::kUnsigned:
            throw Error(ErrorKind::kInput,
                        cat("SQLite cannot store ", describe(value), ": integers have 64 bits with sign"));
        case ValueKind::kNumber:
        case ValueKind::kPlain:
        case ValueKind::kJson:
        case ValueKind::kList:
        case ValueKind::kMap:
            throw Error(ErrorKind::kFailure, "an untyped value reached the database (a defect in dbfixture)");
    }
    check(handle_.database, code, "could not bind a value");
    return *this;
}

bool Statement::step() {
    if (handle_.encoding != TextEncoding::kUtf8) converted_.clear();
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) {
        const bool reads = sqlite3_stmt_readonly(statement_.get()) != 0;
        const Error error =
            make_error(handle_.database, code, reads ? "could not read the database" : "could not write the database");
        sqlite3_reset(statement_.get());
        throw error;
    }
    sqlite3_reset(statement_.get());
    return false;
}

int Statement::try_run() {
    const int code = sqlite3_step(statement_.get());
    const int result =
        code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_DONE : sqlite3_extended_errcode(handle_.database);
    sqlite3_reset(statement_.get());
    return result;
}

void Statement::run() {
    const int code = try_run();
    if (code != SQLITE_DONE) throw make_error(handle_.database, code, "could not write the database");
}

void Statement::reset() noexcept {
    sqlite3_reset(statement_.get());
}

int Statement::column_count() const noexcept {
    return sqlite3_column_count(statement_.get());
}

// The value is asked for once: each of sqlite3_column_*() would look for it anew. It is "unprotected", which tells only
// where two threads use one connection.
Value Statement::column(int index) {
    sqlite3_value* const value = sqlite3_column_value(statement_.get(), index);
    switch (sqlite3_value_type(value)) {
        case SQLITE_INTEGER:
            return Value::integer(sqlite3_value_int64(value));
        case SQLITE_FLOAT:
            return Value::real(sqlite3_value_double(value));
        case SQLITE_BLOB: {
            const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
            const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
            return Value::bytes(size == 0 ? std::string_view("") : std::string_view(bytes, size));
        }
        case SQLITE_TEXT: {
            if (handle_.encoding != TextEncoding::kUtf8) return utf16_column(index);
            const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(value));
            const std::string_view text(bytes, static_cast<std::size_t>(sqlite3_value_bytes(value)));
            return is_valid_utf8(text) ? Value::text(text) : Value::encoded_text(text, TextEncoding::kUtf8);
        }
        default:
            return Value::null();
    }
}

// The blob interface gives a text's bytes as they are stored; the text interface would replace what is not valid, and
// cut an odd byte.
Value Statement::utf16_column(int index) {
    const auto* stored = static_cast<const char*>(sqlite3_column_blob(statement_.get(), index));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), index));
    const std::string_view bytes = size == 0 ? std::string_view("") : std::string_view(stored, size);
    const auto text = utf16_to_utf8(bytes, handle_.encoding);
    return text ? Value::text(converted_.copy(*text)) : Value::encoded_text(converted_.copy(bytes), handle_.encoding);
}

std::int64_t Statement::column_int(int index) const noexcept {
    return sqlite3_column_int64(statement_.get(), index);
}

std::string Statement::column_text(int index) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), index));
    return bytes == nullptr
               ? std::string()
               : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), index)));
}

bool Statement::column_is_null(int index) const noexcept {
    return sqlite3_column_type(statement_.get(), index) == SQLITE_NULL;
}

void execute(Handle handle, std::string_view sql) {
    Statement statement(handle, sql);
    while (statement.step()) {
    }
}

std::optional<std::int64_t> query_int(Handle handle, std::string_view sql) {
    Statement statement(handle, sql);
    if (!statement.step()) return std::nullopt;
    return statement.column_int(0);
}

}  // namespace dbfixture::sqlite
