// SPDX-License-Identifier: MIT
// Writes the document of --json, indented by two. The caller keeps the calls in order; nothing is checked but by
// assert.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cat.h"

namespace dbfixture {

class JsonText {
  public:
    JsonText& begin_object() { return open('{'); }
    JsonText& end_object() { return close('}'); }
    JsonText& begin_list() { return open('['); }
    JsonText& end_list() { return close(']'); }
    // Inside an object, before each value.
    JsonText& key(std::string_view name);

    // Bytes that are not UTF-8 become U+FFFD: a path may hold them, JSON cannot.
    JsonText& value(std::string_view text);
    JsonText& value(const std::string& text) { return value(std::string_view(text)); }
    JsonText& value(const char* text) { return value(std::string_view(text)); }
    template <std::same_as<bool> Boolean>
    JsonText& value(Boolean b) {
        return raw(b ? "true" : "false");
    }
    template <std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char>) JsonText& value(Number n) {
        return raw(cat(n));
    }
    JsonText& null() { return raw("null"); }
    JsonText& value(const std::vector<std::string>& list);

    template <typename Item>
    JsonText& field(std::string_view name, const Item& item) {
        key(name);
        return value(item);
    }
    // Left out when empty.
    JsonText& optional_field(std::string_view name, std::string_view text) {
        return text.empty() ? *this : field(name, text);
    }

    // Ends the document with a newline.
    std::string finish();

  private:
    JsonText& open(char bracket);
    JsonText& close(char bracket);
    JsonText& raw(std::string_view text);
    void before_item();

    std::string out_;
    std::vector<bool> has_items_;  // of each open object or list
    bool after_key_ = false;
};

}  // namespace dbfixture
