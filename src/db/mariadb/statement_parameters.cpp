// SPDX-License-Identifier: MIT
#include "db/mariadb/libmariadb.h"  // first: what follows needs its structures whole

#include "db/mariadb/statement_parameters.h"

#include <cmath>

#include "base/cat.h"
#include "base/error.h"

namespace dbfixture::mariadb {
namespace {

enum class Sent { kInteger, kUnsigned, kReal, kText, kBytes };

Sent sent_as(const Value& value) {
    switch (value.kind()) {
        case ValueKind::kBoolean:
        case ValueKind::kInteger:
            return Sent::kInteger;
        case ValueKind::kUnsigned:
            return Sent::kUnsigned;
        case ValueKind::kReal:
            return Sent::kReal;
        case ValueKind::kBytes:
            return Sent::kBytes;
        default:
            return Sent::kText;
    }
}

enum_field_types type_of(Sent sent) {
    switch (sent) {
        case Sent::kInteger:
        case Sent::kUnsigned:
            return MYSQL_TYPE_LONGLONG;
        case Sent::kReal:
            return MYSQL_TYPE_DOUBLE;
        case Sent::kBytes:
            return MYSQL_TYPE_BLOB;
        case Sent::kText:
            break;
    }
    return MYSQL_TYPE_STRING;
}

std::string number_text(const Value& value) {
    if (value.kind() == ValueKind::kUnsigned) return cat(value.as_unsigned());
    if (value.kind() != ValueKind::kReal) return cat(value.as_integer());
    std::string out;
    append_real(out, value.as_real());
    return out;
}

}  // namespace

// The arrays of one column, and the memory that texts of it are made in.
struct Statement::Parameters::Column {
    std::vector<std::int64_t> integers;
    std::vector<double> reals;
    std::vector<char*> texts;
    std::vector<unsigned long> sizes;
    std::vector<char> indicators;
    std::deque<std::string> made;
};

Statement::Parameters::Parameters() = default;
Statement::Parameters::~Parameters() = default;

st_mysql_bind* Statement::Parameters::of_values(std::span<const Value> values) {
    width_ = values.size();
    binds_.assign(width_, {});
    columns_.resize(width_);
    for (std::size_t at = 0; at < width_; ++at) {
        const Value& value = values[at];
        MYSQL_BIND& bind = binds_[at];
        Column& column = columns_[at];
        if (value.is_null()) {
            bind.buffer_type = MYSQL_TYPE_NULL;
            continue;
        }
        const Sent sent = sent_as(value);
        bind.buffer_type = type_of(sent);
        bind.is_unsigned = sent == Sent::kUnsigned ? 1 : 0;
        column.integers.assign(1, 0);
        column.reals.assign(1, 0);
        column.sizes.assign(1, 0);
        if (sent == Sent::kReal) {
            column.reals[0] = value.as_real();
            bind.buffer = column.reals.data();
        } else if (sent == Sent::kInteger || sent == Sent::kUnsigned) {
            column.integers[0] =
                sent == Sent::kUnsigned ? static_cast<std::int64_t>(value.as_unsigned()) : value.as_integer();
            bind.buffer = column.integers.data();
        } else {
            column.sizes[0] = value.as_text().size();
            bind.buffer = const_cast<char*>(value.as_text().data());
            bind.buffer_length = column.sizes[0];
            bind.length = column.sizes.data();
        }
    }
    return binds_.data();
}

st_mysql_bind* Statement::Parameters::of_rows(std::span<const Value> values, std::size_t rows) {
    width_ = values.size() / rows;
    binds_.assign(width_, {});
    columns_.resize(width_);
    for (std::size_t at = 0; at < width_; ++at)
        set_column(at, values, rows);
    return binds_.data();
}

void Statement::Parameters::set_column(std::size_t at, std::span<const Value> values, std::size_t rows) {
    MYSQL_BIND& bind = binds_[at];
    Column& column = columns_[at];
    column.indicators.assign(rows, STMT_INDICATOR_NONE);
    bool any = false, mixed = false;
    Sent sent = Sent::kText;
    for (std::size_t row = 0; row < rows; ++row) {
        const Value& value = values[row * width_ + at];
        if (value.is_null()) {
            column.indicators[row] = STMT_INDICATOR_NULL;
            continue;
        }
        const Sent kind = sent_as(value);
        mixed |= any && kind != sent;
        sent = any ? sent : kind;
        any = true;
    }
    if (mixed) sent = Sent::kText;
    bind.buffer_type = type_of(sent);
    bind.is_unsigned = sent == Sent::kUnsigned ? 1 : 0;
    bind.u.indicator = column.indicators.data();
    column.made.clear();
    column.integers.resize(rows);
    column.reals.resize(rows);
    column.texts.resize(rows);
    column.sizes.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) {
        const Value& value = values[row * width_ + at];
        std::string_view text;
        if (sent == Sent::kReal) {
            column.reals[row] = value.is_null() ? 0 : value.as_real();
        } else if (sent == Sent::kInteger || sent == Sent::kUnsigned) {
            column.integers[row] = value.is_null()           ? 0
                                   : sent == Sent::kUnsigned ? static_cast<std::int64_t>(value.as_unsigned())
                                                             : value.as_integer();
        } else if (value.has_text()) {
            text = value.as_text();
        } else if (!value.is_null()) {
            text = column.made.emplace_back(number_text(value));
        }
        column.texts[row] = const_cast<char*>(text.empty() ? "" : text.data());
        column.sizes[row] = text.size();
    }
    bind.length = column.sizes.data();
    if (sent == Sent::kReal) {
        bind.buffer = column.reals.data();
    } else if (sent == Sent::kInteger || sent == Sent::kUnsigned) {
        bind.buffer = column.integers.data();
    } else {
        bind.buffer = column.texts.data();
    }
}

}  // namespace dbfixture::mariadb
