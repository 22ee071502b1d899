// SPDX-License-Identifier: MIT
#include "db/sqlite/wal_append.h"

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "base/work.h"

namespace dbfixture::sqlite {
namespace {

constexpr std::uint32_t kVersion = 3007000;

// The index: regions of this size, each a list of page numbers and a hash table over it; the first begins with the
// header, twice, and what checkpoints need.
constexpr int kRegion = 32768;
constexpr std::uint32_t kInRegion = 4096;
constexpr std::uint32_t kSlots = 8192;
constexpr std::size_t kSlotsAt = 16384;
constexpr std::size_t kBackfilledAt = 96, kBackfillTriedAt = 128;
constexpr std::size_t kFirstListAt = 136;
constexpr std::uint32_t kInFirstRegion = kInRegion - kFirstListAt / 4;

struct IndexHeader {
    std::uint32_t version, unused, change;
    std::uint8_t is_init, big_endian;
    std::uint16_t page_size;  // 1 for 65536
    std::uint32_t frames, pages;
    std::uint32_t frame_sum[2];
    std::uint32_t salt[2];  // bytes as in the file
    std::uint32_t sum[2];
};
static_assert(sizeof(IndexHeader) == 48);

// SQLite's checksum, in the machine's own byte order, which the magic number tells.
void add_sum(std::uint32_t (&sum)[2], const char* bytes, std::size_t size) {
    std::uint32_t a = sum[0], b = sum[1];
    for (std::size_t at = 0; at < size; at += 8) {
        std::uint32_t words[2];
        std::memcpy(words, bytes + at, sizeof words);
        a += words[0] + b;
        b += words[1] + a;
    }
    sum[0] = a;
    sum[1] = b;
}

[[noreturn]] void fail(const LiveFile& live, std::string_view what, int code) {
    throw Error(ErrorKind::kFailure, cat("could not ", what, " the write-ahead log of ", quote(live.path, 200)))
        .with_detail(code == SQLITE_FULL ? "no space left on device" : sqlite3_errstr(code));
}

char* map_region(sqlite3_file* database, int region) {
    if (database->pMethods->iVersion < 2) return nullptr;
    volatile void* found = nullptr;
    const int code = database->pMethods->xShmMap(database, region, kRegion, 1, &found);
    return code == SQLITE_OK ? static_cast<char*>(const_cast<void*>(found)) : nullptr;
}

std::optional<IndexHeader> read_header(sqlite3_file* database) {
    const char* index = map_region(database, 0);
    if (index == nullptr) return std::nullopt;
    IndexHeader copies[2];
    std::memcpy(copies, index, sizeof copies);
    std::uint32_t sum[2] = {0, 0};
    add_sum(sum, reinterpret_cast<const char*>(&copies[0]), offsetof(IndexHeader, sum));
    if (std::memcmp(&copies[0], &copies[1], sizeof copies[0]) != 0 || copies[0].version != kVersion ||
        copies[0].is_init != 1 || copies[0].sum[0] != sum[0] || copies[0].sum[1] != sum[1]) {
        return std::nullopt;
    }
    return copies[0];
}

// What checkpoints note in the index, as it is while the WAL is empty.
bool nothing_is_backfilled(sqlite3_file* database) {
    const char* index = map_region(database, 0);
    std::uint32_t done = 1, tried = 1;
    std::memcpy(&done, index + kBackfilledAt, sizeof done);
    std::memcpy(&tried, index + kBackfillTriedAt, sizeof tried);
    return done == 0 && tried == 0;
}

// The WAL file from its start.
class Log {
  public:
    Log(const LiveFile& live, sqlite3_file* file) : live_(live), file_(file) {
        std::random_device random;
        std::string header;
        const bool big_endian = std::endian::native == std::endian::big;
        for (const std::uint32_t field :
             {0x377f0682U + (big_endian ? 1 : 0), kVersion, live.header.page_size, 0U, random(), random()}) {
            add(header, field);
        }
        std::memcpy(salt_, header.data() + 16, sizeof salt_);
        add_sum(sum_, header.data(), header.size());
        add(header, sum_[0]);
        add(header, sum_[1]);
        held_ = header;
    }

    // `pages` is the size of the database in the frame that commits, else 0.
    void add_frame(std::uint32_t number, std::uint32_t pages, std::string_view page) {
        std::string header;
        add(header, number);
        add(header, pages);
        add_sum(sum_, header.data(), header.size());
        add_sum(sum_, page.data(), page.size());
        header.append(reinterpret_cast<const char*>(salt_), sizeof salt_);
        add(header, sum_[0]);
        add(header, sum_[1]);
        held_ += header;
        held_ += page;
        if (held_.size() >= kHold) flush();
    }

    void finish() {
        flush();
        if (!live_.syncs) return;
        const int code = file_->pMethods->xSync(file_, SQLITE_SYNC_NORMAL);
        if (code != SQLITE_OK) fail(live_, "sync", code);
    }

    void give_up() noexcept { file_->pMethods->xTruncate(file_, 0); }

    void describe(IndexHeader& header) const {
        std::memcpy(header.frame_sum, sum_, sizeof sum_);
        std::memcpy(header.salt, salt_, sizeof salt_);
    }

  private:
    // More would be memory that is touched for the first time.
    static constexpr std::size_t kHold = std::size_t{64} << 10;

    static void add(std::string& out, std::uint32_t value) {
        char bytes[4];
        put_be32(bytes, value);
        out.append(bytes, sizeof bytes);
    }

    void flush() {
        const int code = write_in_pieces(file_, held_, offset_);
        if (code != SQLITE_OK) fail(live_, "write", code);
        offset_ += held_.size();
        held_.clear();
    }

    const LiveFile& live_;
    sqlite3_file* file_;
    std::uint64_t offset_ = 0;
    std::string held_;
    std::uint32_t salt_[2] = {};
    std::uint32_t sum_[2] = {0, 0};
};

// Maps what is needed before anything is written, so that nothing can fail afterwards.
std::optional<std::vector<char*>> map_index(sqlite3_file* database, std::size_t frames) {
    std::vector<char*> regions;
    for (std::size_t room = 0; room < frames; room = kInFirstRegion + (regions.size() - 1) * std::size_t{kInRegion}) {
        char* const region = map_region(database, static_cast<int>(regions.size()));
        if (region == nullptr) return std::nullopt;
        regions.push_back(region);
    }
    return regions;
}

void write_index(const std::vector<char*>& regions, const std::vector<std::uint32_t>& numbers) {
    std::size_t done = 0;
    for (std::size_t i = 0; i < regions.size(); ++i) {
        const std::size_t list_at = i == 0 ? kFirstListAt : 0;
        std::memset(regions[i] + list_at, 0, kRegion - list_at);
        auto* const list = reinterpret_cast<std::uint32_t*>(regions[i] + list_at);
        auto* const slots = reinterpret_cast<std::uint16_t*>(regions[i] + kSlotsAt);
        const std::size_t room = i == 0 ? kInFirstRegion : kInRegion;
        for (std::size_t k = 0; k < room && done < numbers.size(); ++k, ++done) {
            list[k] = numbers[done];
            std::uint32_t slot = numbers[done] * 383 % kSlots;
            while (slots[slot] != 0)
                slot = (slot + 1) % kSlots;
            slots[slot] = static_cast<std::uint16_t>(k + 1);
        }
    }
}

void publish(sqlite3_file* database, char* index, IndexHeader header) {
    header.sum[0] = header.sum[1] = 0;
    add_sum(header.sum, reinterpret_cast<const char*>(&header), offsetof(IndexHeader, sum));
    database->pMethods->xShmBarrier(database);
    std::memcpy(index + sizeof header, &header, sizeof header);
    database->pMethods->xShmBarrier(database);
    std::memcpy(index, &header, sizeof header);
}

std::vector<std::uint32_t> pages_to_write(const LiveFile& live, const RestoreTarget& target,
                                          const PageDifference& difference) {
    std::vector<std::uint32_t> numbers = difference.pages;
    const auto pages = static_cast<std::uint32_t>(target.size() / live.header.page_size);
    for (std::uint32_t page = live.pages + 1; page <= pages; ++page)
        numbers.push_back(page);
    std::erase(numbers, lock_page(live.header.page_size));
    return numbers;
}

}  // namespace

std::optional<std::uint64_t> append_to_wal(const LiveFile& live, sqlite3_file* wal, RestoreTarget& target,
                                           const PageDifference& difference) {
    const std::uint32_t page_size = live.header.page_size;
    auto header = read_header(live.file);
    if (!header || header->frames != 0 || !nothing_is_backfilled(live.file)) return {};
    header->page_size = static_cast<std::uint16_t>(page_size == 65536 ? 1 : page_size);  // 0 before the first write
    const std::vector<std::uint32_t> numbers = pages_to_write(live, target, difference);
    const auto regions = map_index(live.file, numbers.size());
    if (!regions) return {};

    Log log(live, wal);
    begin_work(live.work, "writing", numbers.size() * page_size);
    const auto pages = static_cast<std::uint32_t>(target.size() / page_size);
    try {
        for (const std::uint32_t number : numbers) {
            check_interrupt();
            add_work(live.work, page_size);
            log.add_frame(number, number == numbers.back() ? pages : 0,
                          target.read(std::uint64_t{number - 1} * page_size, page_size));
        }
        log.finish();
    } catch (...) {
        log.give_up();
        throw;
    }
    write_index(*regions, numbers);
    ++header->change;
    header->big_endian = std::endian::native == std::endian::big ? 1 : 0;
    header->frames = static_cast<std::uint32_t>(numbers.size());
    header->pages = pages;
    log.describe(*header);
    publish(live.file, (*regions)[0], *header);
    return numbers.size();
}

std::optional<std::uint32_t> wal_change_number(sqlite3_file* database) {
    const auto header = read_header(database);
    return header ? std::optional(header->change) : std::nullopt;
}

}  // namespace dbfixture::sqlite
