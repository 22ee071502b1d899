// SPDX-License-Identifier: MIT
#include "model/exact_number.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/cat.h"

using namespace dbfixture;

TEST_CASE("a decimal column holds a number only with all of its digits", "[exact]") {
    struct Case {
        const char* number;
        int precision, scale;
        DecimalFit expected;
    };
    constexpr auto kExact = DecimalFit::kExact, kLarge = DecimalFit::kOverflows, kLost = DecimalFit::kLosesDigits;
    for (const Case& test : {Case{"0", 1, 0, kExact},
                             {"-0.000", 1, 0, kExact},
                             {"0e999999999999999999999", 1, 0, kExact},
                             {"12345678.90", 10, 2, kExact},
                             {"99999999.99", 10, 2, kExact},
                             {"100000000", 10, 2, kLarge},
                             {"-100000000.001", 10, 2, kLarge},
                             {"1.5", 10, 2, kExact},
                             {"1.500000", 10, 2, kExact},
                             {"1.505", 10, 2, kLost},
                             {"-0.001", 10, 2, kLost},
                             {"1.5e1", 4, 0, kExact},
                             {"1.55e1", 4, 0, kLost},
                             {"1e3", 4, 0, kExact},
                             {"1e4", 4, 0, kLarge},
                             {"10e-1", 1, 0, kExact},
                             {"1E-2", 3, 2, kExact},
                             {"1e-3", 3, 2, kLost},
                             {"1e+400", 65, 30, kLarge},
                             {"1e-99999999999999999999", 65, 30, kLost},
                             {"1e99999999999999999999", 65, 30, kLarge},
                             {"0.00012", 2, 5, kExact},  // more digits behind the point than digits
                             {"0.0012", 2, 5, kLarge},
                             {"12300", 3, -2, kExact},  // and fewer than none
                             {"12345", 3, -2, kLost},
                             {"123400", 3, -2, kLarge}}) {
        INFO(test.number << " in " << test.precision << ", " << test.scale);
        CHECK(fit_decimal(test.number, test.precision, test.scale) == test.expected);
    }
    CHECK(fit_decimal(std::string(65, '9'), 65, 0) == kExact);
    CHECK(fit_decimal(cat("0.", std::string(30, '9')), 65, 30) == kExact);
    CHECK(fit_decimal(cat("0.", std::string(31, '9')), 65, 30) == kLost);
}
