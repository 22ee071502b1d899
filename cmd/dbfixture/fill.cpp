// SPDX-License-Identifier: MIT
#include "fill.h"

#include <algorithm>

#include "base/cat.h"

namespace dbfixture {
namespace {

// Appends the words behind column `at`, with `indent` in front of further lines.
void fill(std::string& out, std::string_view text, std::size_t width, std::size_t at, std::size_t indent) {
    bool first = true;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!first && at + 1 + word.size() > width) {
            append(out, cat("\n", std::string(indent, ' ')));
            at = indent;
        } else if (!first) {
            out += ' ';
            ++at;
        }
        out += word;
        at += word.size();
        first = false;
    }
}

bool stays(std::string_view line) {
    return line.empty() || line.front() == ' ' || line == "Example:" || line == "Examples:";
}

}  // namespace

std::string fill_words(std::string_view text, std::size_t width, std::size_t column) {
    std::string out;
    fill(out, text, width, column, column);
    return out;
}

std::string fill_lines(std::string_view text, std::size_t width) {
    std::string out, paragraph;
    const auto end_paragraph = [&] {
        if (!paragraph.empty()) {
            fill(out, paragraph, width, 0, 0);
            out += '\n';
        }
        paragraph.clear();
    };
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (stays(line)) {
            end_paragraph();
            append(out, cat(line, "\n"));
        } else {
            append(paragraph, cat(paragraph.empty() ? "" : " ", line));
        }
    }
    end_paragraph();
    return out;
}

}  // namespace dbfixture
