// SPDX-License-Identifier: MIT
#include "db/address_forms.h"

#include <algorithm>
#include <array>

#include "base/cat.h"
#include "base/error.h"
#include "base/percent.h"
#include "base/text.h"
#include "db/engine.h"

namespace dbfixture {
namespace {

using std::string_view_literals::operator""sv;

// What only databases on a server have.
constexpr std::array kServerForms = {"host"sv, "port"sv, "user"sv, "dbname"sv};

std::vector<std::string> names_of(const Engine& engine) {
    std::vector<std::string> out;
    for (const AddressForm& form : engine.addresses)
        out.emplace_back(form.name);
    return out;
}

const AddressForm& find_form(const Engine& engine, std::string_view name, std::string_view variable) {
    const auto found = std::ranges::find(engine.addresses, name, &AddressForm::name);
    if (found != engine.addresses.end()) return *found;
    if (std::ranges::find(kServerForms, name) != kServerForms.end()) {
        throw Error(ErrorKind::kUsage,
                    cat("a database in a file has no ", quote(name), " for ", printable(variable, 60)))
            .with_hint(cat("the forms of a file are ", quote_list(names_of(engine))));
    }
    const std::vector<std::string> all = address_forms(engine);
    throw Error(ErrorKind::kUsage, cat("unknown form ", quote(name), " for ", printable(variable, 60)))
        .with_detail(cat("The forms are ", quote_list(all), "."))
        .with_hint(did_you_mean(name, all));
}

}  // namespace

std::vector<std::string> address_forms(const Engine& engine) {
    std::vector<std::string> out = names_of(engine);
    out.insert(out.end(), kServerForms.begin(), kServerForms.end());
    return out;
}

void check_file_form(const Engine& engine, std::string_view form, std::string_view variable) {
    find_form(engine, form, variable);
}

std::string file_address(const Engine& engine, std::string_view form, std::string_view variable,
                         const std::string& file) {
    const AddressForm& found = find_form(engine, form, variable);
    if (found.ends_at_query && file.find('?') != std::string::npos) {
        throw Error(ErrorKind::kUsage,
                    cat("the form ", quote(form), " for ", printable(variable, 60), " cannot say this path"))
            .with_detail(cat("The path ", quote(file, 200), " has a \"?\"."))
            .with_hint("use the form \"path\" or \"url\"");
    }
    return cat(found.before, found.encoded ? percent_encode(file) : file);
}

}  // namespace dbfixture
