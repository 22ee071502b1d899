// SPDX-License-Identifier: MIT
#include "ops/guard.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"

namespace dbfixture {
namespace {

// The file's name as typed, and as the file it leads to is called.
std::vector<std::string> names_of(const std::string& database) {
    std::vector<std::string> names = {confirmation_name(database)};
    std::error_code code;
    const std::filesystem::path real = std::filesystem::weakly_canonical(database, code);
    if (!code && real.filename() != names[0]) names.push_back(real.filename().string());
    return names;
}

// Why this database needs its name retyped; "" if it does not.
std::string protection(const GuardRequest& request) {
    if (request.is_protected) return "The config says protected: true.";
    for (const std::string& name : names_of(request.database)) {
        for (const std::string_view part : {"prod", "live"}) {
            if (to_lower(name).find(part) != std::string::npos) {
                return cat("The name ", quote(name), " contains \"", part, "\".");
            }
        }
    }
    return {};
}

}  // namespace

std::string confirmation_name(const std::string& database) {
    const std::string name = std::filesystem::path(database).filename().string();
    return name.empty() ? database : name;
}

void require_consent(const GuardRequest& request) {
    const std::string name = confirmation_name(request.database);
    const auto refuse = [&](const std::string& why, const std::string& override_option) {
        throw Error(ErrorKind::kRefused, cat("refused to ", request.action, " ", quote(request.database, 200)))
            .with_detail(cat(why, " This would lose ", request.loss, "."))
            .with_hint(cat("if you mean it: ", request.command, " ", override_option));
    };
    const std::string confirm_option = cat("--confirm ", shell_word(name));
    if (request.confirm && *request.confirm != name) {
        refuse(cat("--confirm says ", quote(*request.confirm), ", the database is ", quote(name), "."), confirm_option);
    }
    if (request.confirm) return;
    const std::string protected_by = protection(request);
    if (!protected_by.empty()) refuse(protected_by, confirm_option);
    if (request.no_input) return;
    if (!request.ask) refuse("There is no terminal to ask on, and that never means yes.", "--no-input");
    const std::string answer = to_lower(request.ask(cat("About to ", request.action, " ", quote(request.database, 200),
                                                        ": ", request.loss, " will be lost. Type yes to go on: ")));
    if (answer != "yes" && answer != "y") refuse("The answer was not yes.", "--no-input");
}

}  // namespace dbfixture
