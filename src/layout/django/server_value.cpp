// SPDX-License-Identifier: MIT
#include "layout/django/server_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/json/text.h"
#include "layout/django/python_json.h"
#include "layout/django/time.h"

namespace dbfixture {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::int64_t kSecond = 1'000'000, kDay = 86'400 * kSecond;

// A text between double quotes, in which a backslash stands before what would end it; or up to one of `ends`.
// `quoted` says which it was. Nothing if a quote is not closed.
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
        // Ranges double a quote, arrays put a backslash before it.
        if ((rest[0] == '\\' || rest[0] == '"') && rest.size() > 1) rest.remove_prefix(1);
        out += rest[0];
        rest.remove_prefix(1);
    }
    return std::nullopt;
}

bool take(std::string_view& rest, std::string_view what) {
    if (!rest.starts_with(what)) return false;
    rest.remove_prefix(what.size());
    return true;
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

std::string json_of(const std::vector<Value>& values, bool is_map) {
    std::string out;
    append_python_json(
        out, is_map ? Value::map(values.data(), values.size() / 2) : Value::list(values.data(), values.size()));
    return out;
}

// What str() gives of an element in Python; nothing where that is not known of its type.
std::optional<std::string> python_text(const std::string& item, std::string_view type) {
    constexpr std::array kPlain = {"integer"sv, "bigint"sv, "smallint"sv, "text"sv, "uuid"sv, "date"sv, "citext"sv};
    const std::string_view name = type.substr(0, type.find('('));
    if (std::ranges::find(kPlain, name) != kPlain.end() || name == "numeric" || name == "character varying" ||
        name == "character")
        return item;
    if (name == "boolean") return item == "t" ? "True" : "False";
    if (name == "double precision" || name == "real") {
        double number = 0;
        std::string out;
        if (std::from_chars(item.data(), item.data() + item.size(), number).ec != std::errc()) return std::nullopt;
        append_real(out, number);
        return out;
    }
    return std::nullopt;
}

std::string_view element_type(const Column& column) {
    const std::string_view declared = column.declared;
    const std::string_view type = declared.substr(0, declared.find('['));
    return type.substr(type.rfind('.') == std::string_view::npos ? 0 : type.rfind('.') + 1);
}

bool is_text_type(std::string_view type) {
    return type == "text" || type == "citext" || type.starts_with("character");
}

std::optional<std::string> array_of(std::string_view& rest, std::string_view type, Arena& arena) {
    std::vector<Value> items;
    if (!take(rest, "{")) return std::nullopt;
    while (!take(rest, "}")) {
        if (!items.empty() && !take(rest, ",")) return std::nullopt;
        if (rest.starts_with('{')) {
            if (is_text_type(type)) return std::nullopt;  // would be read back as texts
            const auto inner = array_of(rest, type, arena);
            if (!inner) return std::nullopt;
            items.push_back(Value::text(arena.copy(*inner)));
            continue;
        }
        bool quoted = false;
        const auto item = take_item(rest, ",}", quoted);
        if (!item || rest.empty()) return std::nullopt;
        if (!quoted && *item == "NULL") {
            items.emplace_back();
            continue;
        }
        const auto text = python_text(*item, type);
        if (!text) return std::nullopt;
        items.push_back(Value::text(arena.copy(*text)));
    }
    return json_of(items, false);
}

[[noreturn]] void refuse(std::string_view what) {
    throw Error(ErrorKind::kInput, cat("the value is no ", what));
}

// A scalar of JSON as the text of an element.
std::string scalar_text(const Value& value, std::string_view what) {
    if (value.kind() == ValueKind::kBoolean) return value.as_boolean() ? "true" : "false";
    if (value.kind() == ValueKind::kInteger) return cat(value.as_integer());
    if (value.kind() == ValueKind::kReal) {
        std::string out;
        append_real(out, value.as_real());
        return out;
    }
    if (!value.has_text()) refuse(what);
    return std::string(value.as_text());
}

// 04:05:06.000007, of less than a day.
std::string clock_text(std::int64_t microseconds) {
    const auto two = [](std::int64_t number) { return cat(number < 10 ? "0" : "", number); };
    const std::int64_t seconds = microseconds / kSecond;
    std::string out = cat(two(seconds / 3600), ":", two(seconds / 60 % 60), ":", two(seconds % 60));
    if (const std::int64_t rest = microseconds % kSecond; rest != 0) {
        const std::string digits = cat(rest);
        append(out, cat(".", std::string(6 - digits.size(), '0'), digits));
        while (out.back() == '0')
            out.pop_back();
    }
    return out;
}

}  // namespace

std::optional<std::string> django_moment(std::string_view stored, bool zone) {
    const bool zoned = stored.ends_with("+00");
    if (zoned) stored.remove_suffix(3);
    std::string text(stored);
    if (!is_stored_datetime(text)) {
        const auto complete = complete_fraction(text);
        if (!complete || !is_stored_datetime(*complete)) return std::nullopt;
        text = *complete;
    }
    text[10] = 'T';
    if (zoned && zone) text += 'Z';
    return text;
}

std::optional<std::string> django_time(std::string_view stored) {
    if (is_stored_time(stored)) return std::string(stored);
    auto complete = complete_fraction(stored);
    if (complete && !is_stored_time(*complete)) complete.reset();
    return complete;
}

// As timedelta keeps it: only the days are negative.
std::string interval_text(std::int64_t microseconds) {
    std::int64_t days = microseconds / kDay, rest = microseconds % kDay;
    if (rest < 0) {
        --days;
        rest += kDay;
    }
    std::string out;
    if (days != 0) append(out, cat(days, days == 1 ? " day" : " days"));
    if (rest != 0 || days == 0) append(out, cat(days == 0 ? "" : days < 0 ? " +" : " ", clock_text(rest)));
    return out;
}

std::optional<std::int64_t> interval_span(std::string_view stored) {
    std::int64_t days = 0;
    std::string_view rest = stored;
    if (const std::size_t word = rest.find(" day"); word != std::string_view::npos) {
        const auto parsed = std::from_chars(rest.data(), rest.data() + word, days);
        if (parsed.ec != std::errc() || parsed.ptr != rest.data() + word || days > 106'000'000 || days < -106'000'000)
            return std::nullopt;
        rest.remove_prefix(word + 4);
        take(rest, "s");
        take(rest, " ");
        take(rest, "+");
    }
    std::int64_t span = days * kDay;
    if (!rest.empty()) {
        const auto clock = parse_duration(rest);
        if (!clock) return std::nullopt;
        span += *clock;
    }
    return interval_text(span) == stored ? std::optional(span) : std::nullopt;
}

std::optional<std::string> django_array(std::string_view stored, const Column& column, Arena& arena) {
    std::string_view rest = stored;
    const auto out = array_of(rest, element_type(column), arena);
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

std::optional<std::string> django_range(std::string_view stored, Arena& arena) {
    if (stored == "empty") return R"({"empty": true})";
    if (stored.size() < 3) return std::nullopt;
    const std::string bounds = {stored.front(), stored.back()};
    std::string_view rest = stored.substr(1, stored.size() - 2);
    std::array<Value, 2> ends;
    for (std::size_t at = 0; at < 2; ++at) {
        bool quoted = false;
        const auto text = take_item(rest, ",", quoted);
        if (!text || (at == 0 && !take(rest, ","))) return std::nullopt;
        if (text->empty() && !quoted) continue;
        const auto moment = django_moment(*text, false);
        ends[at] = Value::text(arena.copy(moment ? cat(*moment, text->ends_with("+00") ? "+00:00" : "") : *text));
    }
    if (!rest.empty()) return std::nullopt;
    return json_of(
        {Value::text("bounds"), Value::text(bounds), Value::text("lower"), ends[0], Value::text("upper"), ends[1]},
        true);
}

std::string array_text(const Value& list, const Column& column, Arena& arena) {
    if (list.kind() != ValueKind::kList) refuse("list");
    std::string out = "{";
    for (std::size_t at = 0; at < list.item_count(); ++at) {
        const Value& item = list.items()[at];
        if (at > 0) out += ',';
        if (item.is_null()) {
            out += "NULL";
        } else if (item.kind() == ValueKind::kList) {
            append(out, array_text(item, column, arena));
        } else if (item.has_text() && item.as_text().starts_with('[') && !is_text_type(element_type(column))) {
            append(out, array_text(parse_json_value(item.as_text(), arena), column, arena));
        } else {
            append_quoted(out, scalar_text(item, "list of scalars"));
        }
    }
    return out + '}';
}

std::string hstore_text(const Value& map) {
    if (map.kind() != ValueKind::kMap) refuse("map");
    std::string out;
    for (std::size_t at = 0; at + 1 < map.item_count(); at += 2) {
        if (at > 0) out += ", ";
        append_quoted(out, map.items()[at].as_text());
        out += "=>";
        if (map.items()[at + 1].is_null()) {
            out += "NULL";
        } else {
            append_quoted(out, scalar_text(map.items()[at + 1], "map of texts"));
        }
    }
    return out;
}

std::string range_text(const Value& map) {
    if (map.kind() != ValueKind::kMap) refuse("range");
    std::string bounds = "[)";
    std::array<std::string, 2> ends;
    for (std::size_t at = 0; at + 1 < map.item_count(); at += 2) {
        const std::string_view name = map.items()[at].as_text();
        const Value& value = map.items()[at + 1];
        if (name == "empty") return "empty";
        if (name == "bounds") bounds = scalar_text(value, "range");
        if (value.is_null() || (name != "lower" && name != "upper")) continue;
        append_quoted(ends[name == "lower" ? 0 : 1], scalar_text(value, "range"));
    }
    if (bounds.size() != 2) refuse("range");
    return cat(bounds.substr(0, 1), ends[0], ",", ends[1], bounds.substr(1));
}

}  // namespace dbfixture
