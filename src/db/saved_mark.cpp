// SPDX-License-Identifier: MIT
#include "db/saved_mark.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <random>

#include "base/cat.h"
#include "base/percent.h"
#include "base/posix_file.h"
#include "base/processes.h"

namespace dbfixture {
namespace {

// With links resolved, as far as it is there.
std::string absolute(const std::string& folder) {
    std::error_code failed;
    std::filesystem::path path = std::filesystem::weakly_canonical(folder, failed);
    if (failed) path = std::filesystem::absolute(folder, failed);
    std::string out = path.lexically_normal().string();
    while (out.size() > 1 && out.back() == '/')
        out.pop_back();
    return out;
}

// The name that a file is to have, of one that is still being written: ".dbfixture-NAME.tmp".
std::string_view final_name(std::string_view place) {
    std::string_view name = place.substr(place.rfind('/') + 1);
    constexpr std::string_view kBefore = ".dbfixture-", kBehind = ".tmp";
    if (name.starts_with(kBefore)) name.remove_prefix(kBefore.size());
    if (name.ends_with(kBehind)) name.remove_suffix(kBehind.size());
    return name;
}

std::string now() {
    const std::time_t time = std::time(nullptr);
    std::tm utc = {};
    ::gmtime_r(&time, &utc);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text.data();
}

std::string new_id() {
    std::random_device random;
    std::array<char, 9> id{};
    std::snprintf(id.data(), id.size(), "%08x", random());
    return id.data();
}

}  // namespace

std::string mark_start_of(const std::string& store) {
    return cat(kMarkStart, "\"host\": \"", percent_encode(host_name()), "\", \"store\": \"",
               percent_encode(absolute(store)), "\", ");
}

std::string mark_for(const std::string& place) {
    return cat(mark_start_of(folder_of(place)), "\"file\": \"", percent_encode(final_name(place)),
               "\", \"created\": \"", now(), "\"}");
}

std::string new_object_name(const std::string& place) {
    constexpr std::size_t kMostOfName = 30;
    std::string_view name = final_name(place);
    name = name.substr(0, name.find(".dbfixture."));
    if (name == final_name(place)) name = name.substr(0, name.rfind('.'));
    std::string part;
    for (const char c : name.substr(0, kMostOfName)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
        part += !plain ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return cat(kOwnPrefix, part, "_", new_id());
}

}  // namespace dbfixture
