// SPDX-License-Identifier: MIT
// What the config file says for one layout; only that layout knows what is in it.
#pragma once

#include <map>
#include <memory>
#include <string>

namespace dbfixture {

class LayoutConfig {
  public:
    LayoutConfig() = default;
    LayoutConfig(const LayoutConfig&) = default;
    LayoutConfig(LayoutConfig&&) = default;
    LayoutConfig& operator=(const LayoutConfig&) = default;
    LayoutConfig& operator=(LayoutConfig&&) = default;
    virtual ~LayoutConfig() = default;
};

using LayoutConfigs = std::map<std::string, std::shared_ptr<const LayoutConfig>, std::less<>>;  // by LayoutKind::name

}  // namespace dbfixture
