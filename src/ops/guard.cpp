// SPDX-License-Identifier: MIT
#include "ops/guard.h"

#include "base/cat.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"

namespace dbfixture {
namespace {

// The first of `words` in `text`; "" if there is none. Beyond ASCII everything counts as a letter.
std::string_view find_word(const std::string& text, std::initializer_list<std::string_view> words) {
    const std::string lower = to_lower(text);
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; };
    for (std::size_t at = 0; at < lower.size(); ++at) {
        std::size_t end = at;
        while (end < lower.size() && is_letter(lower[end]))
            ++end;
        for (const std::string_view word : words) {
            if (word == std::string_view(lower).substr(at, end - at)) return word;
        }
        at = end;
    }
    return {};
}

std::string_view guarded_word(const std::string& text) {
    return find_word(text, {"prod", "production", "live"});
}

bool is_on_server(const DatabaseIdentity& database) {
    return database.file.empty() && !database.id.empty();
}

// Why this database needs its name retyped; "" if it does not.
std::string protection(const GuardRequest& request) {
    if (request.is_protected == false) return {};
    if (request.is_protected == true) return "The config says protected: true.";
    if (const auto word = guarded_word(request.alias); !word.empty())
        return cat("The alias ", quote(request.alias), " has the word \"", word, "\".");
    for (const DatabaseName& name : request.database.names) {
        if (const auto word = guarded_word(name.text); !word.empty())
            return cat("The ", name.what, " ", quote(name.text, 200), " has the word \"", word, "\".");
    }
    if (!request.valuable.empty()) return request.valuable;
    const bool given_up = request.disposable || request.says_disposable ||
                          !find_word(request.database.name, {"test", "tests", "testing"}).empty();
    if (is_on_server(request.database) && !given_up) {
        return cat("It is on a server, its name ", quote(request.database.name, 200),
                   " has no word \"test\", and the config does not say disposable: true.");
    }
    return {};
}

bool is_throwaway(const GuardRequest& request) {
    return request.is_throwaway && request.is_throwaway();
}

[[noreturn]] void refuse(const GuardRequest& request, const std::string& why, const std::string& override_option) {
    throw Error(ErrorKind::kRefused, cat("refused to ", request.action, " ", quote(request.database.shown, 200)))
        .with_detail(cat(why, " This would lose ", request.loss(), "."))
        .with_hint(cat("if you mean it: ", request.command, " ", override_option, request.command_end));
}

std::string confirm_option(const GuardRequest& request) {
    return cat("--confirm ", shell_word(confirmation_name(request)));
}

// Whether --confirm was given, and right.
bool is_confirmed(const GuardRequest& request) {
    if (!request.confirm) return false;
    const std::string name = confirmation_name(request);
    if (*request.confirm == name || *request.confirm == request.database.given_name) return true;
    refuse(request, cat("--confirm says ", quote(*request.confirm), ", the database is ", quote(name, 200), "."),
           confirm_option(request));
}

}  // namespace

std::string confirmation_name(const GuardRequest& request) {
    return request.database.name.empty() ? request.database.shown : request.database.name;
}

void require_unprotected(const GuardRequest& request) {
    if (is_confirmed(request)) return;
    const std::string why = protection(request);
    if (!why.empty() && !is_throwaway(request)) refuse(request, why, confirm_option(request));
}

void require_consent(const GuardRequest& request) {
    require_unprotected(request);
    if (request.confirm || request.no_input || request.disposable || is_throwaway(request)) return;
    if (!request.ask) refuse(request, "There is no terminal to ask on, and that never means yes.", "--no-input");
    const std::string answer =
        to_lower(request.ask(cat("About to ", request.action, " ", quote(request.database.shown, 200), ": ",
                                 request.loss(), " will be lost. Type yes to go on: ")));
    if (answer != "yes" && answer != "y") refuse(request, "The answer was not yes.", "--no-input");
}

}  // namespace dbfixture
