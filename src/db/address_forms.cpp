// SPDX-License-Identifier: MIT
#include "db/address_forms.h"

#include <algorithm>
#include <array>

#include "base/cat.h"
#include "base/error.h"
#include "base/percent.h"
#include "base/text.h"

namespace dbfixture {
namespace {

// `before` stands before the path. Where a form decodes, its readers do: Django's and Ruby's URL parsers; SQLAlchemy
// and Prisma take the path as it stands, up to a "?".
struct AddressForm {
    std::string_view name;
    bool of_files = true;
    std::string_view before{};
    bool encoded = false;
    bool ends_at_query = false;
};

constexpr std::array kForms = {
    AddressForm{"path"},
    AddressForm{"url", true, "sqlite:///", true},
    AddressForm{"sqlalchemy", true, "sqlite:///", false, true},
    AddressForm{"rails", true, "sqlite3:", true},
    AddressForm{"prisma", true, "file:", false, true},
    AddressForm{"host", false},
    AddressForm{"port", false},
    AddressForm{"user", false},
    AddressForm{"dbname", false},
};

std::vector<std::string> names(bool with_servers) {
    std::vector<std::string> out;
    for (const AddressForm& form : kForms) {
        if (form.of_files || with_servers) out.emplace_back(form.name);
    }
    return out;
}

const AddressForm& find_form(std::string_view name, std::string_view variable) {
    const auto* const found = std::ranges::find(kForms, name, &AddressForm::name);
    if (found == kForms.end()) {
        throw Error(ErrorKind::kUsage, cat("unknown form ", quote(name), " for ", printable(variable, 60)))
            .with_detail(cat("The forms are ", quote_list(names(true)), "."))
            .with_hint(did_you_mean(name, names(true)));
    }
    if (!found->of_files) {
        throw Error(ErrorKind::kUsage,
                    cat("a database in a file has no ", quote(name), " for ", printable(variable, 60)))
            .with_hint(cat("the forms of a file are ", quote_list(names(false))));
    }
    return *found;
}

}  // namespace

std::vector<std::string> address_forms() {
    return names(true);
}

void check_file_form(std::string_view form, std::string_view variable) {
    find_form(form, variable);
}

std::string file_address(std::string_view form, std::string_view variable, const std::string& file) {
    const AddressForm& found = find_form(form, variable);
    if (found.ends_at_query && file.find('?') != std::string::npos) {
        throw Error(ErrorKind::kUsage,
                    cat("the form ", quote(form), " for ", printable(variable, 60), " cannot say this path"))
            .with_detail(cat("The path ", quote(file, 200), " has a \"?\"."))
            .with_hint("use the form \"path\" or \"url\"");
    }
    return cat(found.before, found.encoded ? percent_encode(file) : file);
}

}  // namespace dbfixture
