// SPDX-License-Identifier: MIT
#include "db/postgres/sql_text.h"

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture::postgres {

std::string quote_identifier(std::string_view name) {
    return enclose(name, '"');
}

std::string quote_identifier(std::string_view schema, std::string_view name) {
    return cat(enclose(schema, '"'), ".", enclose(name, '"'));
}

std::string text_literal(std::string_view text) {
    return enclose(text, '\'');
}

}  // namespace dbfixture::postgres
