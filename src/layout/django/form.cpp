// SPDX-License-Identifier: MIT
#include "layout/django/form.h"

#include "base/text.h"

namespace dbfixture {

std::string_view django_class(DjangoForm form, const Column& column) {
    switch (form) {
        case DjangoForm::kBoolean:
            return "BooleanField";
        case DjangoForm::kInteger: {
            const std::string type = to_lower(column.declared);
            if (type == "bigint unsigned") return "PositiveBigIntegerField";
            if (type == "smallint unsigned") return "PositiveSmallIntegerField";
            if (type.ends_with("unsigned")) return "PositiveIntegerField";
            return type == "bigint" ? "BigIntegerField" : type == "smallint" ? "SmallIntegerField" : "IntegerField";
        }
        case DjangoForm::kReal:
            return "FloatField";
        case DjangoForm::kDecimal:
            return "DecimalField";
        case DjangoForm::kDate:
            return "DateField";
        case DjangoForm::kDateTime:
            return "DateTimeField";
        case DjangoForm::kTime:
            return "TimeField";
        case DjangoForm::kDuration:
            return "DurationField";
        case DjangoForm::kUuid:
            return "UUIDField";
        case DjangoForm::kJson:
            return "JSONField";
        case DjangoForm::kBinary:
            return "BinaryField";
        case DjangoForm::kIpAddress:
            return "GenericIPAddressField";
        case DjangoForm::kText:
            return to_lower(column.declared).starts_with("varchar") ? "CharField" : "TextField";
        case DjangoForm::kAny:
            break;
    }
    return "";
}

DjangoForm django_form(const Column& column) {
    const std::string type = to_lower(column.declared);
    if (column.type == ColumnType::kBoolean) return DjangoForm::kBoolean;
    if (type == "date") return DjangoForm::kDate;
    if (type == "datetime") return DjangoForm::kDateTime;
    if (type == "time") return DjangoForm::kTime;
    if (type == "decimal") return DjangoForm::kDecimal;
    if (type == "char(32)") return DjangoForm::kUuid;
    if (type == "char(39)" || type == "char(15)") return DjangoForm::kIpAddress;
    switch (column.type) {
        case ColumnType::kInteger:
        case ColumnType::kUnsigned:
            return DjangoForm::kInteger;
        case ColumnType::kReal:
            return DjangoForm::kReal;
        case ColumnType::kText:
            return column.holds_json ? DjangoForm::kJson : DjangoForm::kText;
        case ColumnType::kBytes:
            return DjangoForm::kBinary;
        default:  // what SQLite has no types for is its engine's own affair
            break;
    }
    return DjangoForm::kAny;
}

}  // namespace dbfixture
