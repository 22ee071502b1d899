// SPDX-License-Identifier: MIT
// What is typed where no database belongs (`dbfixture inspect scheme://u:p@h/d`) is quoted by errors as anything else
// is. The passwords in it are not shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dbfixture {

class Secrets {
  public:
    Secrets() = default;
    // `words`: of the command line.
    explicit Secrets(const std::vector<std::string>& words);

    // `text` with "..." for each password that stands in it behind what stood before it in its word, whole or
    // shortened.
    std::string hide(std::string_view text) const;

  private:
    struct Secret {
        std::string before;  // never empty
        std::string value;
    };
    std::vector<Secret> secrets_;
};

}  // namespace dbfixture
