// SPDX-License-Identifier: MIT
#include "layout/table/bind.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "layout/bind_value.h"

namespace dbfixture {
namespace {

constexpr std::size_t kNoTable = static_cast<std::size_t>(-1);

Error input_error(std::string message) {
    return {ErrorKind::kInput, std::move(message)};
}

bool has_null(const Value& key) {
    if (key.kind() != ValueKind::kList) return key.is_null();
    return std::any_of(key.items(), key.items() + key.item_count(), [](const Value& part) { return part.is_null(); });
}

}  // namespace

TableBinder::TableBinder(const Schema& schema, const BindOptions& options, const RecordBinder* other)
    : schema_(schema), options_(options), other_(other), tables_(schema.tables.size()) {}

const Table* TableBinder::find(std::string_view label) {
    if (last_table_ != nullptr && label == last_label_) return last_table_;
    std::vector<std::size_t> found;
    if (const auto table = schema_.find(label)) {
        found.push_back(*table);
    } else if (label.find('.') != std::string_view::npos && (other_ == nullptr || !other_->claims(label))) {
        found = tables_of_label(schema_, label, options_.apps);
    }
    if (found.size() != 1) return nullptr;
    last_label_ = label;
    return last_table_ = &schema_.tables[found[0]];
}

Error TableBinder::unknown(std::string_view label) const {
    if (other_ != nullptr && other_->claims(label)) return other_->unknown(label);
    return input_error(cat("table ", quote(label), " does not exist")).with_hint(did_you_mean(label, schema_.labels()));
}

RowAddress TableBinder::address_of(const Record& record, const Table& table) const {
    const bool keyless = !record.has_key || record.key.is_null();
    switch (table.key_kind) {
        case KeyKind::kNone:
            if (!keyless || record.has_row_number)
                throw input_error(cat("table ", quote(table.label()), " has no key"))
                    .with_hint("leave out \"pk\" and \"rowid\"");
            return RowAddress::kBag;
        case KeyKind::kHidden:
            if (record.has_row_number)
                throw input_error(cat("the key of table ", quote(table.label()), " is its rowid"))
                    .with_hint("write it as \"pk\"");
            return keyless ? RowAddress::kNumbered : RowAddress::kRowNumber;
        case KeyKind::kDeclared:
            break;
    }
    if (record.has_row_number && !record.has_key) throw input_error("\"rowid\" stands beside \"pk\", which is missing");
    if (record.has_row_number) return RowAddress::kRowNumber;
    if (keyless && (table.numbers_rows || options_.comparing)) return RowAddress::kNumbered;
    if (keyless || has_null(record.key)) {
        throw input_error(cat("a record of table ", quote(table.label()),
                              keyless ? " needs a \"pk\"" : " whose key contains null needs a \"rowid\""))
            .with_detail(cat("The key of the table is ", quote_list([&] {
                                 std::vector<std::string> names;
                                 for (const std::size_t column : table.key)
                                     names.push_back(table.columns[column].name);
                                 return names;
                             }()),
                             ", and the database does not number its rows."));
    }
    return RowAddress::kKey;
}

// For who collects problems, this is one more; else it is the database that fails, not the fixture.
void TableBinder::require_open(const Table& table) const {
    if (table.unreadable.empty()) return;
    Error error(options_.on_problem ? ErrorKind::kInput : ErrorKind::kFailure,
                cat("table ", quote(table.label()), " cannot be written by this build"));
    error.detail = table.unreadable;
    if (!options_.on_problem) error.hint = cat("leave it out with --exclude ", shell_word(table.label()));
    throw error;
}

// Throws, or reports where problems are collected.
void TableBinder::fail(Error error, const Record& record, const Table* table) const {
    if (!options_.on_problem || error.kind != ErrorKind::kInput) throw error;
    add_place(error, record, table, options_.files);
    options_.on_problem(error);
}

TableBinder::Shape TableBinder::make_shape(const Record& record, const Table& table, bool with_key) const {
    Shape shape;
    shape.with_key = with_key;
    std::vector<std::size_t> of_field;
    if (with_key) {
        for (const std::size_t column : table.key)
            shape.columns.push_back(static_cast<std::uint16_t>(column));
    }
    for (const Field& field : record.fields) {
        shape.names.emplace_back(field.name);
        const auto column = table.find_column(field.name);
        const auto refuse = [&](Error error) {
            error.where.line = field.line;
            error.where.column = field.name;
            fail(std::move(error), record, &table);
            shape.faulty = true;
            of_field.push_back(kNoTable);
        };
        if (!column) {
            if (!options_.ignore_nonexistent) {
                refuse(input_error(cat("column ", quote(field.name), " does not exist"))
                           .with_detail(
                               cat("Table ", quote(table.label()), " has ", quote_list(table.column_names(), 30), "."))
                           .with_hint(did_you_mean(field.name, table.column_names())));
            }
            if (options_.ignore_nonexistent) {
                ++shape.ignored;
                of_field.push_back(kNoTable);
            }
            continue;
        }
        if (table.columns[*column].generated) {
            refuse(input_error(cat("column ", quote(field.name), " is generated and cannot be loaded"))
                       .with_hint("take the field out"));
            continue;
        }
        if (std::find(shape.columns.begin(), shape.columns.end(), *column) != shape.columns.end()) {
            const bool key = table.is_key_column(*column);
            refuse(
                input_error(cat("column ", quote(table.columns[*column].name), key ? " is the key" : " is given twice"))
                    .with_hint(key ? "give it as \"pk\" only" : "names of columns do not depend on case"));
            continue;
        }
        shape.columns.push_back(static_cast<std::uint16_t>(*column));
        of_field.push_back(*column);
    }
    std::sort(shape.columns.begin(), shape.columns.end());
    const auto slot = [&](std::size_t column) {
        return static_cast<int>(std::lower_bound(shape.columns.begin(), shape.columns.end(), column) -
                                shape.columns.begin());
    };
    for (const std::size_t column : of_field)
        shape.slots.push_back(column == kNoTable ? -1 : slot(column));
    for (std::size_t i = 0; with_key && i < table.key.size(); ++i)
        shape.key_slots.push_back(slot(table.key[i]));
    return shape;
}

const TableBinder::Shape& TableBinder::shape_for(const Record& record, const Table& table, TableShapes& shapes,
                                                 bool with_key) {
    const auto fits = [&](const Shape& shape) {
        return shape.with_key == with_key && shape.names.size() == record.fields.size() &&
               std::equal(shape.names.begin(), shape.names.end(), record.fields.begin(),
                          [](const std::string& name, const Field& field) { return name == field.name; });
    };
    if (shapes.last != nullptr && fits(*shapes.last)) return *shapes.last;
    const std::size_t few = std::min(shapes.shapes.size(), kFewShapes);
    for (std::size_t i = 0; i < few; ++i) {
        if (fits(shapes.shapes[i])) return *(shapes.last = &shapes.shapes[i]);
    }
    std::string names = with_key ? "k" : "";
    for (const Field& field : record.fields)
        append(names, cat(field.name.size(), ":", field.name));
    if (const auto known = shapes.by_names.find(names); known != shapes.by_names.end())
        return *(shapes.last = known->second);
    Shape shape = make_shape(record, table, with_key);
    // One that is faulty is to be reported for every record that has it.
    if (shape.faulty || shapes.shapes.size() == kMostShapes) return passing_shape_ = std::move(shape);
    shape.kept = true;
    shapes.shapes.push_back(std::move(shape));
    shapes.last = &shapes.shapes.back();
    shapes.by_names.emplace(std::move(names), shapes.last);
    return *shapes.last;
}

void TableBinder::bind_key(const Record& record, const Table& table, const Shape& shape, Value* values,
                           RowBatch& batch) {
    if (!shape.with_key) return;
    const Value* parts = &record.key;
    std::size_t count = 1;
    if (table.key.size() > 1 && record.key.kind() == ValueKind::kList) {
        parts = record.key.items();
        count = record.key.item_count();
    }
    if (count != table.key.size() || (count == 1 && record.key.kind() == ValueKind::kList)) {
        throw input_error(table.key.size() == 1 ? cat("\"pk\" must be one value, not ", describe(record.key))
                                                : cat("\"pk\" must be a list of ", table.key.size(), " values, not ",
                                                      describe(record.key)));
    }
    for (std::size_t i = 0; i < count; ++i) {
        const Column& column = table.columns[table.key[i]];
        try {
            values[shape.key_slots[i]] = bind_value(parts[i], column, batch.arena);
        } catch (Error& error) {
            error.where.line = parts[i].line();
            error.where.column = column.name;
            throw;
        }
    }
}

bool TableBinder::bind_fields(const Record& record, const Table& table, const Shape& shape, Value* values,
                              RowBatch& batch, std::vector<std::uint16_t>& bad) const {
    bool good = !shape.faulty;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (shape.slots[i] < 0) continue;
        const Field& field = record.fields[i];
        try {
            const Column& column = table.columns[shape.columns[static_cast<std::size_t>(shape.slots[i])]];
            values[shape.slots[i]] = bind_value(field.value, column, batch.arena);
        } catch (Error& error) {
            error.where.line = field.value.line() > 0 ? field.value.line() : field.line;
            error.where.column = field.name;
            fail(error, record, &table);
            good = false;
            bad.push_back(shape.columns[static_cast<std::size_t>(shape.slots[i])]);
            values[shape.slots[i]] = Value::boolean(false);  // the row is left out: only NULL would be another problem
        }
    }
    return good;
}

// The database would name only the first column that lacks a value; asked only where all problems are wanted.
bool TableBinder::has_required_values(const Record& record, const Table& table, const Shape& shape,
                                      const Value* values) const {
    bool good = true;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        const Column& facts = table.columns[column];
        if (facts.nullable || facts.generated || table.is_key_column(column)) continue;
        const auto given = std::lower_bound(shape.columns.begin(), shape.columns.end(), column);
        const bool is_given = given != shape.columns.end() && *given == column;
        const Value* value = is_given ? &values[given - shape.columns.begin()] : nullptr;
        if (is_given ? !value->is_null() : facts.default_text.has_value()) continue;
        Error error =
            input_error(cat("column ", quote(facts.name),
                            is_given ? " must not be null" : " is missing, must not be null and has no default"));
        error.where.column = facts.name;
        if (is_given) error.where.line = value->line();
        fail(std::move(error), record, &table);
        good = false;
    }
    return good;
}

void TableBinder::keep(const Record& record, RowAddress address, const Shape& shape, Value* values,
                       RowBatch& batch) const {
    // Records live only during the call; what the row keeps moves into the batch.
    for (std::size_t i = 0; i < shape.columns.size(); ++i) {
        if (!values[i].has_text()) continue;
        batch.text_bytes += values[i].as_text().size();
        values[i].move_text(batch.arena.copy(values[i].as_text()));
    }
    BoundRow row;
    row.table = static_cast<std::uint32_t>(last_table_ - schema_.tables.data());
    row.address = address;
    if (address == RowAddress::kRowNumber)
        row.row_number = bind_row_number(record.has_row_number ? record.row_number : record.key);
    row.columns = shape.columns;
    if (!shape.kept) {
        auto* const columns = batch.arena.make<std::uint16_t>(shape.columns.size());
        std::copy(shape.columns.begin(), shape.columns.end(), columns);
        row.columns = {columns, shape.columns.size()};
    }
    row.values = {values, shape.columns.size()};
    row.origin = record.origin;
    batch.rows.push_back(row);
}

void TableBinder::note_bad_row(const Record& record, RowAddress address, const Shape& shape, const Value* values,
                               const std::vector<std::uint16_t>& bad) const {
    if (!options_.on_bad_row) return;
    std::vector<std::uint16_t> columns;
    std::vector<Value> right;
    for (std::size_t i = 0; i < shape.columns.size(); ++i) {
        if (std::find(bad.begin(), bad.end(), shape.columns[i]) != bad.end()) continue;
        columns.push_back(shape.columns[i]);
        right.push_back(values[i]);
    }
    BoundRow row;
    row.table = static_cast<std::uint32_t>(last_table_ - schema_.tables.data());
    row.address = address;
    if (address == RowAddress::kRowNumber)
        row.row_number = bind_row_number(record.has_row_number ? record.row_number : record.key);
    row.columns = columns;
    row.values = right;
    row.origin = record.origin;
    options_.on_bad_row(row);
}

void TableBinder::note_bad(const Record& record) {
    const Table* const table = find(record.model);
    if (table == nullptr || table->derived || table->key_kind != KeyKind::kDeclared) return;
    RowBatch batch;
    const Shape shape = make_shape({}, *table, true);
    std::vector<Value> values(shape.columns.size());
    bind_key(record, *table, shape, values.data(), batch);
    std::vector<Value> key;
    for (const int slot : shape.key_slots)
        key.push_back(values[static_cast<std::size_t>(slot)]);
    options_.on_bad_record(static_cast<std::size_t>(table - schema_.tables.data()), key);
}

void TableBinder::bind(const Record& record, RowBatch& batch, BindCounts& counts) {
    const Table* const table = find(record.model);
    if (table == nullptr) {
        if (!options_.ignore_nonexistent) throw unknown(record.model);
        ++counts.ignored_records;
        return;
    }
    if (table->derived) {
        throw input_error(cat("table ", quote(table->label()), " has no rows of its own"))
            .with_detail(table->derived_from.empty()
                             ? "Its rows are computed."
                             : cat("It is an index of ", quote(table->derived_from), " and is rebuilt after a load."))
            .with_hint("take the record out");
    }
    const auto index = static_cast<std::size_t>(table - schema_.tables.data());
    if (!options_.excluded.empty() && options_.excluded[index]) {
        ++counts.excluded;
        return;
    }
    require_open(*table);
    const RowAddress address = address_of(record, *table);
    const bool with_key = table->key_kind == KeyKind::kDeclared && address != RowAddress::kNumbered && record.has_key;
    const Shape& shape = shape_for(record, *table, tables_[index], with_key);
    counts.ignored_fields += shape.ignored;
    auto* const values = batch.arena.make<Value>(shape.columns.size());
    bind_key(record, *table, shape, values, batch);
    std::vector<std::uint16_t> bad;
    bool good = bind_fields(record, *table, shape, values, batch, bad);
    if (options_.on_problem) good = has_required_values(record, *table, shape, values) && good;
    if (good) {
        keep(record, address, shape, values, batch);
        ++counts.bound;
        return;
    }
    note_bad_row(record, address, shape, values, bad);
    if (address != RowAddress::kKey || !options_.on_bad_record) return;
    std::vector<Value> key;
    for (const int slot : shape.key_slots)
        key.push_back(values[slot]);
    options_.on_bad_record(index, key);
}

}  // namespace dbfixture
