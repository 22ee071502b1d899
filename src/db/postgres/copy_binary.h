// SPDX-License-Identifier: MIT
// The binary format of COPY ... TO STDOUT, for tables of types that are read from it as easily as from their texts: the
// server then neither spells nor escapes them (a sixth of its work). A few others are asked for as texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "db/postgres/catalog.h"
#include "model/value.h"

namespace dbfixture::postgres {

// How the values of a column come.
struct BinaryForm {
    enum Kind : std::uint8_t {
        kText,
        kBoolean,
        kInt2,
        kInt4,
        kInt8,
        kOid,
        kFloat4,
        kFloat8,
        kUuid,
        kJsonb,
        kBytes,
        kDate,
        kTime,
        kTimestamp,
        kTimestampZone,
    };
    Kind kind = kText;
    bool cast = false;  // it has to be asked for as a text ("::text", which is what the server writes without)
};

// Nothing for a column that has to come in text format.
std::optional<BinaryForm> binary_form(const ColumnFacts& facts);

// A value as the server sent it, the same that read_value() makes of its text; points into `bytes` or `arena`.
Value read_binary_value(BinaryForm::Kind kind, ValueForm form, std::string_view bytes, Arena& arena);

// Takes what CopyOut gives of a row apart.
class BinaryFields {
  public:
    // False for what holds no row, the end of the copy. Fields are valid until the next call, and as long as `row`.
    // Nothing is NULL. Throws kFailure for what is none of these.
    bool split(std::string_view row);
    const std::vector<std::optional<std::string_view>>& fields() const { return fields_; }

  private:
    std::vector<std::optional<std::string_view>> fields_;
};

}  // namespace dbfixture::postgres
