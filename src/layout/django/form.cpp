// SPDX-License-Identifier: MIT
#include "layout/django/form.h"

#include "base/text.h"
#include "layout/django/server_items.h"

namespace dbfixture {
namespace {

// Of a server, whose types say more than names of types do on SQLite.
DjangoForm server_form(const Column& column) {
    const std::string type = to_lower(column.declared);
    switch (column.type) {
        case ColumnType::kBoolean:
            return DjangoForm::kBoolean;
        case ColumnType::kInteger:
        case ColumnType::kUnsigned:
            return DjangoForm::kInteger;
        case ColumnType::kReal:
            return DjangoForm::kReal;
        case ColumnType::kDecimal:
            return DjangoForm::kDecimal;
        case ColumnType::kText:
            if (type == "char(32)") return DjangoForm::kUuid;
            if (type == "char(39)" || type == "char(15)") return DjangoForm::kIpAddress;
            return column.holds_json ? DjangoForm::kJson : DjangoForm::kText;
        case ColumnType::kBytes:
            return DjangoForm::kBinary;
        case ColumnType::kDate:
            return DjangoForm::kDate;
        case ColumnType::kTime:
            return DjangoForm::kTime;
        case ColumnType::kTimestamp:
        case ColumnType::kTimestampZone:
            return DjangoForm::kDateTime;
        case ColumnType::kInterval:
            return DjangoForm::kDuration;
        case ColumnType::kUuid:
            return DjangoForm::kUuid;
        case ColumnType::kJson:
            return DjangoForm::kJson;
        case ColumnType::kArray:
            return type.ends_with("[]") ? DjangoForm::kArray : DjangoForm::kAny;  // a domain says nothing of its items
        case ColumnType::kEngineText:
            if (type == "inet") return DjangoForm::kIpAddress;
            if (type == "hstore" || type.ends_with(".hstore")) return DjangoForm::kHstore;
            return range_class(column).empty() ? DjangoForm::kAny : DjangoForm::kRange;
        case ColumnType::kUntyped:
        case ColumnType::kNumeric:
            break;
    }
    return DjangoForm::kAny;
}

}  // namespace

std::string_view django_class(DjangoForm form, const Column& column) {
    switch (form) {
        case DjangoForm::kBoolean:
            return "BooleanField";
        case DjangoForm::kInteger: {
            const std::string type = to_lower(column.declared);
            const std::string_view name = std::string_view(type).substr(0, type.find_first_of(" ("));
            if (type.ends_with("unsigned")) {
                return name == "bigint"     ? "PositiveBigIntegerField"
                       : name == "smallint" ? "PositiveSmallIntegerField"
                                            : "PositiveIntegerField";
            }
            return name == "bigint" ? "BigIntegerField" : name == "smallint" ? "SmallIntegerField" : "IntegerField";
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
        case DjangoForm::kArray:
            return "ArrayField";
        case DjangoForm::kHstore:
            return "HStoreField";
        case DjangoForm::kRange:
            return range_class(column);
        case DjangoForm::kText: {
            const std::string type = to_lower(column.declared);
            if (type.ends_with("citext")) return "CITextField";
            return type.starts_with("varchar") || type.starts_with("character varying") ? "CharField" : "TextField";
        }
        case DjangoForm::kAny:
            break;
    }
    return "";
}

bool may_hold_durations(const Column& column) {
    return equals_ignore_case(column.declared, column.strict ? "bigint(20)" : "bigint");
}

DjangoForm django_form(const Column& column) {
    if (column.strict) return server_form(column);
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
