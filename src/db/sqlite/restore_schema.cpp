// SPDX-License-Identifier: MIT
#include "db/sqlite/restore_schema.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "db/sqlite/image_header.h"

namespace dbfixture::sqlite {
namespace {

constexpr std::size_t kMostPages = 10'000;  // of a schema; one that is damaged may go in circles
constexpr std::size_t kReservedAt = 20;
constexpr unsigned char kInteriorPage = 5, kLeafPage = 13;

unsigned byte_at(std::string_view page, std::size_t at) {
    return static_cast<unsigned char>(page[at]);
}

std::size_t number_at(std::string_view page, std::size_t at) {
    return byte_at(page, at) << 8 | byte_at(page, at + 1);
}

// Of a leaf: whether the entry lies in it whole. Two bytes tell sizes that fit into most pages.
bool is_whole(std::string_view usable, std::size_t at) {
    const unsigned first = byte_at(usable, at), second = byte_at(usable, at + 1);
    if (first >= 0x80U && second >= 0x80U) return false;
    const std::size_t size = first < 0x80U ? first : (first & 0x7fU) << 7 | second;
    return size + 35 <= usable.size();
}

// Adds the pages below an interior page to `todo`. `start`: where the page's header is.
bool visit(std::string_view usable, std::size_t start, std::vector<std::uint32_t>& todo) {
    const unsigned type = byte_at(usable, start);
    if (type != kInteriorPage && type != kLeafPage) return false;
    const std::size_t cells = number_at(usable, start + 3);
    const std::size_t pointers = start + (type == kLeafPage ? 8 : 12);
    if (pointers + 2 * cells > usable.size()) return false;
    if (type == kInteriorPage) todo.push_back(get_be32(usable.data() + start + 8));
    for (std::size_t i = 0; i < cells; ++i) {
        const std::size_t at = number_at(usable, pointers + 2 * i);
        if (at + 4 > usable.size()) return false;
        if (type == kInteriorPage) {
            todo.push_back(get_be32(usable.data() + at));
        } else if (!is_whole(usable, at)) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool keeps_schema_pages(const LiveFile& live, const ImageSource& image, const PageDifference& difference) {
    if (!difference.same_page_size || !difference.same_start) return false;
    const std::uint32_t page_size = live.header.page_size;
    const std::uint64_t most = std::min<std::uint64_t>(live.pages, image.size() / page_size);
    const std::unique_ptr<char[]> page(new char[page_size]);
    std::size_t usable = page_size;
    std::vector<std::uint32_t> todo = {1};
    for (std::size_t count = 0; !todo.empty(); ++count) {
        const std::uint32_t number = todo.back();
        todo.pop_back();
        if (number == 0 || number > most || count == kMostPages) return false;
        if (number != 1 && std::ranges::binary_search(difference.pages, number)) return false;
        read_live(live, page.get(), page_size, std::uint64_t{number - 1} * page_size);
        if (number == 1) usable -= byte_at({page.get(), page_size}, kReservedAt);
        if (!visit({page.get(), usable}, number == 1 ? kHeaderSize : 0, todo)) return false;
    }
    return true;
}

}  // namespace dbfixture::sqlite
