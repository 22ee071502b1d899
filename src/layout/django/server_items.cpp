// SPDX-License-Identifier: MIT
#include "layout/django/server_items.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/json/text.h"
#include "layout/django/form.h"
#include "layout/django/python_json.h"
#include "layout/django/value.h"

namespace dbfixture {
namespace {

struct ItemType {
    std::string_view name;  // without what stands in parentheses
    ColumnType type;
};
constexpr std::array<ItemType, 20> kItemTypes = {{
    {"boolean", ColumnType::kBoolean},
    {"smallint", ColumnType::kInteger},
    {"integer", ColumnType::kInteger},
    {"bigint", ColumnType::kInteger},
    {"real", ColumnType::kReal},
    {"double precision", ColumnType::kReal},
    {"numeric", ColumnType::kDecimal},
    {"text", ColumnType::kText},
    {"character varying", ColumnType::kText},
    {"character", ColumnType::kText},
    {"citext", ColumnType::kText},
    {"bytea", ColumnType::kBytes},
    {"date", ColumnType::kDate},
    {"time without time zone", ColumnType::kTime},
    {"timestamp without time zone", ColumnType::kTimestamp},
    {"timestamp with time zone", ColumnType::kTimestampZone},
    {"interval", ColumnType::kInterval},
    {"uuid", ColumnType::kUuid},
    {"jsonb", ColumnType::kJson},
    {"json", ColumnType::kJson},
}};

struct RangeType {
    std::string_view name;
    std::string_view item;
    std::string_view field;
};
constexpr std::array<RangeType, 6> kRangeTypes = {{
    {"int4range", "integer", "IntegerRangeField"},
    {"int8range", "bigint", "BigIntegerRangeField"},
    {"numrange", "numeric", "DecimalRangeField"},
    {"daterange", "date", "DateRangeField"},
    {"tsrange", "timestamp without time zone", "RangeField"},
    {"tstzrange", "timestamp with time zone", "DateTimeRangeField"},
}};

const RangeType* range_type(const Column& column) {
    const auto* const found = std::ranges::find(kRangeTypes, column.declared, &RangeType::name);
    return found == kRangeTypes.end() ? nullptr : found;
}

// A column of `declared`: "numeric(5,2)", or "citext" behind the name of a schema.
Column column_of(std::string_view declared) {
    Column out;
    out.strict = true;
    out.declared = declared;
    out.type = ColumnType::kEngineText;
    std::string name(declared);
    if (const std::size_t open = name.find('('); open != std::string::npos)
        name.erase(open, name.find(')', open) + 1 - open);
    if (name.ends_with(".citext")) name = "citext";
    const auto* const known = std::ranges::find(kItemTypes, name, &ItemType::name);
    if (known != kItemTypes.end()) out.type = known->type;
    return out;
}

std::size_t depth_of(std::string_view declared) {
    std::size_t depth = 0;
    for (; declared.ends_with("[]"); ++depth)
        declared.remove_suffix(2);
    return depth;
}

bool take(std::string_view& rest, std::string_view what) {
    if (!rest.starts_with(what)) return false;
    rest.remove_prefix(what.size());
    return true;
}

// A text between double quotes, in which a backslash, or another quote, stands before what would end it; or up to one
// of `ends`. `quoted` says which it was. Nothing if a quote is not closed.
std::optional<std::string> take_item(std::string_view& rest, std::string_view ends, bool& quoted) {
    std::string out;
    quoted = rest.starts_with('"');
    if (!quoted) {
        out = rest.substr(0, std::min(rest.find_first_of(ends), rest.size()));
        rest.remove_prefix(out.size());
        return out.find('\\') == std::string::npos ? std::optional(out) : std::nullopt;
    }
    rest.remove_prefix(1);
    while (!rest.empty()) {
        if (rest[0] == '"' && rest.substr(1, 1) != "\"") {
            rest.remove_prefix(1);
            return out;
        }
        if ((rest[0] == '\\' || rest[0] == '"') && rest.size() > 1) rest.remove_prefix(1);
        out += rest[0];
        rest.remove_prefix(1);
    }
    return std::nullopt;
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string bytes_of(std::string_view hex) {  // \x6162
    std::string out;
    for (std::size_t at = 2; at + 1 < hex.size(); at += 2)
        out += static_cast<char>(kHexDigits.find(hex[at]) << 4 | kHexDigits.find(hex[at + 1]));
    return out;
}

// An item's text as a connection would give it as a value of that column.
Value item_value(std::string_view text, const Column& column, Arena& arena) {
    const char* const end = text.data() + text.size();
    switch (column.type) {
        case ColumnType::kBoolean:
            return Value::boolean(text == "t");
        case ColumnType::kInteger: {
            std::int64_t number = 0;
            std::from_chars(text.data(), end, number);
            return Value::integer(number);
        }
        case ColumnType::kReal: {
            double number = std::nan("");
            std::from_chars(text.data(), end, number);
            return Value::real(number);
        }
        case ColumnType::kDecimal:
            return Value::decimal(arena.copy(text));
        case ColumnType::kBytes:
            return Value::bytes(arena.copy(bytes_of(text)));
        default:
            return Value::text(arena.copy(text));
    }
}

std::string item_text(const Value& value) {
    switch (value.kind()) {
        case ValueKind::kBoolean:
            return value.as_boolean() ? "t" : "f";
        case ValueKind::kInteger:
            return cat(value.as_integer());
        case ValueKind::kReal: {
            if (!std::isfinite(value.as_real())) return describe(value);
            std::string out;
            append_real(out, value.as_real());
            return out;
        }
        case ValueKind::kBytes: {
            std::string out = "\\x";
            for (const char c : value.as_text()) {
                out += kHexDigits[static_cast<unsigned char>(c) >> 4];
                out += kHexDigits[static_cast<unsigned char>(c) & 15];
            }
            return out;
        }
        default:
            return std::string(value.as_text());
    }
}

// What value_to_string() of the item's field gives, which is str() for most. Nothing for what needs a raw form.
std::optional<Value> python_item(std::string_view text, const Column& column, Arena& arena) {
    const DjangoForm form = django_form(column);
    DjangoWriteRules rules;
    rules.server = &column;
    const Value written = writer_of(form)(item_value(text, column, arena), rules, arena);
    if (form == DjangoForm::kJson) return written.kind() == ValueKind::kJson ? std::nullopt : std::optional(written);
    switch (written.kind()) {
        case ValueKind::kBoolean:
            return Value::text(written.as_boolean() ? "True" : "False");
        case ValueKind::kInteger:
        case ValueKind::kReal:
            return Value::text(arena.copy(item_text(written)));
        case ValueKind::kText: {
            const std::string_view out = written.as_text();
            if (form == DjangoForm::kReal)
                return Value::text(out == "NaN" ? "nan" : out == "Infinity" ? "inf" : "-inf");
            if (form == DjangoForm::kDateTime && out.ends_with('Z'))
                return Value::text(arena.copy(cat(out.substr(0, out.size() - 1), "+00:00")));
            return written;
        }
        default:
            return std::nullopt;
    }
}

std::string json_of(const std::vector<Value>& values, bool is_map) {
    std::string out;
    append_python_json_exactly(
        out, is_map ? Value::map(values.data(), values.size() / 2) : Value::list(values.data(), values.size()));
    return out;
}

std::optional<std::string> array_of(std::string_view& rest, const Column& item, std::size_t depth, Arena& arena) {
    std::vector<Value> items;
    if (!take(rest, "{")) return std::nullopt;
    while (!take(rest, "}")) {
        if (!items.empty() && !take(rest, ",")) return std::nullopt;
        if (rest.starts_with('{') != (depth > 1)) return std::nullopt;
        if (depth > 1) {
            const auto inner = array_of(rest, item, depth - 1, arena);
            if (!inner) return std::nullopt;
            items.push_back(Value::text(arena.copy(*inner)));
            continue;
        }
        bool quoted = false;
        const auto text = take_item(rest, ",}", quoted);
        if (!text || rest.empty()) return std::nullopt;
        if (!quoted && *text == "NULL") {
            items.emplace_back();
            continue;
        }
        const auto value = python_item(*text, item, arena);
        if (!value) return std::nullopt;
        items.push_back(*value);
    }
    return json_of(items, false);
}

[[noreturn]] void refuse(std::string_view what) {
    throw Error(ErrorKind::kInput, cat("the value is no ", what));
}

// A list, or the JSON of one in a text, as Django writes those inside of lists.
Value list_of(const Value& value, Arena& arena) {
    Value out = value;
    if (value.kind() == ValueKind::kText || value.kind() == ValueKind::kPlain) {
        if (json_problem(value.as_text())) refuse("list");
        out = parse_json_value(value.as_text(), arena);
    }
    if (out.kind() != ValueKind::kList) refuse("list");
    return out;
}

std::string nested_text(const Value& list, const Column& item, std::size_t depth, const ReadItem& read, Arena& arena) {
    std::string out = "{";
    for (std::size_t at = 0; at < list.item_count(); ++at) {
        const Value& value = list.items()[at];
        if (at > 0) out += ',';
        if (value.is_null()) {
            out += "NULL";
        } else if (depth > 1) {
            append(out, nested_text(list_of(value, arena), item, depth - 1, read, arena));
        } else {
            append_quoted(out, item_text(read(value, item)));
        }
    }
    return out + '}';
}

}  // namespace

std::optional<std::string> django_array(std::string_view stored, const Column& column, Arena& arena) {
    const std::size_t depth = depth_of(column.declared);
    const std::string_view declared = column.declared;
    const Column item = column_of(declared.substr(0, declared.size() - 2 * depth));
    std::string_view rest = stored;
    if (rest == "{}") return "[]";
    const auto out = array_of(rest, item, depth, arena);
    return rest.empty() ? out : std::nullopt;
}

std::optional<std::string> django_hstore(std::string_view stored, Arena& arena) {
    std::vector<Value> entries;
    std::string_view rest = stored;
    while (!rest.empty()) {
        if (!entries.empty() && !take(rest, ", ")) return std::nullopt;
        bool quoted = false;
        const auto key = take_item(rest, "=", quoted);
        if (!key || !take(rest, "=>")) return std::nullopt;
        const auto value = take_item(rest, ",", quoted);
        if (!value) return std::nullopt;
        entries.push_back(Value::text(arena.copy(*key)));
        entries.push_back(!quoted ? Value::null() : Value::text(arena.copy(*value)));
    }
    return json_of(entries, true);
}

std::optional<std::string> django_range(std::string_view stored, const Column& column, Arena& arena) {
    const RangeType* const type = range_type(column);
    if (stored == "empty") return R"({"empty": true})";
    if (type == nullptr || stored.size() < 3) return std::nullopt;
    const Column item = column_of(type->item);
    const std::string bounds = {stored.front(), stored.back()};
    std::string_view rest = stored.substr(1, stored.size() - 2);
    std::array<Value, 2> ends;
    for (std::size_t at = 0; at < 2; ++at) {
        bool quoted = false;
        const auto text = take_item(rest, ",", quoted);
        if (!text || (at == 0 && !take(rest, ","))) return std::nullopt;
        if (text->empty() && !quoted) continue;
        const auto value = python_item(*text, item, arena);
        if (!value) return std::nullopt;
        ends[at] = *value;
    }
    if (!rest.empty()) return std::nullopt;
    return json_of(
        {Value::text("bounds"), Value::text(bounds), Value::text("lower"), ends[0], Value::text("upper"), ends[1]},
        true);
}

std::string array_text(const Value& list, const Column& column, const ReadItem& read, Arena& arena) {
    const std::size_t depth = depth_of(column.declared);
    const std::string_view declared = column.declared;
    if (list.kind() == ValueKind::kList && list.item_count() == 0) return "{}";
    return nested_text(list, column_of(declared.substr(0, declared.size() - 2 * depth)), depth, read, arena);
}

std::string hstore_text(const Value& map) {
    std::string out;
    for (std::size_t at = 0; at + 1 < map.item_count(); at += 2) {
        const Value& value = map.items()[at + 1];
        if (at > 0) out += ", ";
        append_quoted(out, map.items()[at].as_text());
        out += "=>";
        if (value.is_null()) {
            out += "NULL";
        } else if (value.kind() == ValueKind::kBoolean) {
            append_quoted(out, value.as_boolean() ? "True" : "False");
        } else {
            if (value.kind() == ValueKind::kList || value.kind() == ValueKind::kMap) refuse("map of texts");
            append_quoted(out, item_text(value));
        }
    }
    return out;
}

std::string range_text(const Value& range, const Column& column, const ReadItem& read) {
    const RangeType* const type = range_type(column);
    std::string bounds = "[)";
    std::array<Value, 2> ends;
    if (range.kind() == ValueKind::kList && range.item_count() == 2) {
        ends = {range.items()[0], range.items()[1]};
    } else if (range.kind() != ValueKind::kMap) {
        refuse("range");
    }
    for (std::size_t at = 0; range.kind() == ValueKind::kMap && at + 1 < range.item_count(); at += 2) {
        const std::string_view name = range.items()[at].as_text();
        const Value& value = range.items()[at + 1];
        if (name == "empty" && value.kind() == ValueKind::kBoolean && value.as_boolean()) return "empty";
        if (name == "bounds" && value.has_text()) bounds = value.as_text();
        if (name == "lower" || name == "upper") ends[name == "lower" ? 0 : 1] = value;
    }
    const bool known = bounds.size() == 2 && std::string_view("[(").find(bounds[0]) != std::string_view::npos &&
                       std::string_view("])").find(bounds[1]) != std::string_view::npos;
    if (!known || type == nullptr) refuse("range");
    const Column item = column_of(type->item);
    std::string out = bounds.substr(0, 1);
    for (const Value& end : ends) {
        if (&end == &ends[1]) out += ',';
        if (!end.is_null()) append_quoted(out, item_text(read(end, item)));
    }
    return out + bounds[1];
}

std::string_view range_class(const Column& column) {
    const RangeType* const type = range_type(column);
    return type == nullptr ? "" : type->field;
}

}  // namespace dbfixture
