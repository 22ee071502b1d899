// SPDX-License-Identifier: MIT
#include "layout/django/default.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <random>

namespace dbfixture {
namespace {

bool is_word(const ConfigNode& node, std::string_view word) {
    return node.kind == ConfigNode::Kind::kScalar && !node.quoted && node.text == word;
}

}  // namespace

Value config_value(const ConfigNode& node, Arena& arena) {
    switch (node.kind) {
        case ConfigNode::Kind::kNull:
            return Value::null();
        case ConfigNode::Kind::kScalar:
            return node.quoted ? Value::text(node.text) : Value::plain(node.text);
        case ConfigNode::Kind::kList: {
            auto* const items = arena.make<Value>(node.items.size());
            for (std::size_t i = 0; i < node.items.size(); ++i)
                items[i] = config_value(node.items[i], arena);
            return Value::list(items, node.items.size());
        }
        case ConfigNode::Kind::kMap: {
            const std::size_t count = node.entries.size();
            auto* const items = arena.make<Value>(2 * count);
            for (std::size_t i = 0; i < count; ++i) {
                items[2 * i] = Value::text(node.entries[i].key);
                items[2 * i + 1] = config_value(node.entries[i].value, arena);
            }
            return Value::map(items, count);
        }
    }
    return Value::null();
}

bool asks_for_uuid(const ConfigNode& node, DjangoForm form) {
    return is_word(node, "uuid4") && (form == DjangoForm::kUuid || form == DjangoForm::kText);
}

std::string new_uuid(DjangoForm form) {
    std::random_device random;
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    for (int word = 0; word < 4; ++word) {
        std::uint32_t bits = random();
        for (int digit = 0; digit < 8; ++digit, bits >>= 4)
            out += kHex[bits & 0xF];
    }
    out[12] = '4';                               // the version
    out[16] = kHex[8 + kHex.find(out[16]) % 4];  // the variant of RFC 9562
    if (form == DjangoForm::kText) {
        for (const std::size_t at : {20U, 16U, 12U, 8U})
            out.insert(at, 1, '-');
    }
    return out;
}

bool asks_for_now(const ConfigNode& node, DjangoForm form) {
    return is_word(node, "now") &&
           (form == DjangoForm::kDate || form == DjangoForm::kTime || form == DjangoForm::kDateTime);
}

std::string now_as(DjangoForm form, bool use_tz, const std::timespec& moment) {
    std::tm parts{};
    use_tz ? ::gmtime_r(&moment.tv_sec, &parts) : ::localtime_r(&moment.tv_sec, &parts);
    std::array<char, 64> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
    std::string out(text.data(), size);
    if (const long micro = moment.tv_nsec / 1000; micro > 0) {
        std::snprintf(text.data(), text.size(), ".%06ld", micro);
        out += text.data();
    }
    if (form == DjangoForm::kDate) return out.substr(0, 10);
    return form == DjangoForm::kTime ? out.substr(11) : out;
}

}  // namespace dbfixture
