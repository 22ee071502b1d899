// SPDX-License-Identifier: MIT
#include "json_text.h"

#include <utility>

#include "base/text.h"
#include "model/value.h"

namespace dbfixture {
namespace {

std::string with_replacements(std::string_view bytes) {
    std::string out;
    while (!bytes.empty()) {
        std::size_t length = 1;
        while (length <= 4 && length <= bytes.size() && !is_valid_utf8(bytes.substr(0, length)))
            ++length;
        if (length > 4 || length > bytes.size()) {
            out += "\xEF\xBF\xBD";
            length = 1;
        } else {
            out += bytes.substr(0, length);
        }
        bytes.remove_prefix(length);
    }
    return out;
}

}  // namespace

JsonText& JsonText::key(std::string_view name) {
    before_item();
    append_json_text(out_, Value::text(name));
    out_ += ": ";
    after_key_ = true;
    return *this;
}

JsonText& JsonText::value(std::string_view text) {
    before_item();
    if (is_valid_utf8(text)) {
        append_json_text(out_, Value::text(text));
    } else {
        append_json_text(out_, Value::text(with_replacements(text)));
    }
    return *this;
}

JsonText& JsonText::value(const std::vector<std::string>& list) {
    begin_list();
    for (const std::string& item : list)
        value(item);
    return end_list();
}

std::string JsonText::finish() {
    out_ += '\n';
    return std::move(out_);
}

JsonText& JsonText::open(char bracket) {
    before_item();
    out_ += bracket;
    has_items_.push_back(false);
    return *this;
}

JsonText& JsonText::close(char bracket) {
    const bool had_items = has_items_.back();
    has_items_.pop_back();
    if (had_items) {
        out_ += '\n';
        out_.append(has_items_.size() * 2, ' ');
    }
    out_ += bracket;
    return *this;
}

JsonText& JsonText::raw(std::string_view text) {
    before_item();
    out_ += text;
    return *this;
}

void JsonText::before_item() {
    if (std::exchange(after_key_, false) || has_items_.empty()) return;
    if (has_items_.back()) out_ += ',';
    has_items_.back() = true;
    out_ += '\n';
    out_.append(has_items_.size() * 2, ' ');
}

}  // namespace dbfixture
