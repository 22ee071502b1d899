// SPDX-License-Identifier: MIT
#include "ops/replace.h"

#include "ops/flush.h"

namespace dbfixture {

void Replacer::empty_named(const Layout& layout, const LoadRequest& request) {
    if (!request.replace->all && request.replace->labels.empty()) return;
    FlushOptions options;
    LayoutLabels labels = layout.translate(request.replace->labels, request.exclude, request.apps);
    layout.add_parts(labels.labels);
    if (!request.replace->all) options.labels = std::move(labels.labels);
    options.exclude = std::move(labels.exclude);
    options.apps = std::move(labels.apps);
    for (const std::size_t table : tables_to_flush(schema_, options))
        empty(table);
}

void Replacer::empty_tables_of(const RowBatch& batch) {
    for (const BoundRow& row : batch.rows)
        empty(row.table);
    parts_.clear();
    if (batch.links) batch.links->add_tables(parts_);
    for (const std::size_t table : parts_)
        empty(table);
}

void Replacer::empty(std::size_t table) {
    if (has_emptied(table)) return;
    emptied_.resize(schema_.tables.size());
    emptied_[table] = true;
    session_.empty_table(table);
}

}  // namespace dbfixture
