// SPDX-License-Identifier: MIT
#include "layout/binder.h"

#include "base/cat.h"

namespace dbfixture {

void add_place(Error& error, const Record& record, const Table* table, const std::vector<std::string>& files) {
    Where& where = error.where;
    if (where.file.empty() && record.origin.file < files.size()) where.file = files[record.origin.file];
    if (where.line == 0) where.line = record.origin.line;
    where.record = record.origin.record;
    where.table = table != nullptr ? table->label() : std::string(record.model);
    if (record.has_key && !record.key.is_null()) where.key = cat("pk=", describe(record.key));
    if (where.key.empty() && record.has_row_number) where.key = cat("rowid=", describe(record.row_number));
}

Binder::Binder(const Schema& schema, const Layout& layout, BindOptions options)
    : options_(std::move(options)), own_(layout.make_binder(options_)), table_(schema, options_, own_.get()) {}

std::vector<std::string> Binder::warnings() const {
    return own_ ? own_->warnings() : std::vector<std::string>();
}

void Binder::bind(const Record& record, RowBatch& batch) {
    const Table* const own = own_ ? own_->find(record.model) : nullptr;
    RecordBinder& binder = own != nullptr ? *own_ : table_;
    try {
        binder.bind(record, batch, counts_);
    } catch (Error& error) {
        add_place(error, record, own != nullptr ? own : table_.find(record.model), options_.files);
        if (!options_.on_problem || error.kind != ErrorKind::kInput) throw;
        options_.on_problem(error);
        if (own != nullptr) note_bad(record);
    }
}

void Binder::note_bad(const Record& record) {
    if (record.model.empty() || !record.has_key || !options_.on_bad_record) return;
    const bool is_own = own_ && own_->find(record.model) != nullptr;
    try {
        (is_own ? *own_ : table_).note_bad(record);
    } catch (const Error&) {
        // The record itself has been reported.
    }
}

}  // namespace dbfixture
