// SPDX-License-Identifier: MIT
#include "ops/record_shapes.h"

#include <algorithm>

#include "base/error.h"

namespace dbfixture {
namespace {

// What a stored value is written as.
ValueShapes shape_of(const Value& value) {
    switch (value.kind()) {
        case ValueKind::kNull:
            return kNullShape;
        case ValueKind::kBoolean:
            return kBooleanShape;
        case ValueKind::kInteger:
        case ValueKind::kUnsigned:
            return kIntegerShape;
        case ValueKind::kReal:
            return kNumberShape | kFormShape;
        case ValueKind::kText:
        case ValueKind::kDecimal:
            return kTextShape;
        default:
            return kFormShape;
    }
}

class Widener final : public RowSink {
  public:
    Widener(std::vector<FieldShape>& key, std::vector<FieldShape>& fields, std::vector<bool> booleans)
        : key_(key), fields_(fields), booleans_(std::move(booleans)) {}
    void take(const Row& row) override {
        for (std::size_t i = 0; i < std::min(row.key.size(), key_.size()); ++i)
            key_[i].values |= shape_of(row.key[i]);
        for (std::size_t i = 0; i < row.values.size(); ++i) {
            fields_[i].values |= shape_of(row.values[i]);
            if (booleans_[i] && row.values[i].kind() == ValueKind::kText) fields_[i].values |= kFormShape;
        }
    }

  private:
    std::vector<FieldShape>& key_;
    std::vector<FieldShape>& fields_;
    std::vector<bool> booleans_;  // whose texts are written in a form
};

void widen(Connection& connection, RecordShape& shape) {
    const Table& table = connection.schema().tables[shape.table];
    RowQuery query;
    query.table = shape.table;
    std::vector<bool> booleans;
    for (const FieldShape& field : shape.fields) {
        query.columns.push_back(table.find_column(field.name).value());
        booleans.push_back(table.columns[query.columns.back()].type == ColumnType::kBoolean);
    }
    Widener widener(shape.key, shape.fields, std::move(booleans));
    connection.read_rows(query, widener);
}

}  // namespace

std::vector<RecordShape> record_shapes(Connection& connection, const Layout& layout,
                                       const std::vector<std::size_t>& tables, bool by_rows) {
    std::vector<RecordShape> shapes;
    for (const std::size_t index : tables) {
        const Table& table = connection.schema().tables[index];
        if (table.derived || !table.not_dumpable.empty() || !table.unreadable.empty()) continue;
        shapes.push_back(layout.shape(index));
        if (by_rows && shapes.back().by_column) widen(connection, shapes.back());
    }
    return shapes;
}

}  // namespace dbfixture
