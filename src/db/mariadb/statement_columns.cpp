// SPDX-License-Identifier: MIT
// Values in packets, as MariaDB describes its binary protocol ("Binary resultset row"):
//
//  1. Numbers have the size of their type, the lowest byte first.
//  2. Everything else begins with its size: a byte below 251, or 252, 253, 254 and 2, 3, 8 bytes.
//  3. Moments leave out what is zero at their end: a date and time has 0, 4 (the date), 7 or 11 bytes (millionths), a
//     time 0, 8 or 12.
#include "db/mariadb/libmariadb.h"  // first: what follows needs its structures whole

#include "db/mariadb/statement_columns.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <concepts>
#include <memory>
#include <type_traits>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/value_text.h"

namespace dbfixture::mariadb {
namespace {

// Rule 1.
template <std::unsigned_integral Number>
Number load(const char* bytes, std::size_t size = sizeof(Number)) {
    std::uint64_t out = 0;
    for (std::size_t at = 0; at < size; ++at)
        out |= std::uint64_t{static_cast<unsigned char>(bytes[at])} << (8 * at);
    return static_cast<Number>(out);
}

std::size_t size_of(int type) {
    switch (type) {
        case MYSQL_TYPE_TINY:
            return 1;
        case MYSQL_TYPE_SHORT:
        case MYSQL_TYPE_YEAR:
            return 2;
        case MYSQL_TYPE_LONG:
        case MYSQL_TYPE_INT24:
        case MYSQL_TYPE_FLOAT:
            return 4;
        case MYSQL_TYPE_LONGLONG:
        case MYSQL_TYPE_DOUBLE:
            return 8;
        default:
            return 0;
    }
}

// Rule 2.
std::size_t take_size(const unsigned char*& at) {
    const std::size_t first = *at++;
    if (first < 251) return first;
    const std::size_t count = first == 252 ? 2 : first == 253 ? 3 : 8;
    const auto size = load<std::uint64_t>(reinterpret_cast<const char*>(at), count);
    at += count;
    return size;
}

[[noreturn]] void unexpected(int type) {
    throw Error(ErrorKind::kFailure,
                cat("the server sent a column as its type number ", type, ", which was not expected"));
}

// The decimal of fewest digits that is this float, as a double.
double shortest(float number) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    double out = 0;
    std::from_chars(digits, end, out);
    return out;
}

// Rule 3.
Moment moment_of(ValueForm form, const char* bytes, std::size_t size) {
    Moment out;
    const auto byte = [&](std::size_t at) -> unsigned { return static_cast<unsigned char>(bytes[at]); };
    if (form == ValueForm::kTime) {
        if (size < 8) return out;
        out.negative = bytes[0] != 0;
        out.hour = load<std::uint32_t>(bytes + 1) * 24 + byte(5);
        out.minute = byte(6);
        out.second = byte(7);
        if (size >= 12) out.microsecond = load<std::uint32_t>(bytes + 8);
        return out;
    }
    if (size < 4) return out;
    out.year = load<std::uint16_t>(bytes);
    out.month = byte(2);
    out.day = byte(3);
    if (size < 7) return out;
    out.hour = byte(4);
    out.minute = byte(5);
    out.second = byte(6);
    if (size >= 11) out.microsecond = load<std::uint32_t>(bytes + 7);
    return out;
}

template <std::unsigned_integral Number>
std::int64_t widened(const char* bytes, bool is_unsigned) {
    const auto number = load<Number>(bytes);
    return is_unsigned ? static_cast<std::int64_t>(number)
                       : static_cast<std::int64_t>(static_cast<std::make_signed_t<Number>>(number));
}

std::int64_t integer_of(int type, bool is_unsigned, const char* bytes, std::size_t size) {
    switch (type) {
        case MYSQL_TYPE_TINY:
            return widened<std::uint8_t>(bytes, is_unsigned);
        case MYSQL_TYPE_SHORT:
        case MYSQL_TYPE_YEAR:
            return widened<std::uint16_t>(bytes, is_unsigned);
        case MYSQL_TYPE_LONG:
        case MYSQL_TYPE_INT24:
            return widened<std::uint32_t>(bytes, is_unsigned);
        case MYSQL_TYPE_LONGLONG:
            return widened<std::uint64_t>(bytes, is_unsigned);
        case MYSQL_TYPE_DECIMAL:
        case MYSQL_TYPE_NEWDECIMAL: {
            std::int64_t out = 0;
            const auto read = std::from_chars(bytes, bytes + size, out);
            if (read.ec != std::errc() || read.ptr != bytes + size) unexpected(type);
            return out;
        }
        default:
            unexpected(type);
    }
}

double real_of(int type, const char* bytes) {
    if (type == MYSQL_TYPE_DOUBLE) return std::bit_cast<double>(load<std::uint64_t>(bytes));
    if (type != MYSQL_TYPE_FLOAT) unexpected(type);
    return shortest(std::bit_cast<float>(load<std::uint32_t>(bytes)));
}

}  // namespace

Statement::Columns::Columns(std::span<const ValueForm> forms) {
    for (const ValueForm form : forms)
        cells_.emplace_back().form = form;
}

bool Statement::Columns::have(std::span<const ValueForm> forms) const {
    return std::ranges::equal(cells_, forms, {}, &Cell::form);
}

void Statement::Columns::receive(st_mysql_stmt* statement) {
    const LibMariaDb& library = libmariadb();
    const std::unique_ptr<MYSQL_RES, decltype(library.mysql_free_result)> described(
        library.mysql_stmt_result_metadata(statement), library.mysql_free_result);
    if (described == nullptr) throw Error(ErrorKind::kFailure, "out of memory");
    for (std::size_t at = 0; at < cells_.size(); ++at) {
        const MYSQL_FIELD& field = *library.mysql_fetch_field_direct(described.get(), static_cast<unsigned>(at));
        cells_[at].type = field.type;
        cells_[at].is_unsigned = (field.flags & UNSIGNED_FLAG) != 0;
        cells_[at].fixed = size_of(field.type);
    }
    const ps_result_callback callback = place;
    if (library.mysql_stmt_attr_set(statement, STMT_ATTR_CB_USER_DATA, this) != 0 ||
        library.mysql_stmt_attr_set(statement, STMT_ATTR_CB_RESULT, reinterpret_cast<const void*>(callback)) != 0)
        throw Error(ErrorKind::kFailure, "MariaDB's client library is too old to read rows with it")
            .with_hint("dbfixture needs libmariadb3 3.1 or later");
}

// Called by the library, through which nothing may be thrown.
void Statement::Columns::place(void* columns, unsigned column, unsigned char** row) {
    Cell& cell = static_cast<Columns*>(columns)->cells_[column];
    if (row == nullptr) {
        cell.bytes = nullptr;
        return;
    }
    const unsigned char* at = *row;
    cell.size = cell.fixed != 0 ? cell.fixed : take_size(at);
    cell.bytes = reinterpret_cast<const char*>(at);
    *row += static_cast<std::size_t>(at - *row) + cell.size;
}

Value Statement::Columns::value_of(const Cell& cell, const char* bytes, Arena& arena) {
    const auto integer = [&] { return integer_of(cell.type, cell.is_unsigned, bytes, cell.size); };
    const std::string_view text(bytes, cell.size);
    switch (cell.form) {
        case ValueForm::kBoolean: {
            const std::int64_t number = integer();
            return number == 0 || number == 1 ? Value::boolean(number == 1) : Value::integer(number);
        }
        case ValueForm::kInteger:
        case ValueForm::kYear:
            return Value::integer(integer());
        case ValueForm::kUnsigned: {
            const std::int64_t number = integer();
            if (number >= 0) return Value::integer(number);
            return Value::unsigned_integer(static_cast<std::uint64_t>(number));
        }
        case ValueForm::kBit: {
            std::uint64_t bits = 0;
            for (const char c : text)
                bits = bits << 8 | static_cast<unsigned char>(c);
            return bits >> 63 == 0 ? Value::integer(static_cast<std::int64_t>(bits)) : Value::unsigned_integer(bits);
        }
        case ValueForm::kFloat:
        case ValueForm::kReal:
            return Value::real(real_of(cell.type, bytes));
        case ValueForm::kDate:
        case ValueForm::kTime:
        case ValueForm::kDateTime:
        case ValueForm::kTimestamp:
            return Value::text(moment_text(cell.form, moment_of(cell.form, bytes, cell.size), arena));
        case ValueForm::kDecimal:
            return Value::decimal(text);
        case ValueForm::kBytes:
            return Value::bytes(text);
        case ValueForm::kMarkedEnum:
            return text.starts_with('1') ? Value::text(text.substr(1)) : Value::bytes({});
        case ValueForm::kMarkedText:
            if (text.starts_with('1')) return Value::text(text.substr(1));
            throw Error(ErrorKind::kFailure,
                        "a text has characters that Unicode does not have, and would not come back as it is");
        case ValueForm::kEnum:
        case ValueForm::kText:
            break;
    }
    return is_valid_utf8(text) ? Value::text(text) : Value::encoded_text(text, TextEncoding::kUtf8);
}

std::size_t Statement::Columns::row_bytes() const {
    std::size_t out = 0;
    for (const Cell& cell : cells_)
        out += cell.bytes == nullptr ? 0 : cell.size;
    return out;
}

// The values of a row lie behind one another: one copy is enough for all.
void Statement::Columns::take(Value* values, Arena& arena, bool keep) const {
    const char* begin = nullptr;
    const char* end = nullptr;
    for (const Cell& cell : cells_) {
        if (!keep || cell.bytes == nullptr) continue;
        if (begin == nullptr) begin = cell.bytes;
        end = cell.bytes + cell.size;
    }
    const char* copy = nullptr;
    if (begin != nullptr) copy = arena.copy({begin, static_cast<std::size_t>(end - begin)}).data();
    for (std::size_t at = 0; at < cells_.size(); ++at) {
        const Cell& cell = cells_[at];
        values[at] = cell.bytes == nullptr
                         ? Value::null()
                         : value_of(cell, copy == nullptr ? cell.bytes : copy + (cell.bytes - begin), arena);
    }
}

}  // namespace dbfixture::mariadb
