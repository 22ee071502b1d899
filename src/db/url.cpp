// SPDX-License-Identifier: MIT
#include "db/url.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture {
namespace {

// The beginning of `text` before `end` where that can be a scheme, else "".
std::string_view scheme_before(std::string_view text, std::size_t end) {
    if (end == std::string_view::npos || end < 2 || std::isalpha(static_cast<unsigned char>(text[0])) == 0) return {};
    const std::string_view name = text.substr(0, end);
    const auto is_part = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' || c == '.' || c == '_';
    };
    return std::ranges::all_of(name, is_part) ? name : std::string_view();
}

}  // namespace

UrlParts take_apart(std::string_view url) {
    std::string_view text = url;
    if (equals_ignore_case(text.substr(0, 5), "jdbc:")) text.remove_prefix(5);
    const std::string_view whole = scheme_before(text, text.find(':'));
    if (whole.empty()) return {url, {}, text};
    return {url, to_lower(whole.substr(0, whole.find('+'))), text.substr(whole.size() + 1)};
}

bool is_server_string(std::string_view text) {
    const std::string lower = to_lower(text);
    return lower.find("password=") != std::string::npos || lower.find("@tcp(") != std::string::npos ||
           lower.find("@unix(") != std::string::npos || lower.starts_with("host=") || lower.starts_with("server=");
}

std::string_view scheme_without_colon(std::string_view text) {
    const std::size_t slashes = text.find("//"), at = text.rfind('@');
    return at != std::string_view::npos && slashes < at ? scheme_before(text, slashes) : std::string_view();
}

std::string without_secrets(std::string text) {
    const std::string lower = to_lower(text);
    std::string out;
    std::size_t from = 0;
    for (std::size_t at = lower.find('='); at != std::string::npos; at = lower.find('=', at + 1)) {
        const std::string_view before = std::string_view(lower).substr(from, at - from);
        const bool secret = before.ends_with("password") || before.ends_with("passwd") || before.ends_with("pwd") ||
                            before.ends_with("key") || before.ends_with("secret") || before.ends_with("token");
        if (!secret) continue;
        append(out, cat(std::string_view(text).substr(from, at + 1 - from), "..."));
        const bool quoted = at + 1 < text.size() && (text[at + 1] == '\'' || text[at + 1] == '"');
        const std::size_t end = quoted ? text.find(text[at + 1], at + 2) : text.find_first_of("&; ", at);
        from = end == std::string::npos ? text.size() : quoted ? end + 1 : end;
    }
    return out + text.substr(std::min(from, text.size()));
}

void find_passwords(std::string_view text, const std::function<void(std::size_t from, std::size_t to)>& found) {
    const std::size_t start = text.find("//"), at = text.rfind('@');
    if (start != std::string_view::npos && at != std::string_view::npos) {
        if (const std::size_t colon = text.find(':', start + 2); colon < at) found(colon + 1, at);
    }
    // user:password@tcp(host)/database, and what lacks its slashes: scheme:user:password@host
    const std::size_t place =
        std::min({text.find("@tcp("), text.find("@unix("), start == std::string_view::npos ? at : start});
    if (place != std::string_view::npos && start > place) {
        const std::size_t first = text.find(':'), second = text.find(':', first + 1);
        if (first < place) found((second < place ? second : first) + 1, place);
    }
    for (const std::string_view name : {"password", "passwd", "pwd"}) {
        for (std::size_t key = text.find(name); key != std::string_view::npos; key = text.find(name, key + 1)) {
            const std::size_t equals = text.find_first_not_of(' ', key + name.size());
            if (equals == std::string_view::npos || text[equals] != '=') continue;
            const std::size_t from = std::min(text.find_first_not_of(' ', equals + 1), text.size());
            const bool quoted = from < text.size() && text[from] == '\'';
            const std::size_t to = quoted ? text.rfind('\'') : text.find_first_of("& ", from);
            if (!quoted || to > from) found(from, std::min(to, text.size()));
        }
    }
}

void hide_passwords(char* word) noexcept {
    find_passwords(word, [word](std::size_t from, std::size_t to) { std::fill(word + from, word + to, 'x'); });
}

std::string without_user(std::string_view url) {
    const std::size_t at = url.rfind('@');
    if (at == std::string_view::npos) return std::string(url);
    const std::size_t start = url.find("://");
    const std::string_view before = start == std::string_view::npos || start > at ? "" : url.substr(0, start + 3);
    return cat(before, "...", url.substr(at));
}

}  // namespace dbfixture
