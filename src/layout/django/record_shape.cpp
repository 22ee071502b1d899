// SPDX-License-Identifier: MIT
#include "layout/django/record_shape.h"

#include "base/cat.h"

namespace dbfixture {
namespace {

// Every field may be in a raw form (value.h); a foreign key may be a natural key.
ValueShapes shapes_of_form(DjangoForm form, const Column& column) {
    switch (form) {
        case DjangoForm::kBoolean:
            return kBooleanShape | kFormShape;
        case DjangoForm::kInteger:
            return kIntegerShape | kFormShape;
        case DjangoForm::kReal:
            return kNumberShape | kFormShape;
        case DjangoForm::kDecimal:
            return kNumberShape | kTextShape | kFormShape;
        case DjangoForm::kJson:
            return kAnyShape;
        case DjangoForm::kArray:
        case DjangoForm::kHstore:
        case DjangoForm::kRange:
            return kTextShape | kListShape | kMapShape | kFormShape;
        case DjangoForm::kAny:
            return shapes_of(column) | kFormShape;
        default:
            return kTextShape | kFormShape;
    }
}

std::string name_of_target(const DjangoModels& models, const DjangoTarget& target) {
    const DjangoModel* const model = models.of_table(target.table);
    return model != nullptr ? model->label : models.schema().tables[target.table].label();
}

FieldShape shape_of(const DjangoModels& models, const DjangoModel& model, const DjangoField& field) {
    const Table& table = models.schema().tables[model.table];
    const Column& column = table.columns[field.column];
    FieldShape out;
    out.name = field.name;
    out.values = shapes_of_form(field.form, column) | (column.nullable ? kNullShape : 0U);
    out.description = column.declared + (column.nullable ? "" : " NOT NULL");
    if (field.target) {
        out.values |= kListShape;
        append(out.description, cat(", refers to ", name_of_target(models, *field.target)));
    }
    return out;
}

}  // namespace

RecordShape django_shape(const DjangoModels& models, const DjangoModel& model) {
    RecordShape shape;
    shape.label = model.label;
    shape.table = model.table;
    shape.by_column = false;
    shape.key_required = false;
    shape.description = cat("table ", models.schema().tables[model.table].label());
    for (const std::size_t column : models.schema().tables[model.table].key) {
        shape.key.push_back(shape_of(models, model, model.field_of_column(column)));
        shape.key.back().values |= kNullShape;
    }
    for (const DjangoField& field : model.fields)
        shape.fields.push_back(shape_of(models, model, field));
    for (const DjangoMembers& members : model.members) {
        FieldShape list;
        list.name = members.name;
        list.values = kListShape;
        list.description = cat("keys of ", name_of_target(models, members.target));
        shape.fields.push_back(list);
    }
    return shape;
}

}  // namespace dbfixture
