// SPDX-License-Identifier: MIT
#include "db/orphans.h"

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture {

Error dangling_reference(const Table& child, const ForeignKey& key, std::span<const std::string> values) {
    std::string names, wanted;
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
        append(names, cat(i == 0 ? "" : ", ", quote(child.columns[key.columns[i]].name)));
        append(wanted, cat(i == 0 ? "" : ", ", key.parent_columns[i], "=", values[i]));
    }
    const bool one = key.columns.size() == 1;
    return {ErrorKind::kInput, cat(one ? "column " : "columns ", names, one ? " refers to " : " refer to ",
                                   quote(key.parent_name), " ", wanted, ", which does not exist")};
}

void report_orphans(Error error, std::uint64_t more, const LoadOptions& options, LoadReport& report) {
    if (more > 0) {
        append(error.detail, cat(error.detail.empty() ? "" : " ", plural(more, "more row"), " of ",
                                 quote(error.where.table), more == 1 ? " has" : " have", " the same fault."));
    }
    if (!options.allow_orphans) {
        error.hint = "add the missing record, or load with --allow-orphans to keep such rows";
        throw error;
    }
    std::string text = format_error(error);
    if (const std::size_t line_end = text.find('\n'); line_end != std::string::npos) text.resize(line_end);
    report.warnings.push_back(cat(text, more > 0 ? cat(" (and ", plural(more, "more row"), ")") : ""));
}

}  // namespace dbfixture
