// SPDX-License-Identifier: MIT
#include "ops/diff/chosen_tables.h"

#include <optional>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "model/bookkeeping.h"

namespace dbfixture {
namespace {

constexpr std::string_view kKey = "pk";

}  // namespace

// The tables of a label, in whichever schema has it.
std::set<std::string> ChosenTables::find(const std::string& label, const Layout& layout, const Apps& apps) const {
    std::set<std::string> out;
    std::optional<Error> failure;
    const LayoutLabels translated = layout.translate({label}, {}, apps);
    for (const Schema* const schema : schemas_) {
        for (const std::string& each : translated.labels) {
            try {
                for (const std::size_t table : require_label(*schema, each, translated.apps))
                    out.insert(schema->tables[table].label());
            } catch (const Error& error) {
                if (error.kind != ErrorKind::kNotFound) throw;
                failure = error;
            }
        }
    }
    if (out.empty() && failure) throw Error(*failure);
    return out;
}

ChosenTables::ChosenTables(std::vector<const Schema*> schemas, const Layout& layout, const DiffOptions& options)
    : schemas_(std::move(schemas)), everything_(options.only.empty() && options.exclude.empty()) {
    const Apps apps = layout.apps(options.apps);
    for (const std::string& label : options.only)
        named_.merge(find(label, layout, apps));
    chosen_ = named_;
    for (const Schema* const schema : schemas_) {
        Schema marked = *schema;
        mark_bookkeeping(marked, options.bookkeeping);
        for (const Table& table : marked.tables) {
            if (options.only.empty() && table.role == TableRole::kOrdinary) chosen_.insert(table.label());
        }
    }
    for (const std::string& label : options.exclude) {
        for (const std::string& table : find(label, layout, apps)) {
            chosen_.erase(table);
            for (const Schema* const schema : schemas_) {
                for (const Table& other : schema->tables) {
                    if (other.belongs_to == table) chosen_.erase(other.label());
                }
            }
        }
    }
    for (const std::string& text : options.ignore)
        ignore(text, layout, apps);
}

void ChosenTables::ignore(const std::string& text, const Layout& layout, const Apps& apps) {
    const std::size_t dot = text.rfind('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == text.size()) {
        throw Error(ErrorKind::kUsage, cat("--ignore takes LABEL.COLUMN, not ", quote(text)))
            .with_hint(cat("for every table: --ignore '*.", text.substr(dot == std::string::npos ? 0 : dot + 1), "'"));
    }
    const std::string label = text.substr(0, dot), column = text.substr(dot + 1);
    const bool everywhere = label == "*";
    const std::set<std::string> tables = everywhere ? std::set<std::string>() : find(label, layout, apps);
    bool found = column == kKey;
    std::vector<std::string> columns;
    for (const Schema* const schema : schemas_) {
        for (const Table& table : schema->tables) {
            if (!everywhere && !tables.contains(table.label())) continue;
            const auto index = table.find_column(column);
            if (index) ignored_.emplace(table.label(), table.columns[*index].name);
            if (!index && column == kKey) ignored_.emplace(table.label(), kKey);
            found = found || index;
            for (const std::string& name : table.column_names())
                columns.push_back(name);
        }
    }
    if (found) return;
    throw Error(ErrorKind::kNotFound, everywhere
                                          ? cat("no table has a column ", quote(column))
                                          : cat("column ", quote(column), " of ", quote(label), " does not exist"))
        .with_hint(did_you_mean(column, columns));
}

bool ChosenTables::is_ignored(const std::string& label, const std::string& column) const {
    return ignored_.contains({label, column});
}

bool ChosenTables::is_key_ignored(const Table& table) const {
    return !table.find_column(kKey) && ignored_.contains({table.label(), std::string(kKey)});
}

}  // namespace dbfixture
