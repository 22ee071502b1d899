// SPDX-License-Identifier: MIT
#include "secrets.h"

#include <algorithm>

#include "db/url.h"

namespace dbfixture {
namespace {

// How much of `value` `text` begins with: all, or up to where it was shortened or something was escaped.
std::size_t length_shown(std::string_view text, std::string_view value) {
    const auto end = std::ranges::mismatch(text, value).in1;
    const auto length = static_cast<std::size_t>(end - text.begin());
    const std::string_view rest = text.substr(length);
    const bool cut = rest.starts_with("...") || rest.starts_with('\\') || rest.starts_with('\'');
    return length == value.size() || cut ? length : 0;
}

}  // namespace

Secrets::Secrets(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        find_passwords(word, [&](std::size_t from, std::size_t to) {
            std::size_t begin = word.rfind('=', word.find("//"));  // --database=URL
            begin = begin == std::string::npos || begin + 1 >= from ? 0 : begin + 1;
            if (to > from) secrets_.push_back({word.substr(begin, from - begin), word.substr(from, to - from)});
        });
    }
}

std::string Secrets::hide(std::string_view text) const {
    std::string out(text);
    for (const Secret& secret : secrets_) {
        for (std::size_t at = out.find(secret.before); at != std::string::npos; at = out.find(secret.before, at)) {
            at += secret.before.size();
            const std::size_t length = length_shown(std::string_view(out).substr(at), secret.value);
            if (length > 0) out.replace(at, length, "...");
        }
    }
    return out;
}

}  // namespace dbfixture
