// SPDX-License-Identifier: MIT
#include "ops/diff/patterns.h"

#include <regex.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture {
namespace {

constexpr std::size_t kLongest = 1000;
constexpr std::uint64_t kMostRepeats = 1000;

// What stands behind a backslash within brackets, where POSIX has no escapes.
std::string in_brackets(char c) {
    switch (c) {
        case 'd':
            return "0-9";
        case 'w':
            return "[:alnum:]_";
        case 's':
            return "[:space:]";
        case '-':
        case ']':
        case '^':
            return cat("[.", c, ".]");
        default:
            return std::string(1, c);
    }
}

// \d is not POSIX's: digits.
std::string in_posix(std::string_view pattern) {
    std::string out = "^(";
    bool bracketed = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '\\' && i + 1 < pattern.size()) {
            const char next = pattern[++i];
            append(out, bracketed     ? in_brackets(next)
                        : next == 'd' ? std::string("[0-9]")
                        : next == 'D' ? std::string("[^0-9]")
                                      : cat("\\", next));
            continue;
        }
        out += c;
        if (c == ']') bracketed = false;
        if (c != '[' || bracketed) continue;
        bracketed = true;
        if (pattern.substr(i + 1).starts_with('^')) out += pattern[++i];
        if (pattern.substr(i + 1).starts_with(']')) out += pattern[++i];
    }
    return out + ")$";
}

// What {n,m} within {n,m} multiply to: the library builds each repetition in memory.
std::uint64_t repeats(std::string_view pattern) {
    std::uint64_t product = 1;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '{' || (i > 0 && pattern[i - 1] == '\\')) continue;
        std::uint64_t most = 0, number = 0;
        for (++i; i < pattern.size() && pattern[i] != '}'; ++i) {
            const bool digit = pattern[i] >= '0' && pattern[i] <= '9';
            number = digit
                         ? std::min<std::uint64_t>(number * 10 + static_cast<std::uint64_t>(pattern[i] - '0'), 1U << 20)
                         : 0;
            most = std::max(most, number);
        }
        product = std::min<std::uint64_t>(product * std::max<std::uint64_t>(most, 1), 1U << 30);
    }
    return product;
}

}  // namespace

struct Patterns::Compiled {
    Compiled() = default;
    Compiled(const Compiled&) = delete;
    Compiled& operator=(const Compiled&) = delete;
    ~Compiled() {
        if (good) ::regfree(&regex);
    }
    regex_t regex{};
    bool good = false;
};

Patterns::Patterns() = default;
Patterns::~Patterns() = default;

const Patterns::Compiled& Patterns::compiled(std::string_view pattern) {
    const auto found = known_.find(pattern);
    if (found != known_.end()) return *found->second;
    const auto refuse = [&](std::string_view why) {
        return Error(ErrorKind::kInput, cat("\"$match\" cannot use ", quote(pattern), ": ", why))
            .with_detail("It takes a POSIX extended regular expression, which must match the whole text.");
    };
    if (pattern.size() > kLongest) throw refuse(cat("it is longer than ", kLongest, " bytes"));
    if (pattern.find('\0') != std::string_view::npos) throw refuse("it holds a NUL character");
    if (repeats(pattern) > kMostRepeats) throw refuse(cat("it repeats something more than ", kMostRepeats, " times"));
    auto made = std::make_unique<Compiled>();
    const int code = ::regcomp(&made->regex, in_posix(pattern).c_str(), REG_EXTENDED | REG_NOSUB);
    if (code != 0) {
        std::array<char, 200> words{};
        ::regerror(code, &made->regex, words.data(), words.size());
        throw refuse(words.data());
    }
    made->good = true;
    return *known_.emplace(std::string(pattern), std::move(made)).first->second;
}

void Patterns::require(std::string_view pattern) {
    compiled(pattern);
}

bool Patterns::matches(std::string_view pattern, const Value& value) {
    std::string text;
    switch (value.kind()) {
        case ValueKind::kNull:
        case ValueKind::kBytes:
        case ValueKind::kEncodedText:
            return false;
        case ValueKind::kReal:
            if (!std::isfinite(value.as_real())) return false;
            append_real(text, value.as_real());
            break;
        case ValueKind::kText:
        case ValueKind::kDecimal:
            text = value.as_text();
            break;
        default:
            append_json_text(text, value);
            break;
    }
    regmatch_t whole{};
    whole.rm_so = 0;
    whole.rm_eo = static_cast<regoff_t>(text.size());
    return ::regexec(&compiled(pattern).regex, text.c_str(), 1, &whole, REG_STARTEND) == 0;
}

}  // namespace dbfixture
