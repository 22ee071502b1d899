// SPDX-License-Identifier: MIT
#include "state/run_id.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "base/cat.h"
#include "base/processes.h"

namespace dbfixture {
namespace {

constexpr std::size_t kIdSize = 16;

std::string inherited() {
    const char* value = std::getenv(std::string(kRunVariable).c_str());
    return value == nullptr ? "" : value;
}

}  // namespace

std::string new_run_id() {
    std::random_device random;
    std::array<char, kIdSize + 1> id{};
    std::snprintf(id.data(), id.size(), "%08x%08x", random(), random());
    return id.data();
}

bool is_run_id(std::string_view text) {
    return text.size() == kIdSize && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool belongs_to_run(std::string_view id) {
    return has_item(inherited(), id);
}

std::string run_variable(std::string_view id) {
    const std::string outer = inherited();
    return cat(outer, outer.empty() ? "" : ":", id);
}

std::vector<std::string> processes_of_run(std::string_view id) {
    std::vector<std::string> out;
    for (const int number : find_processes(kRunVariable, id))
        out.push_back(describe_process(number));
    return out;
}

}  // namespace dbfixture
