// SPDX-License-Identifier: MIT
#include "db/mariadb/libmariadb.h"  // first: what follows needs its structures whole

#include "db/mariadb/statement_columns.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/value_text.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::size_t kFirstSize = 256;

bool is_moment(ValueForm form) {
    return form == ValueForm::kDate || form == ValueForm::kTime || form == ValueForm::kDateTime ||
           form == ValueForm::kTimestamp;
}

// The decimal of fewest digits that is this float, as a double.
double shortest(float number) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    double out = 0;
    std::from_chars(digits, end, out);
    return out;
}

}  // namespace

struct Statement::Columns::Cell {
    ValueForm form = ValueForm::kText;
    std::int64_t integer = 0;
    float single = 0;
    double real = 0;
    MYSQL_TIME moment{};
    std::string text;
    unsigned long size = 0;
    my_bool is_null = 0;
    my_bool error = 0;
};

Statement::Columns::Columns(std::span<const ValueForm> forms) : forms_(forms.begin(), forms.end()) {
    binds_.resize(forms_.size());
    for (std::size_t at = 0; at < forms_.size(); ++at) {
        Cell& cell = *cells_.emplace_back(std::make_unique<Cell>());
        MYSQL_BIND& bind = binds_[at];
        bind = {};
        cell.form = forms_[at];
        bind.length = &cell.size;
        bind.is_null = &cell.is_null;
        bind.error = &cell.error;
        switch (cell.form) {
            case ValueForm::kBoolean:
            case ValueForm::kInteger:
            case ValueForm::kUnsigned:
            case ValueForm::kYear:
                bind.buffer_type = MYSQL_TYPE_LONGLONG;
                bind.is_unsigned = cell.form == ValueForm::kUnsigned ? 1 : 0;
                bind.buffer = &cell.integer;
                break;
            case ValueForm::kFloat:
                bind.buffer_type = MYSQL_TYPE_FLOAT;
                bind.buffer = &cell.single;
                break;
            case ValueForm::kReal:
                bind.buffer_type = MYSQL_TYPE_DOUBLE;
                bind.buffer = &cell.real;
                break;
            case ValueForm::kDate:
            case ValueForm::kTime:
            case ValueForm::kDateTime:
            case ValueForm::kTimestamp:
                bind.buffer_type = cell.form == ValueForm::kTime   ? MYSQL_TYPE_TIME
                                   : cell.form == ValueForm::kDate ? MYSQL_TYPE_DATE
                                                                   : MYSQL_TYPE_DATETIME;
                bind.buffer = &cell.moment;
                bind.buffer_length = sizeof cell.moment;
                break;
            default:
                bind.buffer_type = MYSQL_TYPE_BLOB;
                cell.text.resize(kFirstSize);
                bind.buffer = cell.text.data();
                bind.buffer_length = kFirstSize;
        }
    }
}

Statement::Columns::~Columns() = default;

bool Statement::Columns::have(std::span<const ValueForm> forms) const {
    return std::ranges::equal(forms_, forms);
}

st_mysql_bind* Statement::Columns::binds() {
    return binds_.data();
}

bool Statement::Columns::widen(st_mysql_stmt* statement) {
    bool any = false;
    for (std::size_t at = 0; at < cells_.size(); ++at) {
        Cell& cell = *cells_[at];
        if (binds_[at].buffer_type != MYSQL_TYPE_BLOB || cell.is_null != 0 || cell.size <= cell.text.size()) continue;
        cell.text.resize(cell.size + cell.size / 4);
        binds_[at].buffer = cell.text.data();
        binds_[at].buffer_length = cell.text.size();
        libmariadb().mysql_stmt_fetch_column(statement, &binds_[at], static_cast<unsigned>(at), 0);
        any = true;
    }
    return any;
}

Value Statement::Columns::value_of(Cell& cell) {
    if (cell.is_null != 0) return Value::null();
    if (is_moment(cell.form)) {
        const MYSQL_TIME& at = cell.moment;
        return Value::text(moment_text(
            cell.form,
            {at.neg != 0, at.year, at.month, cell.form == ValueForm::kTime ? 0 : at.day,
             at.hour + (cell.form == ValueForm::kTime ? at.day * 24 : 0), at.minute, at.second, at.second_part},
            arena_));
    }
    const std::string_view text(cell.text.data(), std::min<std::size_t>(cell.size, cell.text.size()));
    switch (cell.form) {
        case ValueForm::kBoolean:
            if (cell.integer == 0 || cell.integer == 1) return Value::boolean(cell.integer == 1);
            return Value::integer(cell.integer);
        case ValueForm::kInteger:
        case ValueForm::kYear:
            return Value::integer(cell.integer);
        case ValueForm::kUnsigned:
            if (cell.integer >= 0) return Value::integer(cell.integer);
            return Value::unsigned_integer(static_cast<std::uint64_t>(cell.integer));
        case ValueForm::kBit: {
            std::uint64_t bits = 0;
            for (const char c : text)
                bits = bits << 8 | static_cast<unsigned char>(c);
            return bits >> 63 == 0 ? Value::integer(static_cast<std::int64_t>(bits)) : Value::unsigned_integer(bits);
        }
        case ValueForm::kFloat:
            return Value::real(shortest(cell.single));
        case ValueForm::kReal:
            return Value::real(cell.real);
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
        default:
            break;
    }
    return is_valid_utf8(text) ? Value::text(text) : Value::encoded_text(text, TextEncoding::kUtf8);
}

void Statement::Columns::take(std::vector<Value>& values) {
    arena_.clear();
    values.resize(cells_.size());
    for (std::size_t at = 0; at < cells_.size(); ++at)
        values[at] = value_of(*cells_[at]);
}

}  // namespace dbfixture::mariadb
