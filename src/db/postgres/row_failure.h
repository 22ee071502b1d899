// SPDX-License-Identifier: MIT
// What the server refused about a row, in plain words, with the record's place.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "db/postgres/diagnostics.h"
#include "db/postgres/load_context.h"

namespace dbfixture::postgres {

// A row as it was sent: the text of each column, nothing for NULL.
struct SentRow {
    struct Field {
        bool given = false;
        std::optional<std::string> text{};
        std::uint32_t line = 0;  // of the fixture; 0 where it is not known
    };
    std::size_t table = 0;
    std::optional<Origin> origin{};
    std::vector<Field> fields;            // one for each column of the table
    std::optional<std::size_t> blamed{};  // the column that the server named, where COPY's own words tell
};

// Where COPY stopped: "COPY t, line 7, column c: ...". 0 where the server did not say.
struct CopyPlace {
    std::uint64_t line = 0;
    std::string_view column;  // and what follows; begins with the column's name
};
CopyPlace copy_place(std::string_view context);

// Anything but kInput comes back as it is.
Error row_failure(const LoadContext& context, const SentRow& row, const PgError& error);

// "pk=7", "pk=[1, \"a\"]"; "" if part of the key is not given.
std::string describe_key(const LoadContext& context, const SentRow& row);
// Of key values as the server writes them.
std::string describe_key(const LoadContext& context, std::size_t table, const std::vector<std::string>& key);
// A value of a column as the server writes it, for messages.
std::string describe_text(const LoadContext& context, std::size_t table, std::size_t column, std::string_view text);

}  // namespace dbfixture::postgres
