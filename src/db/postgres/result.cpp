// SPDX-License-Identifier: MIT
#include <charconv>

#include "db/postgres/libpq.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {
namespace {

template <typename Number = std::int64_t>
Number to_integer(std::string_view text) {
    Number out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

}  // namespace

void Result::Clear::operator()(pg_result* result) const {
    libpq().PQclear(result);
}

int Result::rows() const {
    return libpq().PQntuples(result_.get());
}

int Result::columns() const {
    return libpq().PQnfields(result_.get());
}

bool Result::is_null(int row, int column) const {
    return libpq().PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view Result::text(int row, int column) const {
    return {libpq().PQgetvalue(result_.get(), row, column),
            static_cast<std::size_t>(libpq().PQgetlength(result_.get(), row, column))};
}

std::int64_t Result::integer(int row, int column) const {
    return to_integer(text(row, column));
}

std::uint64_t Result::transaction(int row, int column) const {
    return to_integer<std::uint64_t>(text(row, column));
}

char Result::letter(int row, int column) const {
    const std::string_view found = text(row, column);
    return found.empty() ? '\0' : found.front();
}

std::vector<std::int64_t> Result::integers(int row, int column) const {
    std::vector<std::int64_t> out;
    std::string_view left = text(row, column);
    // An array with other bounds says them first: "[0:1]={1,2}"; int2vector has spaces: "1 2".
    if (const std::size_t brace = left.find('{'); brace != std::string_view::npos) left.remove_prefix(brace);
    while (!left.empty()) {
        const std::size_t digit = left.find_first_of("-0123456789");
        if (digit == std::string_view::npos) break;
        left.remove_prefix(digit);
        out.push_back(to_integer(left));
        left.remove_prefix(std::min(left.find_first_not_of("-0123456789"), left.size()));
    }
    return out;
}

std::uint64_t Result::affected() const {
    return static_cast<std::uint64_t>(to_integer(libpq().PQcmdTuples(result_.get())));
}

}  // namespace dbfixture::postgres
