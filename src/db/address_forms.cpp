// SPDX-License-Identifier: MIT
#include "db/address_forms.h"

#include <algorithm>
#include <array>

#include "base/cat.h"
#include "base/error.h"
#include "base/percent.h"
#include "base/text.h"
#include "db/engine.h"
#include "db/open.h"

namespace dbfixture {
namespace {

using std::string_view_literals::operator""sv;

// What only databases on a server have, or only those that are files.
constexpr std::array kServerForms = {"host"sv, "port"sv, "user"sv, "password"sv, "dbname"sv};
constexpr std::array kFileForms = {"path"sv, "rails"sv, "prisma"sv};

std::vector<std::string> names_of(const Engine& engine) {
    std::vector<std::string> out;
    for (const AddressForm& form : engine.addresses)
        out.emplace_back(form.name);
    return out;
}

const AddressForm& find_form(const Engine& engine, std::string_view name, std::string_view variable) {
    const auto found = std::ranges::find(engine.addresses, name, &AddressForm::name);
    if (found != engine.addresses.end()) return *found;
    const bool in_file = engine.address == nullptr;
    if (std::ranges::find(kServerForms, name) != kServerForms.end() ||
        std::ranges::find(kFileForms, name) != kFileForms.end()) {
        throw Error(ErrorKind::kUsage, cat("a database ", in_file ? "in a file" : "on a server", " has no ",
                                           quote(name), " for ", printable(variable, 60)))
            .with_hint(cat("the forms of a ", in_file ? "file" : "server", " are ", quote_list(names_of(engine))));
    }
    const std::vector<std::string> all = address_forms(engine);
    throw Error(ErrorKind::kUsage, cat("unknown form ", quote(name), " for ", printable(variable, 60)))
        .with_detail(cat("The forms are ", quote_list(all), "."))
        .with_hint(did_you_mean(name, all));
}

}  // namespace

std::vector<std::string> address_forms(const Engine& engine) {
    std::vector<std::string> out = names_of(engine);
    const auto add = [&out](const auto& forms) {
        for (const std::string_view form : forms) {
            if (std::ranges::find(out, form) == out.end()) out.emplace_back(form);
        }
    };
    add(kFileForms);
    add(kServerForms);
    return out;
}

void check_form(const Engine& engine, std::string_view form, std::string_view variable) {
    find_form(engine, form, variable);
}

std::string database_address(const Location& database, std::string_view form, std::string_view variable) {
    const AddressForm& found = find_form(*database.engine, form, variable);
    if (database.engine->address != nullptr) return database.engine->address(database, found.name);
    const std::string file = identify(database).file;
    if (found.ends_at_query && file.find('?') != std::string::npos) {
        throw Error(ErrorKind::kUsage,
                    cat("the form ", quote(form), " for ", printable(variable, 60), " cannot say this path"))
            .with_detail(cat("The path ", quote(file, 200), " has a \"?\"."))
            .with_hint("use the form \"path\" or \"url\"");
    }
    return cat(found.before, found.encoded ? percent_encode(file) : file);
}

}  // namespace dbfixture
