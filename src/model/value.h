// SPDX-License-Identifier: MIT
// One value on its way between a fixture and a database. A Value owns nothing: text, bytes and items point into memory
// of whoever made it (an Arena, or a row of the database), and are valid as long as that says. Copying is cheap.
//
// The first group of kinds is what databases hold and what writers are given. The second is what fixtures say before
// the column is known; only readers make these, and layout/bind_value turns them into the first group.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbfixture {

enum class ValueKind : std::uint8_t {
    kNull,
    kBoolean,
    kInteger,   // signed, 64 bits
    kUnsigned,  // above INT64_MAX only; no value of SQLite's
    kReal,
    kDecimal,      // exact decimal, as text
    kText,         // valid UTF-8
    kEncodedText,  // text whose bytes are not valid in its encoding, or that a format cannot carry: bytes in encoding()
    kBytes,
    // Not yet typed by a column:
    kNumber,  // a number as the fixture spells it: 1, -0, 1.10, 1e5, 123456789012345678901 (JSON's grammar)
    kPlain,   // a plain (unquoted, untagged) YAML scalar
    kJson,    // the text of a JSON document, to be kept as it is: {"$json": ...}
    kList,    // items() are the elements
    kMap,     // items() are key, value, key, value ...; keys are kText
};

enum class TextEncoding : std::uint8_t { kUtf8, kUtf16le, kUtf16be };

// As fixtures name it: "utf-8", "utf-16le", "utf-16be".
std::string_view encoding_name(TextEncoding encoding) noexcept;
// In any case; nothing if there is no such encoding.
std::optional<TextEncoding> find_encoding(std::string_view name) noexcept;

class Value {
  public:
    constexpr Value() noexcept = default;
    // Word by word, as the factories write it: values are mostly copied right after they were made, and a processor
    // waits where it is to load at once what was stored in parts (a tenth of a dump).
    constexpr Value(const Value& other) noexcept : head_(other.head_), size_(other.size_), data_(other.data_) {}
    constexpr Value& operator=(const Value& other) noexcept {
        head_ = other.head_;
        size_ = other.size_;
        data_ = other.data_;
        return *this;
    }

    static constexpr Value null() noexcept { return {}; }
    static constexpr Value boolean(bool b) noexcept {
        Value v(ValueKind::kBoolean);
        v.data_.integer = b ? 1 : 0;
        return v;
    }
    static constexpr Value integer(std::int64_t i) noexcept {
        Value v(ValueKind::kInteger);
        v.data_.integer = i;
        return v;
    }
    static constexpr Value unsigned_integer(std::uint64_t u) noexcept {
        Value v(ValueKind::kUnsigned);
        v.data_.unsigned_integer = u;
        return v;
    }
    static constexpr Value real(double d) noexcept {
        Value v(ValueKind::kReal);
        v.data_.real = d;
        return v;
    }
    static constexpr Value text(std::string_view s) noexcept { return of(ValueKind::kText, s); }
    static constexpr Value bytes(std::string_view s) noexcept { return of(ValueKind::kBytes, s); }
    static constexpr Value decimal(std::string_view s) noexcept { return of(ValueKind::kDecimal, s); }
    static constexpr Value number(std::string_view s) noexcept { return of(ValueKind::kNumber, s); }
    static constexpr Value plain(std::string_view s) noexcept { return of(ValueKind::kPlain, s); }
    static constexpr Value json(std::string_view s) noexcept { return of(ValueKind::kJson, s); }
    static constexpr Value encoded_text(std::string_view s, TextEncoding encoding) noexcept {
        Value v = of(ValueKind::kEncodedText, s);
        v.head_ |= std::uint64_t{static_cast<std::uint8_t>(encoding)} << kEncodingAt;
        return v;
    }
    static constexpr Value list(const Value* items, std::size_t count) noexcept {
        return of_items(ValueKind::kList, items, count);
    }
    // `count` is the number of entries; `items` holds twice as many values.
    static constexpr Value map(const Value* items, std::size_t count) noexcept {
        return of_items(ValueKind::kMap, items, count * 2);
    }

    constexpr ValueKind kind() const noexcept { return static_cast<ValueKind>(head_ & 0xFF); }
    constexpr bool is_null() const noexcept { return kind() == ValueKind::kNull; }
    constexpr bool has_text() const noexcept { return kind() >= ValueKind::kDecimal && kind() <= ValueKind::kJson; }

    constexpr bool as_boolean() const noexcept { return data_.integer != 0; }
    constexpr std::int64_t as_integer() const noexcept { return data_.integer; }
    constexpr std::uint64_t as_unsigned() const noexcept { return data_.unsigned_integer; }
    constexpr double as_real() const noexcept { return data_.real; }
    // Of every kind for which has_text() is true: the text, the bytes, or the spelling.
    constexpr std::string_view as_text() const noexcept { return {data_.bytes, size_}; }
    constexpr TextEncoding encoding() const noexcept { return static_cast<TextEncoding>(head_ >> kEncodingAt & 0xFF); }
    constexpr const Value* items() const noexcept { return data_.items; }
    constexpr std::size_t item_count() const noexcept { return size_; }  // of a map: keys and values counted singly

    // The line of the fixture (from 1) on which the value begins; 0 when there is none.
    constexpr std::uint32_t line() const noexcept { return static_cast<std::uint32_t>(head_ >> kLineAt); }
    // For values with has_text(): points to a copy of it.
    constexpr Value& move_text(std::string_view text) noexcept {
        data_.bytes = text.data();
        size_ = text.size();
        return *this;
    }
    constexpr Value& set_line(std::uint32_t line) noexcept {
        head_ = (head_ & ((std::uint64_t{1} << kLineAt) - 1)) | std::uint64_t{line} << kLineAt;
        return *this;
    }

  private:
    static constexpr int kEncodingAt = 8, kLineAt = 32;

    constexpr explicit Value(ValueKind kind) noexcept : head_(static_cast<std::uint8_t>(kind)) {}
    static constexpr Value of(ValueKind kind, std::string_view s) noexcept {
        Value v(kind);
        v.data_.bytes = s.data();
        v.size_ = s.size();
        return v;
    }
    static constexpr Value of_items(ValueKind kind, const Value* items, std::size_t count) noexcept {
        Value v(kind);
        v.data_.items = items;
        v.size_ = count;
        return v;
    }

    std::uint64_t head_ = 0;  // the kind, the encoding, the line: one word, so that they are stored at once
    std::size_t size_ = 0;
    union {
        std::int64_t integer;
        std::uint64_t unsigned_integer;
        double real;
        const char* bytes;
        const Value* items;
    } data_ = {0};
};

// Same kind and same content, bit for bit (0.0 and -0.0 differ, equal NaNs agree). Lines do not count.
bool same_value(const Value& a, const Value& b) noexcept;

// For messages: how a person would write it, cut to a readable length.
std::string describe(const Value& value);

// "null", "a boolean", "an integer", "a number", "a text", "bytes", "a list", "a map".
std::string_view kind_name(ValueKind kind) noexcept;

// Shortest decimal text that reads back as exactly `d`, always with a '.' or an exponent, as Python's repr writes it
// (1.0, 1e+16, 1e-05, 123456.789). `d` must be finite.
void append_real(std::string& out, double d);

// The JSON text of a value of any kind but kBytes and kEncodedText, as SQLite's json() writes it: no white space,
// numbers as spelled, kPlain by resolve_plain_json(). This is what a list or a map means for a text column (DESIGN 2).
void append_json_text(std::string& out, const Value& value);

}  // namespace dbfixture
