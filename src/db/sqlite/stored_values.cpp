// SPDX-License-Identifier: MIT
#include "db/sqlite/stored_values.h"

#include <array>
#include <cmath>

#include "base/cat.h"
#include "model/copy_value.h"

namespace dbfixture::sqlite {
namespace {

// A column of each affinity.
constexpr std::array kAffinities = {"BLOB", "TEXT", "NUMERIC", "INTEGER", "REAL"};

std::size_t affinity_of(ColumnType type) {
    switch (type) {
        case ColumnType::kText:
            return 1;
        case ColumnType::kBoolean:
        case ColumnType::kNumeric:
            return 2;
        case ColumnType::kInteger:
            return 3;
        case ColumnType::kReal:
            return 4;
        default:
            return 0;
    }
}

// May say yes to what is no number, never no to what is one. A date has a sign behind a digit.
bool may_be_number(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool sign = c == '+' || c == '-';
        if (std::string_view("0123456789+-.eE \t\n\v\f\r").find(c) == std::string_view::npos) return false;
        if (sign && i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9') return false;
    }
    return text.find_first_of("0123456789") != std::string_view::npos;
}

bool may_change(const Value& value, ColumnType type) {
    const std::size_t affinity = affinity_of(type);
    switch (value.kind()) {
        case ValueKind::kNull:
        case ValueKind::kBytes:
            return false;
        case ValueKind::kInteger:
            return affinity == 1 || affinity == 4;
        case ValueKind::kReal:
            // A whole one becomes an integer, and so does what a real column keeps of it: it loses the sign of zero.
            return affinity == 1 || (affinity == 4 && value.as_real() == 0) ||
                   ((affinity == 2 || affinity == 3) && std::trunc(value.as_real()) == value.as_real());
        case ValueKind::kText:
            return affinity >= 2 && may_be_number(value.as_text());
        default:
            return true;
    }
}

}  // namespace

void StoredValues::open() {
    database_ = std::make_unique<MemoryDatabase>();
    Handle handle = database_->handle();
    handle.encoding = encoding_;
    Statement(handle, cat("PRAGMA encoding = '", encoding_name(encoding_), "'")).try_run();
    std::string columns;
    for (const char* const affinity : kAffinities)
        append(columns, cat(columns.empty() ? "" : ", ", "c", affinity, " ", affinity));
    Statement(handle, cat("CREATE TABLE kept(", columns, ")")).try_run();
    Statement(handle, "INSERT INTO kept DEFAULT VALUES").try_run();
    put_ = Statement(handle, "UPDATE kept SET cBLOB = ?1, cTEXT = ?1, cNUMERIC = ?1, cINTEGER = ?1, cREAL = ?1", true);
    get_ = Statement(handle, "SELECT cBLOB, cTEXT, cNUMERIC, cINTEGER, cREAL FROM kept", true);
}

Value StoredValues::try_out(const Value& value, ColumnType type, Arena& arena) {
    if (!database_) open();
    put_.reset();
    put_.bind(1, value);
    put_.step();
    get_.reset();
    if (!get_.step()) return value;
    const Value stored = copy_value(get_.column(static_cast<int>(affinity_of(type))), arena);
    get_.reset();
    return stored;
}

void StoredValues::make(const Table& table, std::span<const std::uint16_t> columns, std::span<Value> values,
                        Arena& arena) {
    for (std::size_t at = 0; at < values.size();) {
        for (const std::uint16_t column : columns) {
            const ColumnType type = table.columns[column].type;
            Value& value = values[at++];
            if (value.kind() == ValueKind::kBoolean) value = Value::integer(value.as_boolean() ? 1 : 0);
            if (may_change(value, type)) value = try_out(value, type, arena);
            const bool flag = type == ColumnType::kBoolean && value.kind() == ValueKind::kInteger &&
                              (value.as_integer() == 0 || value.as_integer() == 1);
            if (flag) value = Value::boolean(value.as_integer() == 1);
        }
    }
}

}  // namespace dbfixture::sqlite
