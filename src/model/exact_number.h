// SPDX-License-Identifier: MIT
// Numbers as fixtures spell them, and whether a 64-bit integer or a double can hold them without losing a digit.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dbfixture {

// JSON's grammar: "-0", "1.10", "1e5". An integer has neither '.' nor exponent.
bool is_number(std::string_view text) noexcept;
bool is_integer_spelling(std::string_view number) noexcept;  // of what is a number
bool is_whole_number(std::string_view text) noexcept;        // both

// Nothing if it does not fit into 64 bits.
std::optional<std::int64_t> exact_integer(std::string_view number) noexcept;

enum class RealFit { kExact, kOverflows, kLosesDigits };

// Sets `out` to the nearest double. kExact: writing the double with as many digits as were given gives those digits, so
// that 0.1, 0.30000000000000004 and the 55 digits of the double nearest 0.1 are all exact, and 0.1234567890123456789 is
// not.
RealFit nearest_real(std::string_view number, double& out);

enum class DecimalFit { kExact, kOverflows, kLosesDigits };

// Whether at most `precision` digits, `scale` of them behind the point, can hold the number as it is; zeros at its end
// do not count. Cost does not depend on the exponent.
DecimalFit fit_decimal(std::string_view number, int precision, int scale);

}  // namespace dbfixture
