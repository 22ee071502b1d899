// SPDX-License-Identifier: MIT
// The first 100 bytes of an SQLite database, as far as snapshot and restore need them (SQLite's file format, 1.3).
// Pure functions on bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dbfixture::sqlite {

constexpr std::size_t kHeaderSize = 100;
constexpr std::uint64_t kLockByte = 0x40000000;  // SQLite locks from here on; the page that holds it has no content

struct DatabaseHeader {
    std::uint32_t page_size = 0;
    bool wal = false;
    std::uint32_t change_counter = 0;
    std::uint32_t pages = 0;  // 0 where the header does not say, or says what an old writer left behind
    std::uint32_t schema_cookie = 0;
};

// Nothing if these bytes do not begin a database.
std::optional<DatabaseHeader> parse_header(std::string_view bytes);

// How many pages a file of that size has, the last perhaps in part.
std::uint32_t pages_in_file(const DatabaseHeader& header, std::uint64_t file_size);

// How many pages SQLite sees in a file of that size.
std::uint32_t logical_pages(const DatabaseHeader& header, std::uint64_t file_size);

// The number, from 1, of the page that holds the lock bytes.
std::uint32_t lock_page(std::uint32_t page_size);

std::uint32_t get_be32(const char* at);
void put_be32(char* at, std::uint32_t value);

// Fields of page 1 to be set; `page` has at least kHeaderSize bytes.
void set_wal(char* page, bool wal);
void set_change_counter(char* page, std::uint32_t counter);  // and says that the header's page count is valid for it
void set_page_count(char* page, std::uint32_t pages);
void set_schema_cookie(char* page, std::uint32_t cookie);

// Sets to zero what a restore never takes from the image: journal mode, counters, schema cookie, writer's version.
void mask_header(char* page);

}  // namespace dbfixture::sqlite
