// SPDX-License-Identifier: MIT
#include "db/postgres/column_type.h"

#include <algorithm>
#include <array>

namespace dbfixture::postgres {
namespace {

struct Known {
    std::string_view name;
    ColumnType type;
    ValueForm form = ValueForm::kText;
};

// Of pg_catalog. Every other type is the engine's own, told by its text.
constexpr std::array<Known, 22> kKnown = {{
    {"bool", ColumnType::kBoolean, ValueForm::kBoolean},
    {"int2", ColumnType::kInteger, ValueForm::kInteger},
    {"int4", ColumnType::kInteger, ValueForm::kInteger},
    {"int8", ColumnType::kInteger, ValueForm::kInteger},
    {"oid", ColumnType::kUnsigned, ValueForm::kInteger},
    {"float4", ColumnType::kReal, ValueForm::kReal},
    {"float8", ColumnType::kReal, ValueForm::kReal},
    {"numeric", ColumnType::kDecimal, ValueForm::kDecimal},
    {"text", ColumnType::kText},
    {"varchar", ColumnType::kText},
    {"bpchar", ColumnType::kText},
    {"name", ColumnType::kText},
    {"bytea", ColumnType::kBytes, ValueForm::kBytes},
    {"date", ColumnType::kDate},
    {"time", ColumnType::kTime},
    {"timetz", ColumnType::kEngineText},
    {"timestamp", ColumnType::kTimestamp},
    {"timestamptz", ColumnType::kTimestampZone},
    {"interval", ColumnType::kInterval},
    {"uuid", ColumnType::kUuid},
    {"json", ColumnType::kJson},
    {"jsonb", ColumnType::kJson, ValueForm::kJsonb},
}};

// Without an "=", or with one that compares areas and lengths. Arrays of them are named with a "_" before.
constexpr std::array<std::string_view, 13> kIncomparable = {
    "json",    "xml",    "point",    "line",      "lseg",          "path",       "box",
    "polygon", "circle", "jsonpath", "refcursor", "txid_snapshot", "pg_snapshot"};

constexpr int kModifierHeader = 4;

}  // namespace

void set_type(Column& column, ColumnFacts& facts, const BaseType& type) {
    column.strict = true;  // the server refuses what is of another kind
    column.type = ColumnType::kEngineText;
    facts.form = ValueForm::kText;
    if (type.array) {
        column.type = ColumnType::kArray;
    } else if (type.schema == "pg_catalog") {
        const auto* const known = std::ranges::find(kKnown, type.name, &Known::name);
        if (known != kKnown.end()) {
            column.type = known->type;
            facts.form = known->form;
        }
    } else if (type.name == "citext") {
        column.type = ColumnType::kText;
    }
    if (column.type == ColumnType::kDecimal && type.modifier >= kModifierHeader) {
        const int packed = type.modifier - kModifierHeader;
        column.precision = packed >> 16 & 0xFFFF;
        column.scale = ((packed & 0x7FF) ^ 0x400) - 0x400;  // of 11 bits, may be negative
    }
    std::string_view element = type.name;
    if (type.array && element.starts_with('_')) element.remove_prefix(1);
    facts.comparable = type.schema != "pg_catalog" || std::ranges::find(kIncomparable, element) == kIncomparable.end();
    // Values of these compare as their texts do, or not as texts at all.
    facts.ordered_by_value = facts.form != ValueForm::kText || column.type == ColumnType::kUuid ||
                             (column.type == ColumnType::kText && type.schema == "pg_catalog");
    if (facts.form == ValueForm::kJsonb) facts.ordered_by_value = false;
    facts.padded = !type.array && type.schema == "pg_catalog" && type.name == "bpchar";
}

}  // namespace dbfixture::postgres
