// SPDX-License-Identifier: MIT
#include "db/file_texts.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"

namespace dbfixture {
namespace {

constexpr std::size_t kFirstSlots = 1024;

[[noreturn]] void fail() {
    throw Error(ErrorKind::kFailure, cat("could not write a temporary file: ", system_words(errno)));
}

template <typename File>
void open_if_new(File& file) {
    if (!file) file.reset(std::tmpfile());
    if (!file) fail();
}

std::uint64_t key_of(int kind, std::uint64_t hash) {
    std::uint64_t key = (hash ^ (static_cast<std::uint64_t>(kind) * 0x9E3779B97F4A7C15U)) * 0xD6E8FEB86659FD93U;
    key ^= key >> 32;
    return key * 0xD6E8FEB86659FD93U;
}

}  // namespace

FileTexts::~FileTexts() {
    if (marks_ != nullptr) ::munmap(marks_, slots_ * sizeof(Mark));
}

void FileTexts::write_place(std::int64_t number, const Place& place) {
    open_if_new(places_);
    if (::fseeko(places_.get(), (number - 1) * static_cast<off_t>(sizeof place), SEEK_SET) != 0 ||
        std::fwrite(&place, sizeof place, 1, places_.get()) != 1)
        fail();
}

FileTexts::Place FileTexts::read_place(std::int64_t number) {
    Place place = {-1, 0};
    if (number < 1 || number > last_) return place;
    if (::fseeko(places_.get(), (number - 1) * static_cast<off_t>(sizeof place), SEEK_SET) != 0 ||
        std::fread(&place, sizeof place, 1, places_.get()) != 1)
        fail();
    return place;
}

std::int64_t FileTexts::add(std::string_view text) {
    replace(++last_, text);
    return last_;
}

void FileTexts::replace(std::int64_t number, std::string_view text) {
    open_if_new(texts_);
    if (::fseeko(texts_.get(), end_, SEEK_SET) != 0 ||
        std::fwrite(text.data(), 1, text.size(), texts_.get()) != text.size())
        fail();
    write_place(number, {end_, text.size()});
    end_ += static_cast<std::int64_t>(text.size());
}

void FileTexts::remove(std::int64_t number) {
    if (number >= 1 && number <= last_) write_place(number, {-1, 0});
}

std::optional<std::string> FileTexts::get(std::int64_t number) {
    const Place place = read_place(number);
    if (place.offset < 0) return std::nullopt;
    std::string text(place.size, '\0');
    if (::fseeko(texts_.get(), place.offset, SEEK_SET) != 0 ||
        std::fread(text.data(), 1, text.size(), texts_.get()) != text.size())
        fail();
    return text;
}

// False if it was there.
bool FileTexts::insert(Mark* slots, std::size_t count, const Mark& mark) {
    std::size_t at = mark.key & (count - 1);
    for (; slots[at].number != 0; at = (at + 1) & (count - 1)) {
        if (slots[at].key == mark.key && slots[at].number == mark.number) return false;
    }
    slots[at] = mark;
    return true;
}

void FileTexts::grow() {
    const std::size_t count = slots_ == 0 ? kFirstSlots : slots_ * 2;
    File file(std::tmpfile());
    if (!file || ::ftruncate(::fileno(file.get()), static_cast<off_t>(count * sizeof(Mark))) != 0) fail();
    void* const mapped =
        ::mmap(nullptr, count * sizeof(Mark), PROT_READ | PROT_WRITE, MAP_SHARED, ::fileno(file.get()), 0);
    if (mapped == MAP_FAILED) fail();
    auto* const slots = static_cast<Mark*>(mapped);
    for (std::size_t i = 0; i < slots_; ++i) {
        if (marks_[i].number != 0) insert(slots, count, marks_[i]);
    }
    if (marks_ != nullptr) ::munmap(marks_, slots_ * sizeof(Mark));
    marks_ = slots;
    slots_ = count;
    marks_file_ = std::move(file);
}

void FileTexts::mark(std::int64_t number, int kind, std::uint64_t hash) {
    if (2 * (used_ + 1) > slots_) grow();
    if (insert(marks_, slots_, {key_of(kind, hash), number})) ++used_;
}

std::vector<std::int64_t> FileTexts::find(int kind, std::uint64_t hash) {
    std::vector<std::int64_t> out;
    const std::uint64_t key = key_of(kind, hash);
    for (std::size_t at = key & (slots_ - 1); slots_ > 0 && marks_[at].number != 0; at = (at + 1) & (slots_ - 1)) {
        if (marks_[at].key == key) out.push_back(marks_[at].number);
    }
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace dbfixture
