// SPDX-License-Identifier: MIT
#include "db/mariadb/column_type.h"

#include <algorithm>
#include <array>

#include "base/cat.h"

namespace dbfixture::mariadb {
namespace {

struct Known {
    std::string_view name;
    ColumnType type;
    ValueForm form;
};

// Every other type is the engine's own, told by its text.
constexpr std::array<Known, 41> kKnown = {{
    {"tinyint", ColumnType::kInteger, ValueForm::kInteger},
    {"smallint", ColumnType::kInteger, ValueForm::kInteger},
    {"mediumint", ColumnType::kInteger, ValueForm::kInteger},
    {"int", ColumnType::kInteger, ValueForm::kInteger},
    {"bigint", ColumnType::kInteger, ValueForm::kInteger},
    {"year", ColumnType::kInteger, ValueForm::kYear},
    {"bit", ColumnType::kUnsigned, ValueForm::kBit},
    {"float", ColumnType::kReal, ValueForm::kFloat},
    {"double", ColumnType::kReal, ValueForm::kReal},
    {"decimal", ColumnType::kDecimal, ValueForm::kDecimal},
    {"date", ColumnType::kDate, ValueForm::kDate},
    {"time", ColumnType::kTime, ValueForm::kTime},
    {"datetime", ColumnType::kTimestamp, ValueForm::kDateTime},
    {"timestamp", ColumnType::kTimestampZone, ValueForm::kTimestamp},
    {"char", ColumnType::kText, ValueForm::kText},
    {"varchar", ColumnType::kText, ValueForm::kText},
    {"tinytext", ColumnType::kText, ValueForm::kText},
    {"text", ColumnType::kText, ValueForm::kText},
    {"mediumtext", ColumnType::kText, ValueForm::kText},
    {"longtext", ColumnType::kText, ValueForm::kText},
    {"json", ColumnType::kJson, ValueForm::kText},
    {"uuid", ColumnType::kUuid, ValueForm::kText},
    {"enum", ColumnType::kEngineText, ValueForm::kEnum},
    {"binary", ColumnType::kBytes, ValueForm::kBytes},
    {"varbinary", ColumnType::kBytes, ValueForm::kBytes},
    {"tinyblob", ColumnType::kBytes, ValueForm::kBytes},
    {"blob", ColumnType::kBytes, ValueForm::kBytes},
    {"mediumblob", ColumnType::kBytes, ValueForm::kBytes},
    {"longblob", ColumnType::kBytes, ValueForm::kBytes},
    {"geometry", ColumnType::kBytes, ValueForm::kBytes},
    {"point", ColumnType::kBytes, ValueForm::kBytes},
    {"linestring", ColumnType::kBytes, ValueForm::kBytes},
    {"polygon", ColumnType::kBytes, ValueForm::kBytes},
    {"multipoint", ColumnType::kBytes, ValueForm::kBytes},
    {"multilinestring", ColumnType::kBytes, ValueForm::kBytes},
    {"multipolygon", ColumnType::kBytes, ValueForm::kBytes},
    {"geometrycollection", ColumnType::kBytes, ValueForm::kBytes},
    {"geomcollection", ColumnType::kBytes, ValueForm::kBytes},
    {"vector", ColumnType::kBytes, ValueForm::kBytes},
    {"inet4", ColumnType::kEngineText, ValueForm::kText},
    {"inet6", ColumnType::kEngineText, ValueForm::kText},
}};

// "enum('a','it''s')"
std::vector<std::string> members_of(std::string_view type) {
    std::vector<std::string> out;
    for (std::size_t at = type.find('\''); at < type.size(); ++at) {
        if (type[at] != '\'') continue;
        std::string& member = out.emplace_back();
        for (++at; at < type.size(); ++at) {
            if (type[at] == '\'' && ++at < type.size() && type[at] != '\'') break;
            if (at < type.size()) member += type[at];
        }
    }
    return out;
}

bool is_long_type(std::string_view name) {
    constexpr std::array<std::string_view, 9> kShort = {"char",  "enum",   "set",     "uuid",     "inet4",
                                                        "inet6", "binary", "varchar", "varbinary"};
    return std::ranges::find(kShort, name) == kShort.end();
}

// Character sets of which every text comes back from UTF-8 as it was.
constexpr std::array<std::string_view, 8> kWhole = {"utf8mb4", "utf8mb3", "utf8",    "latin1",
                                                    "ucs2",    "utf16",   "utf16le", "utf32"};

void set_limits(ColumnFacts& facts, const ServerType& type) {
    const bool is_text = !type.charset.empty();
    const bool of_characters = type.data_type == "char" || type.data_type == "varchar";
    facts.fixed = type.data_type == "char" || type.data_type == "binary";
    if (type.data_type == "enum" || type.data_type == "set") {
        facts.members = members_of(type.column_type);
    } else if (is_text && !of_characters && type.charset.starts_with("utf8")) {
        facts.longest = type.bytes;
        facts.counts_bytes = true;
    } else if (is_text || facts.form == ValueForm::kBytes) {
        facts.longest = type.characters;
    }
}

}  // namespace

void set_type(Column& column, ColumnFacts& facts, const ServerType& type) {
    column.strict = true;  // the server refuses what is of another kind
    column.type = ColumnType::kEngineText;
    facts.form = ValueForm::kText;
    const auto* const known = std::ranges::find(kKnown, type.data_type, &Known::name);
    if (known != kKnown.end()) {
        column.type = known->type;
        facts.form = known->form;
    }
    const bool is_unsigned = type.column_type.find(" unsigned") != std::string_view::npos;
    if (facts.form == ValueForm::kInteger && is_unsigned) {
        column.type = ColumnType::kUnsigned;
        facts.form = ValueForm::kUnsigned;
    } else if (type.column_type == "tinyint(1)") {
        column.type = ColumnType::kBoolean;
        column.also_numbers = true;
        facts.form = ValueForm::kBoolean;
    }
    if (facts.form == ValueForm::kEnum) column.also_bytes = true;
    if (column.type == ColumnType::kDecimal) {
        column.precision = type.precision;
        column.scale = type.scale.value_or(0);
    }
    if (column.type == ColumnType::kReal) facts.real_scale = type.scale;
    set_limits(facts, type);
    facts.digits = type.digits;
    facts.charset = type.charset;
    facts.doubtful = !type.charset.empty() && std::ranges::find(kWhole, type.charset) == kWhole.end();
    const bool is_text = facts.form == ValueForm::kText || facts.form == ValueForm::kEnum;
    facts.as_text = is_text;
    facts.is_long = (is_text || facts.form == ValueForm::kBytes) &&
                    (is_long_type(type.data_type) || facts.longest.value_or(0) > 255);
    // A column without NULL would be given a value of the server's own in its place.
    facts.type =
        cat(type.column_type,
            type.charset.empty() ? "" : cat(" CHARACTER SET ", type.charset, " COLLATE ", type.collation), " NULL");
}

}  // namespace dbfixture::mariadb
