// SPDX-License-Identifier: MIT
#include "db/sqlite/row_identity.h"

#include <bit>
#include <charconv>

#include "base/cat.h"

namespace dbfixture::sqlite {
namespace {

constexpr std::uint64_t kPrime = 1099511628211U;  // FNV-1a

std::uint64_t hash_number(double number) {
    if (number == 0) number = 0;  // -0.0 equals 0.0
    return std::bit_cast<std::uint64_t>(number) * kPrime + 1;
}

std::uint64_t hash_text(std::string_view text) {
    // An affinity may turn text into the number that it spells.
    std::string_view digits = text;
    while (!digits.empty() && (digits.front() == ' ' || (digits.front() >= '\t' && digits.front() <= '\r')))
        digits.remove_prefix(1);
    if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1);
    double number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (parsed.ec == std::errc() && parsed.ptr != digits.data() &&
        digits.substr(static_cast<std::size_t>(parsed.ptr - digits.data())).find_first_not_of(" \t\n\v\f\r") ==
            std::string_view::npos) {
        return hash_number(number);
    }
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : text) {
        const char folded = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        hash = (hash ^ static_cast<unsigned char>(folded)) * kPrime;
    }
    return hash;
}

std::uint64_t hash_value(const Value& value) {
    switch (value.kind()) {
        case ValueKind::kBoolean:
        case ValueKind::kInteger:
            return hash_number(static_cast<double>(value.as_integer()));
        case ValueKind::kReal:
            return hash_number(value.as_real());
        default:
            return value.has_text() ? hash_text(value.as_text()) : 0;
    }
}

}  // namespace

std::uint64_t hash_key(std::span<const Value> key) {
    std::uint64_t hash = 0;
    for (const Value& value : key) {
        hash = (hash ^ hash_value(value)) * kPrime;
        hash ^= hash >> 29;
    }
    return hash;
}

std::vector<Value> key_of(const Table& table, const BoundRow& row) {
    std::vector<Value> key;
    if (row.address != RowAddress::kKey) return key;
    for (const std::size_t column : table.key) {
        for (std::size_t i = 0; i < row.columns.size(); ++i) {
            if (row.columns[i] == column) key.push_back(row.values[i]);
        }
    }
    return key;
}

std::string describe_key(std::span<const Value> key) {
    if (key.size() == 1) return cat("pk=", describe(key[0]));
    std::string out = "pk=[";
    for (std::size_t i = 0; i < key.size(); ++i)
        append(out, cat(i == 0 ? "" : ", ", describe(key[i])));
    return out + "]";
}

std::string describe_key(const Table& table, const BoundRow& row) {
    switch (row.address) {
        case RowAddress::kKey:
            return describe_key(key_of(table, row));
        case RowAddress::kRowNumber:
            return cat(table.key_kind == KeyKind::kHidden ? "pk=" : "rowid=", row.row_number);
        case RowAddress::kNumbered:
        case RowAddress::kBag:
            return {};
    }
    return {};
}

}  // namespace dbfixture::sqlite
