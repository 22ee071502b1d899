// SPDX-License-Identifier: MIT
#include "db/sqlite/image_tree.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/sqlite/image_header.h"

namespace dbfixture::sqlite {
namespace {

enum : std::uint8_t { kIndexInterior = 2, kTableInterior = 5, kIndexLeaf = 10, kTableLeaf = 13 };

constexpr std::size_t kReservedAt = 20;
constexpr std::size_t kVarintMost = 9;
constexpr std::uint64_t kLargestPayload = 0x7fffffff;

[[noreturn]] void fail(std::string detail) {
    throw Error(ErrorKind::kFailure, "damaged").with_detail(std::move(detail));
}

std::uint32_t get_be16(std::string_view page, std::size_t at) {
    return std::uint32_t{static_cast<unsigned char>(page[at])} << 8 | static_cast<unsigned char>(page[at + 1]);
}

// Moves `at` behind the number. False if that is behind the end.
bool get_varint(std::string_view page, std::size_t& at, std::uint64_t& value) {
    value = 0;
    for (int i = 0; i < 9; ++i) {
        if (at >= page.size()) return false;
        const auto byte = static_cast<unsigned char>(page[at++]);
        if (i == 8) {
            value = value << 8 | byte;
            return true;
        }
        value = value << 7 | (byte & 0x7fU);
        if ((byte & 0x80U) == 0) return true;
    }
    return true;
}

}  // namespace

struct ImageTrees::Page {
    std::uint32_t number;
    std::uint8_t type;
    std::uint32_t cells;
    std::size_t pointers;  // where the cell pointers begin
    std::string_view bytes;
};

// Mapped, since reading page by page costs more than looking at what is read.
ImageTrees::Mapping::Mapping(const PosixFile& file) : size_(static_cast<std::size_t>(file.size())), start_(MAP_FAILED) {
    if (size_ < kHeaderSize) fail("It does not begin as an SQLite database does.");
    start_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.descriptor(), 0);
    if (start_ == MAP_FAILED) {
        throw Error(ErrorKind::kFailure, cat("could not read ", quote(file.path(), 200), ": ", system_words(errno)));
    }
}

ImageTrees::Mapping::~Mapping() {
    ::munmap(start_, size_);
}

ImageTrees::ImageTrees(const PosixFile& file) : mapping_(file), file_(mapping_.bytes()) {
    const auto header = parse_header(file_.substr(0, kHeaderSize));
    if (!header) fail("It does not begin as an SQLite database does.");
    page_size_ = header->page_size;
    usable_ = page_size_ - static_cast<unsigned char>(file_[kReservedAt]);
    pages_ = static_cast<std::uint32_t>(file_.size() / page_size_);
    seen_.resize(std::size_t{pages_} + 1);
}

// The page, which nothing else may use.
std::string_view ImageTrees::claim(std::uint32_t number) {
    if (number == 0 || number > pages_ || number == lock_page(page_size_)) {
        fail(cat("Page ", number, " is wanted, and there are ", pages_, "."));
    }
    if (seen_[number]) fail(cat("Page ", number, " is used twice."));
    seen_[number] = true;
    return file_.substr(std::size_t{number - 1} * page_size_, page_size_);
}

std::uint64_t ImageTrees::visit(std::uint32_t root, TreeKind kind) {
    std::uint64_t entries = 0;
    todo_.assign(1, root);
    for (std::uint64_t count = 1; !todo_.empty(); ++count) {
        if (count % 1024 == 0) check_interrupt();
        const std::uint32_t number = todo_.back();
        todo_.pop_back();
        const std::string_view bytes = claim(number);
        const std::size_t start = number == 1 ? kHeaderSize : 0;
        Page page{.number = number,
                  .type = static_cast<std::uint8_t>(bytes[start]),
                  .cells = get_be16(bytes, start + 3),
                  .pointers = start + 8,
                  .bytes = bytes.substr(0, usable_)};
        const bool table = page.type == kTableLeaf || page.type == kTableInterior;
        const bool index = page.type == kIndexLeaf || page.type == kIndexInterior;
        if (kind == TreeKind::kEither && table) kind = TreeKind::kTable;
        if (kind == TreeKind::kEither && index) kind = TreeKind::kIndex;
        if (kind == TreeKind::kTable ? !table : !index) {
            fail(cat("Page ", number, " is not a page of ", kind == TreeKind::kIndex ? "an index." : "a table."));
        }
        const bool leaf = page.type == kTableLeaf || page.type == kIndexLeaf;
        if (!leaf) {
            todo_.push_back(get_be32(bytes.data() + page.pointers));
            page.pointers += 4;
        }
        if (leaf || index) entries += page.cells;
        visit_cells(page);
    }
    return entries;
}

void ImageTrees::visit_cells(const Page& page) {
    const std::size_t content = page.pointers + std::size_t{2} * page.cells;
    if (content > page.bytes.size()) fail(cat("Page ", page.number, " counts more entries than it can hold."));
    const bool interior = page.type == kTableInterior || page.type == kIndexInterior;
    const std::uint64_t least = (usable_ - 12) * 32 / 255 - 23;
    const std::uint64_t most = page.type == kTableLeaf ? usable_ - 35 : (usable_ - 12) * 64 / 255 - 23;
    for (std::uint32_t i = 0; i < page.cells; ++i) {
        std::size_t at = get_be16(page.bytes, page.pointers + std::size_t{2} * i);
        bool good = at >= content && at + 4 <= page.bytes.size();
        if (good && interior) {
            todo_.push_back(get_be32(page.bytes.data() + at));
            at += 4;
        }
        // Nearly all are small and far from the end.
        const auto first = good ? static_cast<unsigned char>(page.bytes[at]) : 0x80U;
        if (first < 0x80U && first <= most && at + kVarintMost + 1 + first <= page.bytes.size()) continue;
        std::uint64_t payload = 0, key = 0;
        good = good && get_varint(page.bytes, at, payload);  // in an interior page of a table, that is the key
        if (page.type == kTableInterior && good) continue;
        if (page.type == kTableLeaf) good = good && get_varint(page.bytes, at, key);
        std::uint64_t local = payload;
        if (payload > most) {
            local = least + (payload - least) % (usable_ - 4);
            if (local > most) local = least;
        }
        const std::size_t end = at + local + (local < payload ? 4 : 0);
        if (!good || payload > kLargestPayload || end > page.bytes.size()) {
            fail(cat("Page ", page.number, " has an entry that does not fit into it."));
        }
        if (local < payload) follow_overflow(get_be32(page.bytes.data() + at + local), payload - local);
    }
}

void ImageTrees::follow_overflow(std::uint32_t number, std::uint64_t bytes) {
    const std::uint64_t room = usable_ - 4;
    for (std::uint64_t left = bytes; left > 0; left -= std::min(left, room)) {
        number = get_be32(claim(number).data());
    }
    if (number != 0) fail(cat("Page ", number, " follows the end of an entry."));
}

}  // namespace dbfixture::sqlite
