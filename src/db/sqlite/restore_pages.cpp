// SPDX-License-Identifier: MIT
#include "db/sqlite/restore_pages.h"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "base/work.h"
#include "db/sqlite/image_stream.h"
#include "db/sqlite/journal_file.h"
#include "db/sqlite/restore_target.h"

namespace dbfixture::sqlite {
namespace {

// SQLite reads and writes no more than a page at once, and counts on less than 128 KiB.
constexpr std::size_t kMostAtOnce = 65536;

[[noreturn]] void fail(const LiveFile& live, std::string_view what, int code) {
    const int system = errno;
    Error error(ErrorKind::kFailure, cat("could not ", what, " ", quote(live.path, 200)));
    error.with_detail(code == SQLITE_FULL ? "no space left on device"
                                          : cat(sqlite3_errstr(code), system != 0 ? ": " : "",
                                                system != 0 ? system_words(system) : std::string()));
    throw error;
}

void write_live(const LiveFile& live, std::string_view bytes, std::uint64_t offset) {
    const int code = write_in_pieces(live.file, bytes, offset);
    if (code != SQLITE_OK) fail(live, "write", code);
}

void sync_live(const LiveFile& live) {
    if (!live.syncs) return;
    errno = 0;
    const int code = live.file->pMethods->xSync(live.file, SQLITE_SYNC_NORMAL);
    if (code != SQLITE_OK) fail(live, "sync", code);
}

std::uint64_t live_size(const LiveFile& live) {
    sqlite3_int64 size = 0;
    errno = 0;
    const int code = live.file->pMethods->xFileSize(live.file, &size);
    if (code != SQLITE_OK) fail(live, "read", code);
    return static_cast<std::uint64_t>(size);
}

bool same_first_page(const char* a, const char* b, std::size_t size) {
    char headers[2][kHeaderSize];
    std::memcpy(headers[0], a, kHeaderSize);
    std::memcpy(headers[1], b, kHeaderSize);
    for (char* header : headers)
        mask_header(header);
    return std::memcmp(headers[0], headers[1], kHeaderSize) == 0 &&
           std::memcmp(a + kHeaderSize, b + kHeaderSize, size - kHeaderSize) == 0;
}

// Bytes in one write or one read; more would only be more memory.
constexpr std::uint64_t kRun = kMostAtOnce;

// From the start of one page that differs to the start of the next.
constexpr std::uint32_t kGap = 8192;

// Pages about to be cut off.
void add_run(JournalFile& journal, const LiveFile& live, std::uint32_t first, std::uint32_t end) {
    const std::uint32_t page_size = live.header.page_size;
    std::string buffer;
    while (first < end) {
        const std::uint32_t run = std::min<std::uint32_t>(end - first, kRun / page_size);
        buffer.resize(std::size_t{run} * page_size);
        read_live(live, buffer.data(), buffer.size(), std::uint64_t{first - 1} * page_size);
        for (std::uint32_t k = 0; k < run; ++k) {
            if (first + k != lock_page(page_size))
                journal.add(first + k, std::string_view(buffer).substr(std::size_t{k} * page_size, page_size));
        }
        first += run;
        check_interrupt();
    }
}

struct Run {
    std::uint32_t first, pages;
    std::size_t next;  // place of the page behind it in the list
};

// Pages that are written as one. A gap of few equal pages costs less to write again than a write of its own; being
// equal, they need no place in the journal.
Run run_at(const std::vector<std::uint32_t>& numbers, std::size_t at, std::uint32_t page_size) {
    const std::uint32_t apart = std::max<std::uint32_t>(kGap / page_size, 1);
    const std::uint32_t lock = lock_page(page_size);
    Run run{numbers[at], 1, at + 1};
    while (run.next < numbers.size()) {
        const std::uint32_t end = numbers[run.next] + 1;
        const bool over_lock = numbers[run.next - 1] < lock && lock < numbers[run.next];
        if (numbers[run.next] - numbers[run.next - 1] > apart || over_lock) break;
        if (std::uint64_t{end - run.first} * page_size > kRun) break;
        run.pages = end - run.first;
        ++run.next;
    }
    return run;
}

// Notes the differing pages of a comparison, page 1 before all others, in the journal too if there is one.
class Differing {
  public:
    Differing(const LiveFile& live, std::optional<JournalFile>* journal, PageDifference& found)
        : live_(live), journal_(journal), found_(found) {}

    // `page` as far as it was read.
    void add(std::uint32_t number, std::string_view page) {
        const std::uint32_t page_size = live_.header.page_size;
        if (number != 1) add_first();
        found_.pages.push_back(number);
        if (journal_ == nullptr || number == lock_page(page_size)) return;
        if (!*journal_) journal_->emplace(live_.journal_path, live_.path, page_size, live_.pages, live_.syncs);
        std::string whole;
        if (page.size() < page_size) {
            whole.resize(page_size);
            read_live(live_, whole.data(), page_size, std::uint64_t{number - 1} * page_size);
            page = whole;
        }
        (*journal_)->add(number, page);
    }

    void add_first() {
        if (found_.pages.empty()) add(1, {});
    }

  private:
    const LiveFile& live_;
    std::optional<JournalFile>* journal_;
    PageDifference& found_;
};

}  // namespace

int write_in_pieces(sqlite3_file* file, std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, kMostAtOnce);
        errno = 0;
        const int code = file->pMethods->xWrite(file, part.data(), static_cast<int>(part.size()),
                                                static_cast<sqlite3_int64>(offset));
        if (code != SQLITE_OK) return code;
        bytes.remove_prefix(part.size());
        offset += part.size();
    }
    return SQLITE_OK;
}

void read_live(const LiveFile& live, char* to, std::size_t size, std::uint64_t offset) {
    while (size > 0) {
        const std::size_t part = std::min(size, kMostAtOnce);
        errno = 0;
        const int code =
            live.file->pMethods->xRead(live.file, to, static_cast<int>(part), static_cast<sqlite3_int64>(offset));
        if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) fail(live, "read", code);
        to += part;
        size -= part;
        offset += part;
    }
}

LiveFile look_at_live_file(sqlite3_file* file, const std::string& path, const std::string& journal_path) {
    LiveFile live{.file = file, .path = path, .journal_path = journal_path, .header = {}, .pages = 0};
    const std::uint64_t size = live_size(live);
    if (size == 0) return live;
    char header[kHeaderSize];
    read_live(live, header, sizeof header, 0);
    const auto parsed = parse_header({header, sizeof header});
    if (!parsed) throw Error(ErrorKind::kInput, cat(quote(path, 200), " is not an SQLite database"));
    live.header = *parsed;
    live.pages = std::min(logical_pages(*parsed, size), pages_in_file(*parsed, size));  // the file may be cut short
    return live;
}

PageDifference compare_pages(const LiveFile& live, const ImageSource& image, std::optional<JournalFile>* journal) {
    const std::uint32_t page_size = live.header.page_size;
    const std::uint64_t live_bytes = std::uint64_t{live.pages} * page_size;
    const std::uint32_t lock = lock_page(page_size);
    std::uint32_t of_image = 0;
    PageDifference found;
    found.same_size = live_bytes == image.size();
    Differing differing(live, journal, found);
    begin_work(image.work(), "comparing", image.size());
    ImageStream stream(image);
    const std::unique_ptr<char[]> buffer(new char[ImageStream::kPiece]);
    std::uint64_t offset = 0;
    for (std::string_view piece = stream.next(); !piece.empty(); offset += piece.size(), piece = stream.next()) {
        check_interrupt();
        if (offset == 0) of_image = image_page_size(piece, image);
        if (offset >= live_bytes) continue;  // only summed up
        const auto common = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), live_bytes - offset));
        read_live(live, buffer.get(), common, offset);
        if (std::memcmp(piece.data(), buffer.get(), common) == 0) continue;
        for (std::size_t at = 0; at < common; at += page_size) {
            const std::size_t size = std::min<std::size_t>(page_size, common - at);
            const auto number = static_cast<std::uint32_t>((offset + at) / page_size) + 1;
            const bool same = number == 1 ? same_first_page(piece.data(), buffer.get(), size)
                                          : std::memcmp(piece.data() + at, buffer.get() + at, size) == 0;
            if (number == 1) found.same_start = same;
            // With equal page sizes the lock page is nobody's content, and whatever it holds stays.
            if (!same && !(number == lock && of_image == page_size)) differing.add(number, {buffer.get() + at, size});
        }
    }
    if (found.any()) differing.add_first();
    found.same_page_size = of_image == page_size;
    found.checksum = stream.checksum();
    return found;
}

std::uint64_t write_pages(const LiveFile& live, const ImageSource& image, const PageDifference& difference,
                          JournalFile& journal, std::uint32_t schema_cookie, std::vector<std::string>& warnings) {
    const std::uint32_t page_size = live.header.page_size;
    const std::uint64_t live_bytes = std::uint64_t{live.pages} * page_size;
    const std::uint64_t image_size = image.size();
    add_run(journal, live, static_cast<std::uint32_t>((image_size + page_size - 1) / page_size) + 1, live.pages + 1);
    journal.seal();

    RestoreTarget target(live.header, image, schema_cookie);
    const std::uint64_t longer = image_size > live_bytes ? image_size - live_bytes : 0;
    begin_work(image.work(), "writing", difference.pages.size() * page_size + longer);
    for (std::uint64_t offset = live_bytes; offset < image_size; offset += kRun) {
        add_work(image.work(), std::min(kRun, image_size - offset));
        write_live(live, target.read(offset, kRun), offset);
    }
    for (std::size_t i = 0; i < difference.pages.size();) {
        const Run run = run_at(difference.pages, i, page_size);
        const std::uint64_t offset = std::uint64_t{run.first - 1} * page_size;
        write_live(live, target.read(offset, std::uint64_t{run.pages} * page_size), offset);
        add_work(image.work(), (run.next - i) * page_size);
        i = run.next;
    }
    sync_live(live);
    if (live_size(live) > image_size) {
        errno = 0;
        const int code = live.file->pMethods->xTruncate(live.file, static_cast<sqlite3_int64>(image_size));
        if (code != SQLITE_OK) fail(live, "truncate", code);
        sync_live(live);
    }
    journal.remove(warnings);
    const std::uint64_t added = image_size > live_bytes ? (image_size - live_bytes + page_size - 1) / page_size : 0;
    return difference.pages.size() + added;
}

}  // namespace dbfixture::sqlite
