// SPDX-License-Identifier: MIT
#include "complete_question.h"

#include <algorithm>
#include <utility>

#include "base/cat.h"
#include "cli.h"

namespace dbfixture {
namespace {

// Calls `take` with each part of `text` between separators, until it returns true. Whether it did.
template <typename Take>
bool any_part(std::string_view text, std::string_view separator, Take&& take) {
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        if (take(text.substr(begin, end - begin))) return true;
        begin = end + separator.size();
    }
    return false;
}

const OptionInfo* find_option(const std::vector<OptionInfo>& options, std::string_view name) {
    for (const OptionInfo& option : options) {
        if (any_part(option.names, ", ", [&](std::string_view one) { return one == name; })) return &option;
    }
    return nullptr;
}

bool is_flag(const OptionInfo& option) {
    return option.value.empty() || option.value.starts_with("[=");
}

std::string last_name(const OptionInfo& option) {
    return option.names.substr(option.names.rfind(' ') + 1);
}

// "[LABEL...]" -> "LABEL", "[=LABEL,...|all]" -> "LABEL,...|all"
std::string bare(std::string_view word) {
    if (word.starts_with('[')) word.remove_prefix(1);
    if (word.starts_with('=')) word.remove_prefix(1);
    if (word.ends_with(']')) word.remove_suffix(1);
    if (word.ends_with("...")) word.remove_suffix(3);
    return std::string(word);
}

// What the usage line calls the argument of that number; the last one may be repeated.
std::string argument_name(std::string_view usage, std::size_t number) {
    std::string found, last;
    std::size_t count = 0;
    if (usage.starts_with("--")) return {};
    any_part(usage, " ", [&](std::string_view word) {
        last = word.find("...") != std::string_view::npos ? bare(word) : "";
        if (count++ == number) found = bare(word);
        return false;
    });
    return found.empty() ? last : found;
}

class Reader {
  public:
    Reader() : known_(describe_global_options()) {}

    void take(const std::string& word) {
        if (pending_ != nullptr) return take_value(*std::exchange(pending_, nullptr), word);
        if (!ended_ && word == "--") {
            ended_ = true;
        } else if (is_option(word)) {
            take_option(word);
        } else if (!named_) {
            named_ = true;
            question.command = find_command(word);
            if (question.command != nullptr) known_ = describe_command(*question.command).options;
        } else {
            question.arguments.push_back(word);
        }
    }

    void finish(const std::string& word) {
        question.begun = word;
        if (pending_ != nullptr) {
            question.what = pending_->value;
        } else if (is_option(word) || (word == "-" && !ended_)) {
            finish_option(word);
        } else if (!named_) {
            question.what = "COMMAND";
        } else if (question.command == nullptr) {
            question.what = "";
        } else if (ended_ && question.command->arguments.starts_with("--")) {
            question.what = CompletionQuestion::kProgram;
        } else {
            question.what = argument_name(question.command->arguments, question.arguments.size());
            if (question.what == "NAME") question.what = "SNAPSHOT";
        }
    }

    CompletionQuestion question;

  private:
    // "-" is standard input, "-1" a number.
    bool is_option(std::string_view word) const {
        return !ended_ && word.size() > 1 && word[0] == '-' && (word[1] < '0' || word[1] > '9');
    }

    void take_value(const OptionInfo& option, std::string_view value) {
        question.options[last_name(option)].emplace_back(value);
    }

    void take_option(std::string_view word) {
        if (word.starts_with("--")) {
            const std::size_t equals = word.find('=');
            const OptionInfo* option = find_option(known_, word.substr(0, equals));
            if (option == nullptr) return;
            if (equals != std::string_view::npos) return take_value(*option, word.substr(equals + 1));
            pending_ = is_flag(*option) ? nullptr : option;
            return;
        }
        for (std::size_t i = 1; i < word.size(); ++i) {
            const OptionInfo* option = find_option(known_, cat("-", word[i]));
            if (option == nullptr || is_flag(*option)) continue;
            if (i + 1 < word.size()) return take_value(*option, word.substr(i + 1));
            pending_ = option;
        }
    }

    void finish_option(const std::string& word) {
        const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
        const bool attached = word.size() > 2 && word[1] != '-';
        const std::size_t end = equals != std::string::npos ? equals + 1 : attached ? 2 : 0;
        const OptionInfo* option = end == 0 ? nullptr : find_option(known_, word.substr(0, attached ? 2 : equals));
        if (option == nullptr || option->value.empty()) {
            question.what = end == 0 ? CompletionQuestion::kOptions : "";
            return;
        }
        question.what = bare(option->value);
        question.before = word.substr(0, end);
        question.begun = word.substr(end);
    }

    std::vector<OptionInfo> known_;
    const OptionInfo* pending_ = nullptr;  // its value is the next word
    bool named_ = false;
    bool ended_ = false;  // behind "--"
};

}  // namespace

std::string CompletionQuestion::value_of(const std::string& option) const {
    const auto found = options.find(option);
    return found == options.end() ? "" : found->second.back();
}

CompletionQuestion read_question(const std::vector<std::string>& words) {
    Reader reader;
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
        reader.take(words[i]);
    reader.finish(words.empty() ? "" : words.back());
    return std::move(reader.question);
}

}  // namespace dbfixture
