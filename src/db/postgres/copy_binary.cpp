// SPDX-License-Identifier: MIT
// As PostgreSQL describes the format (COPY, "Binary Format"): eleven bytes of signature, flags, the size of what else
// is in the header; for each row the number of its fields (16 bits, -1 at the end) and each field's size (32 bits, -1
// for NULL) before it. Numbers have their highest byte first.
#include "db/postgres/copy_binary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>
#include <type_traits>

#include "base/error.h"
#include "db/postgres/value_text.h"

namespace dbfixture::postgres {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSignature = "PGCOPY\n\377\r\n\0"sv;

struct Known {
    Oid type;  // of pg_catalog: these never change
    BinaryForm form;
};
constexpr std::array<Known, 22> kKnown = {{
    {16, {BinaryForm::kBoolean}},  // bool
    {17, {BinaryForm::kBytes}},    // bytea
    {19, {BinaryForm::kText}},     // name
    {20, {BinaryForm::kInt8}},     // int8
    {21, {BinaryForm::kInt2}},     // int2
    {23, {BinaryForm::kInt4}},     // int4
    {25, {BinaryForm::kText}},     // text
    {26, {BinaryForm::kOid}},      // oid
    {114, {BinaryForm::kText}},    // json
    {700, {BinaryForm::kFloat4}},  // float4
    {701, {BinaryForm::kFloat8}},  // float8
    {1042, {BinaryForm::kText}},   // bpchar, which a cast would take the spaces of
    {1043, {BinaryForm::kText}},   // varchar
    {1082, {BinaryForm::kDate}},       {1083, {BinaryForm::kTime}},
    {1114, {BinaryForm::kTimestamp}},  {1184, {BinaryForm::kTimestampZone}},
    {1186, {BinaryForm::kText, true}},  // interval
    {1266, {BinaryForm::kText, true}},  // timetz
    {1700, {BinaryForm::kText, true}},  // numeric
    {2950, {BinaryForm::kUuid}},        // uuid
    {3802, {BinaryForm::kJsonb}},       // jsonb
}};

[[noreturn]] void fail() {
    throw Error(ErrorKind::kFailure, "the server sent rows in a form that dbfixture does not understand");
}

template <std::unsigned_integral Number>
Number load(std::string_view bytes) {
    if (bytes.size() < sizeof(Number)) fail();
    Number out = 0;
    for (std::size_t at = 0; at < sizeof(Number); ++at)
        out = static_cast<Number>(std::uint64_t{out} << 8 | static_cast<unsigned char>(bytes[at]));
    return out;
}

template <std::signed_integral Number>
Value integer_of(std::string_view bytes) {
    return Value::integer(static_cast<Number>(load<std::make_unsigned_t<Number>>(bytes)));
}

// The double that the text of the float says.
double widened(float number) {
    if (!std::isfinite(number)) return static_cast<double>(number);
    char digits[32];
    double out = 0;
    std::from_chars(digits, std::to_chars(digits, digits + sizeof digits, number).ptr, out);
    return out;
}

Value real_of(double number) {
    return Value::real(std::isnan(number) ? std::nan("") : number);
}

// Behind them, at least `count`.
char* put_digits(char* to, std::uint64_t number, int count) {
    char digits[20];
    int size = 0;
    for (; number > 0 || size < count; number /= 10)
        digits[size++] = static_cast<char>('0' + number % 10);
    return std::reverse_copy(digits, digits + size, to);
}

// Days since 2000-01-01 in the proleptic calendar (Howard Hinnant's civil_from_days). Whether the year is before
// Christ.
bool put_date(char*& to, std::int64_t days) {
    days += 730425;  // since 0000-03-01
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t of_era = days - era * 146097;
    const std::int64_t of_400 = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::int64_t of_year = of_era - (365 * of_400 + of_400 / 4 - of_400 / 100);
    const std::int64_t shifted = (5 * of_year + 2) / 153;
    const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    const std::int64_t year = of_400 + era * 400 + (month <= 2 ? 1 : 0);
    to = put_digits(to, static_cast<std::uint64_t>(year > 0 ? year : 1 - year), 4);
    *to++ = '-';
    to = put_digits(to, static_cast<std::uint64_t>(month), 2);
    *to++ = '-';
    to = put_digits(to, static_cast<std::uint64_t>(of_year - (153 * shifted + 2) / 5 + 1), 2);
    return year <= 0;
}

void put_time(char*& to, std::uint64_t microseconds) {
    const std::uint64_t seconds = microseconds / 1000000;
    to = put_digits(to, seconds / 3600, 2);
    *to++ = ':';
    to = put_digits(to, seconds / 60 % 60, 2);
    *to++ = ':';
    to = put_digits(to, seconds % 60, 2);
    if (microseconds % 1000000 == 0) return;
    *to++ = '.';
    to = put_digits(to, microseconds % 1000000, 6);
    while (to[-1] == '0')
        --to;
}

// As the server writes it with the settings of a Session: ISO, in UTC.
std::string_view moment_text(BinaryForm::Kind kind, std::string_view bytes, Arena& arena) {
    constexpr std::int64_t kDay = std::int64_t{86400} * 1000000;
    char* const out = arena.allocate(48);
    char* to = out;
    if (kind == BinaryForm::kTime) {
        put_time(to, load<std::uint64_t>(bytes));
        return {out, static_cast<std::size_t>(to - out)};
    }
    const bool date = kind == BinaryForm::kDate;
    const std::int64_t number = date ? static_cast<std::int32_t>(load<std::uint32_t>(bytes))
                                     : static_cast<std::int64_t>(load<std::uint64_t>(bytes));
    using Days = std::numeric_limits<std::int32_t>;
    using Microseconds = std::numeric_limits<std::int64_t>;
    if (number == (date ? Days::max() : Microseconds::max())) return "infinity";
    if (number == (date ? Days::min() : Microseconds::min())) return "-infinity";
    const std::int64_t days = date ? number : (number >= 0 ? number : number - (kDay - 1)) / kDay;
    const bool before = put_date(to, days);
    if (!date) {
        *to++ = ' ';
        put_time(to, static_cast<std::uint64_t>(number - days * kDay));
        if (kind == BinaryForm::kTimestampZone) to = std::ranges::copy("+00"sv, to).out;
    }
    if (before) to = std::ranges::copy(" BC"sv, to).out;
    return {out, static_cast<std::size_t>(to - out)};
}

std::string_view uuid_text(std::string_view bytes, Arena& arena) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    if (bytes.size() != 16) fail();
    char* const out = arena.allocate(36);
    char* to = out;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (at == 4 || at == 6 || at == 8 || at == 10) *to++ = '-';
        const auto byte = static_cast<unsigned char>(bytes[at]);
        *to++ = kHex[byte >> 4];
        *to++ = kHex[byte & 15];
    }
    return {out, 36};
}

}  // namespace

std::optional<BinaryForm> binary_form(const ColumnFacts& facts) {
    for (const Known& known : kKnown) {
        if (known.type == facts.base_type) return known.form;
    }
    return std::nullopt;
}

Value read_binary_value(BinaryForm::Kind kind, ValueForm form, std::string_view bytes, Arena& arena) {
    switch (kind) {
        case BinaryForm::kBoolean:
            return Value::boolean(load<std::uint8_t>(bytes) != 0);
        case BinaryForm::kInt2:
            return integer_of<std::int16_t>(bytes);
        case BinaryForm::kInt4:
            return integer_of<std::int32_t>(bytes);
        case BinaryForm::kInt8:
            return integer_of<std::int64_t>(bytes);
        case BinaryForm::kOid:
            return Value::integer(load<std::uint32_t>(bytes));
        case BinaryForm::kFloat4:
            return real_of(widened(std::bit_cast<float>(load<std::uint32_t>(bytes))));
        case BinaryForm::kFloat8:
            return real_of(std::bit_cast<double>(load<std::uint64_t>(bytes)));
        case BinaryForm::kUuid:
            return Value::text(uuid_text(bytes, arena));
        case BinaryForm::kBytes:
            return Value::bytes(bytes);
        case BinaryForm::kJsonb:
            if (!bytes.starts_with('\1')) fail();
            return read_value(form, bytes.substr(1), arena);
        case BinaryForm::kDate:
        case BinaryForm::kTime:
        case BinaryForm::kTimestamp:
        case BinaryForm::kTimestampZone:
            return Value::text(moment_text(kind, bytes, arena));
        case BinaryForm::kText:
            break;
    }
    return read_value(form, bytes, arena);
}

bool BinaryFields::split(std::string_view row) {
    if (row.starts_with(kSignature)) {
        constexpr std::size_t kHeader = kSignature.size() + 8;
        if (row.size() < kHeader) fail();
        const std::size_t further = load<std::uint32_t>(row.substr(kHeader - 4));
        if (row.size() - kHeader < further) fail();
        row.remove_prefix(kHeader + further);
        if (row.empty()) return false;
    }
    const auto count = static_cast<std::int16_t>(load<std::uint16_t>(row));
    row.remove_prefix(2);
    if (count == -1) return false;
    if (count < 0) fail();
    fields_.resize(static_cast<std::size_t>(count));
    for (std::optional<std::string_view>& field : fields_) {
        const auto size = static_cast<std::int32_t>(load<std::uint32_t>(row));
        row.remove_prefix(4);
        if (size == -1) {
            field.reset();
            continue;
        }
        if (size < 0 || static_cast<std::size_t>(size) > row.size()) fail();
        field = row.substr(0, static_cast<std::size_t>(size));
        row.remove_prefix(static_cast<std::size_t>(size));
    }
    if (!row.empty()) fail();
    return true;
}

}  // namespace dbfixture::postgres
