// SPDX-License-Identifier: MIT
#include "ops/diff/put_by_file.h"

#include <cerrno>

#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"

namespace dbfixture {
namespace {

[[noreturn]] void fail() {
    throw Error(ErrorKind::kFailure, cat("could not use a temporary file: ", system_words(errno)));
}

std::uint64_t of_kind(int kind, std::uint64_t hash) {
    return hash * 31 + static_cast<std::uint64_t>(kind);
}

}  // namespace

PutByFile::Place PutByFile::append_text(std::string_view text) {
    if (!file_) file_.reset(std::tmpfile());
    if (!file_ || std::fseek(file_.get(), static_cast<long>(end_), SEEK_SET) != 0 ||
        std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size())
        fail();
    const Place place{end_, text.size(), false};
    end_ += text.size();
    return place;
}

std::int64_t PutByFile::add(std::string_view text) {
    places_.push_back(append_text(text));
    return static_cast<std::int64_t>(places_.size());
}

void PutByFile::replace(std::int64_t number, std::string_view text) {
    places_[static_cast<std::size_t>(number - 1)] = append_text(text);
}

void PutByFile::remove(std::int64_t number) {
    places_[static_cast<std::size_t>(number - 1)].removed = true;
}

std::optional<std::string> PutByFile::get(std::int64_t number) {
    const Place& place = places_[static_cast<std::size_t>(number - 1)];
    if (place.removed) return std::nullopt;
    std::string text(place.size, '\0');
    if (std::fseek(file_.get(), static_cast<long>(place.begin), SEEK_SET) != 0 ||
        std::fread(text.data(), 1, text.size(), file_.get()) != text.size())
        fail();
    return text;
}

void PutByFile::mark(std::int64_t number, int kind, std::uint64_t hash) {
    marks_.emplace(of_kind(kind, hash), number);
}

std::vector<std::int64_t> PutByFile::find(int kind, std::uint64_t hash) {
    std::vector<std::int64_t> out;
    const auto [begin, end] = marks_.equal_range(of_kind(kind, hash));
    for (auto at = begin; at != end; ++at)
        out.push_back(at->second);
    return out;
}

}  // namespace dbfixture
