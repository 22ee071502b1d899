// SPDX-License-Identifier: MIT
#include "db/sqlite/image_header.h"

#include <cstring>

namespace dbfixture::sqlite {
namespace {

constexpr std::string_view kMagic{"SQLite format 3\0", 16};

// Offsets within page 1.
enum : std::size_t {
    kPageSizeAt = 16,
    kWriteVersionAt = 18,
    kReadVersionAt = 19,
    kChangeCounterAt = 24,
    kPageCountAt = 28,
    kSchemaCookieAt = 40,
    kVersionValidForAt = 92,
    kWriterAt = 96
};

}  // namespace

std::uint32_t get_be32(const char* at) {
    const auto byte = [&](int i) { return std::uint32_t{static_cast<unsigned char>(at[i])}; };
    return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
}

void put_be32(char* at, std::uint32_t value) {
    for (int i = 3; i >= 0; --i, value >>= 8)
        at[i] = static_cast<char>(value & 0xff);
}

std::optional<DatabaseHeader> parse_header(std::string_view bytes) {
    if (bytes.size() < kHeaderSize || bytes.substr(0, kMagic.size()) != kMagic) return std::nullopt;
    const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };
    DatabaseHeader header;
    header.page_size = byte(kPageSizeAt) << 8 | byte(kPageSizeAt + 1);
    if (header.page_size == 1) header.page_size = 65536;
    if (header.page_size < 512 || (header.page_size & (header.page_size - 1)) != 0) return std::nullopt;
    header.wal = byte(kReadVersionAt) == 2;
    header.change_counter = get_be32(bytes.data() + kChangeCounterAt);
    header.schema_cookie = get_be32(bytes.data() + kSchemaCookieAt);
    if (header.change_counter == get_be32(bytes.data() + kVersionValidForAt)) {
        header.pages = get_be32(bytes.data() + kPageCountAt);
    }
    return header;
}

std::uint32_t pages_in_file(const DatabaseHeader& header, std::uint64_t file_size) {
    return static_cast<std::uint32_t>((file_size + header.page_size - 1) / header.page_size);
}

std::uint32_t logical_pages(const DatabaseHeader& header, std::uint64_t file_size) {
    return header.pages != 0 ? header.pages : pages_in_file(header, file_size);
}

std::uint32_t lock_page(std::uint32_t page_size) {
    return static_cast<std::uint32_t>(kLockByte / page_size) + 1;
}

void set_wal(char* page, bool wal) {
    page[kWriteVersionAt] = page[kReadVersionAt] = wal ? 2 : 1;
}

void set_change_counter(char* page, std::uint32_t counter) {
    put_be32(page + kChangeCounterAt, counter);
    put_be32(page + kVersionValidForAt, counter);
}

void set_page_count(char* page, std::uint32_t pages) {
    put_be32(page + kPageCountAt, pages);
}

void set_schema_cookie(char* page, std::uint32_t cookie) {
    put_be32(page + kSchemaCookieAt, cookie);
}

void mask_header(char* page) {
    page[kWriteVersionAt] = page[kReadVersionAt] = 0;
    for (const std::size_t at : {kChangeCounterAt, kPageCountAt, kSchemaCookieAt, kVersionValidForAt, kWriterAt}) {
        std::memset(page + at, 0, 4);
    }
}

}  // namespace dbfixture::sqlite
