// SPDX-License-Identifier: MIT
#include "base/error.h"

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture {

std::string format_where(const Where& where) {
    std::string out = where.file;
    if (where.line > 0) append(out, cat(out.empty() ? "line " : ":", where.line));
    std::string row = where.table;
    if (!where.key.empty()) append(row, cat(row.empty() ? "" : " ", where.key));
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
    append(out, cat(error.message, "\n"));
    if (!error.detail.empty()) append(out, cat("  detail: ", error.detail, "\n"));
    if (!error.hint.empty()) append(out, cat("  hint: ", error.hint, "\n"));
    return out;
}

}  // namespace dbfixture
