// SPDX-License-Identifier: MIT
#include "db/clone_mark.h"

#include <charconv>

#include "base/cat.h"
#include "base/percent.h"
#include "db/saved_mark.h"

namespace dbfixture {
namespace {

// Behind kMarkStart.
constexpr std::string_view kOriginal = "\"copy_of\": ";

// What JSON would escape, and what an encoding of the server's may lack.
std::string escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%';
        append(out, plain ? std::string(1, c) : percent_encode(std::string_view(&c, 1)));
    }
    return out;
}

std::string value_of(std::string_view text, std::string_view key) {
    const std::string before = cat("\"", key, "\": \"");
    const std::size_t at = text.find(before);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = text.substr(at + before.size());
    return percent_decode(rest.substr(0, rest.find('"')));
}

}  // namespace

std::string write_clone_mark(const CloneMark& mark) {
    const CopyMark& copy = mark.copy;
    std::string out = cat(kMarkStart, kOriginal, "\"", escape(copy.original), "\"");
    const auto add = [&out](std::string_view key, std::string_view value) {
        if (!value.empty()) append(out, cat(", \"", key, "\": \"", escape(value), "\""));
    };
    add("run", copy.run);
    add("folder", copy.folder);
    add("host", copy.host);
    add("process", copy.process);
    add("created", copy.created);
    add("kept", copy.kept ? "yes" : "");
    add("source_since", mark.source_since == 0 ? std::string() : cat(mark.source_since));
    return cat(out, "}");
}

std::optional<CloneMark> read_clone_mark(std::string_view comment) {
    if (!comment.starts_with(cat(kMarkStart, kOriginal)) || !comment.ends_with('}')) return std::nullopt;
    CloneMark mark;
    mark.copy.original = value_of(comment, "copy_of");
    mark.copy.run = value_of(comment, "run");
    mark.copy.folder = value_of(comment, "folder");
    mark.copy.host = value_of(comment, "host");
    mark.copy.process = value_of(comment, "process");
    mark.copy.created = value_of(comment, "created");
    mark.copy.kept = value_of(comment, "kept") == "yes";
    const std::string since = value_of(comment, "source_since");
    std::from_chars(since.data(), since.data() + since.size(), mark.source_since);
    return mark;
}

bool is_state_in(std::string_view comment, const std::string& folder) {
    constexpr std::string_view kBehindStore = "\", ";
    std::string start = mark_start_of(folder);
    start.resize(start.size() - kBehindStore.size());
    return comment.starts_with(cat(start, "/"));
}

}  // namespace dbfixture
