// SPDX-License-Identifier: MIT
#include "ops/threaded_writer.h"

#include <algorithm>
#include <new>
#include <system_error>

#include "base/c_locale.h"
#include "model/copy_value.h"

namespace dbfixture {

ThreadedWriter::ThreadedWriter(RecordWriter& inner, bool lasting_names) : inner_(inner), lasting_names_(lasting_names) {
    try {
        thread_ = std::thread([this] { write_all(); });
    } catch (const std::system_error&) {
    }
}

ThreadedWriter::~ThreadedWriter() {
    if (!thread_.joinable()) return;
    pipe_.close(nullptr);
    thread_.join();
}

bool ThreadedWriter::fits(const Shape& shape, const Record& record) const {
    if (shape.model != record.model || shape.names.size() != record.fields.size()) return false;
    for (std::size_t i = 0; i < shape.names.size(); ++i) {
        const std::string_view name = record.fields[i].name;
        const bool same = lasting_names_ && name.data() == shape.names[i].data();
        if (!same && name != shape.names[i]) return false;
    }
    return true;
}

const ThreadedWriter::Shape& ThreadedWriter::shape_of(const Record& record, Batch& batch) const {
    if (batch.shapes.empty() || !fits(batch.shapes.back(), record)) {
        Shape& shape = batch.shapes.emplace_back();
        shape.model = record.model;
        for (const Field& field : record.fields) {
            shape.names.push_back(lasting_names_ ? field.name : batch.arena.copy(field.name));
            shape.facts.push_back(field.facts != nullptr ? std::optional(*field.facts) : std::nullopt);
        }
    }
    return batch.shapes.back();
}

Value ThreadedWriter::copy(const Value& value, Batch& batch) const {
    Value out = value;
    if (value.has_text()) {
        batch.bytes += value.as_text().size();
        out.move_text(batch.arena.copy(value.as_text()));
    } else if (value.kind() == ValueKind::kList || value.kind() == ValueKind::kMap) {
        out = with_items(value, batch.arena, [&](const Value& item) { return copy(item, batch); });
        batch.bytes += sizeof(Value) * value.item_count();
    }
    return out;
}

void ThreadedWriter::write(const Record& record) {
    if (!thread_.joinable() && !failure_) return inner_.write(record);
    try {
        if (!batch_) batch_ = pipe_.empty_batch();
        const std::size_t count = record.fields.size();
        auto* const values = reinterpret_cast<Value*>(batch_->arena.allocate(sizeof(Value) * count));
        for (std::size_t i = 0; i < count; ++i)
            new (&values[i]) Value(copy(record.fields[i].value, *batch_));
        batch_->bytes += sizeof(Value) * count;
        batch_->entries.push_back({&shape_of(record, *batch_), copy(record.key, *batch_),
                                   copy(record.row_number, *batch_), record.has_key, record.key_typed_by_column,
                                   record.has_row_number, record.origin, values});
        if (batch_->bytes >= std::size_t{256} * 1024 || batch_->entries.size() >= 1024) pipe_.push(std::move(batch_));
    } catch (const BatchPipe<Batch>::Stopped&) {
        fail();
    }
}

void ThreadedWriter::finish() {
    if (!thread_.joinable() && !failure_) return inner_.finish();
    try {
        if (batch_ && !batch_->entries.empty()) pipe_.push(std::move(batch_));
    } catch (const BatchPipe<Batch>::Stopped&) {
        fail();
    }
    pipe_.close(nullptr);
    thread_.join();
    if (failure_) std::rethrow_exception(failure_);
    inner_.finish();
}

void ThreadedWriter::fail() {
    thread_.join();
    std::rethrow_exception(failure_);
}

void ThreadedWriter::take_shape(const Shape& shape, Record& record) {
    record.model = shape.model;
    record.fields.clear();
    for (std::size_t i = 0; i < shape.names.size(); ++i)
        record.fields.push_back({shape.names[i], {}, 0, shape.facts[i] ? &*shape.facts[i] : nullptr});
}

void ThreadedWriter::write_all() noexcept {
    const CLocale locale;
    try {
        Record record;
        while (auto batch = pipe_.pop()) {
            const Shape* last = nullptr;
            for (const Entry& entry : batch->entries) {
                if (entry.shape != last) take_shape(*(last = entry.shape), record);
                record.has_key = entry.has_key;
                record.key_typed_by_column = entry.key_typed_by_column;
                record.key = entry.key;
                record.has_row_number = entry.has_row_number;
                record.row_number = entry.row_number;
                record.origin = entry.origin;
                for (std::size_t i = 0; i < record.fields.size(); ++i)
                    record.fields[i].value = entry.values[i];
                inner_.write(record);
            }
            pipe_.give_back(std::move(batch));
        }
    } catch (...) {
        failure_ = std::current_exception();
        pipe_.stop();
    }
}

}  // namespace dbfixture
