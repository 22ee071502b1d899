// SPDX-License-Identifier: MIT
// The text format of COPY: fields between tabs, "\N" for NULL, backslashes before what would be read otherwise.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbfixture::postgres {

inline constexpr std::string_view kCopyNull = "\\N";

// One field, escaped; the caller writes tabs between fields and a line end behind the last.
void append_copy_field(std::string& out, std::string_view text);

// Takes a line without its line end apart.
class CopyFields {
  public:
    // Fields are valid until the next call, and as long as `line`. Nothing is NULL.
    const std::vector<std::optional<std::string_view>>& split(std::string_view line);

  private:
    bool split_at_tabs(std::string_view line);

    std::vector<std::optional<std::string_view>> fields_;
    std::string unescaped_;
};

}  // namespace dbfixture::postgres
