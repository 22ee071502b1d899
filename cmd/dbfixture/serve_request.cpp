// SPDX-License-Identifier: MIT
#include "serve_request.h"

#include "base/arena.h"
#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/json/text.h"
#include "model/value.h"

namespace dbfixture {
namespace {

[[noreturn]] void refuse(std::string detail) {
    throw Error(ErrorKind::kUsage, "the line is no command")
        .with_detail(std::move(detail))
        .with_hint(R"(a command is a line like ["reset"], or {"argv": ["loaddata", "-"], "stdin": "[...]"})");
}

std::vector<std::string> words_of(const Value& list) {
    if (list.kind() != ValueKind::kList)
        refuse(cat("The words of a command are a list of texts, not ", kind_name(list.kind()), "."));
    std::vector<std::string> words;
    for (std::size_t i = 0; i < list.item_count(); ++i) {
        const Value& word = list.items()[i];
        if (word.kind() != ValueKind::kText)
            refuse(cat("Word ", i + 1, " is ", kind_name(word.kind()), ", not a text."));
        if (word.as_text().find('\0') != std::string_view::npos) refuse(cat("Word ", i + 1, " holds a NUL."));
        words.emplace_back(word.as_text());
    }
    return words;
}

std::optional<std::string> input_of(const Value& value) {
    if (value.is_null()) return std::nullopt;
    if (value.kind() != ValueKind::kText) refuse(cat("\"stdin\" is ", kind_name(value.kind()), ", not a text."));
    return std::string(value.as_text());
}

Value parse(std::string_view line, Arena& arena) {
    try {
        return parse_json_value(line, arena);
    } catch (const Error& error) {
        refuse(cat("It is not JSON: ", error.message, "."));
    }
}

}  // namespace

ServeRequest parse_request(std::string_view line) {
    Arena arena;
    const Value value = parse(line, arena);
    if (value.kind() != ValueKind::kMap) return {words_of(value), std::nullopt};
    const Value* argv = nullptr;
    const Value* input = nullptr;
    for (std::size_t i = 0; i < value.item_count(); i += 2) {
        const std::string_view key = value.items()[i].as_text();
        const Value*& member = key == "argv" ? argv : input;
        if (key != "argv" && key != "stdin") refuse(cat("It has a member ", quote(key), "."));
        if (member != nullptr) refuse(cat("It has ", quote(key), " twice."));
        member = &value.items()[i + 1];
    }
    if (argv == nullptr) refuse("It has no \"argv\".");
    return {words_of(*argv), input != nullptr ? input_of(*input) : std::nullopt};
}

}  // namespace dbfixture
