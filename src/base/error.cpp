// SPDX-License-Identifier: MIT
#include "base/error.h"

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture {

namespace {

// What a person may have to read of one fact, and of one sentence about several.
constexpr std::size_t kLongestName = 200;
constexpr std::size_t kLongestPath = 1000;
constexpr std::size_t kLongestSentence = 8000;

}  // namespace

std::string format_where(const Where& where) {
    std::string out = printable(where.file, kLongestPath);
    if (where.line > 0) append(out, cat(out.empty() ? "line " : ":", where.line));
    std::string row = printable(where.table, kLongestName);
    if (!where.key.empty()) append(row, cat(row.empty() ? "" : " ", printable(where.key, kLongestName)));
    if (where.record > 0) {
        append(out, cat(out.empty() ? "" : ": ", "record ", where.record));
        if (!row.empty()) append(out, cat(" (", row, ")"));
    } else if (!row.empty()) {
        append(out, cat(out.empty() ? "" : ": ", "table ", row));
    }
    return out;
}

std::string format_error(const Error& error) {
    std::string out = format_where(error.where);
    if (!out.empty()) out += ": ";
    const std::string column = error.where.column.empty() ? "" : quote(error.where.column);
    if (!column.empty() && error.message.find(column) == std::string::npos) append(out, cat("column ", column, ": "));
    append(out, cat(printable(error.message, kLongestSentence), "\n"));
    if (!error.detail.empty()) append(out, cat("  detail: ", printable(error.detail, kLongestSentence, true), "\n"));
    if (!error.hint.empty()) append(out, cat("  hint: ", printable(error.hint, kLongestSentence, true), "\n"));
    return out;
}

}  // namespace dbfixture
