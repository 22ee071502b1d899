// SPDX-License-Identifier: MIT
#include "db/sqlite/journal_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <random>
#include <utility>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "base/unnamed_file.h"
#include "db/sqlite/image_header.h"

namespace dbfixture::sqlite {
namespace {

constexpr std::uint32_t kSector = 512;
constexpr std::size_t kFlushAt = std::size_t{64} * 1024;
// On their way to the disk early. Little is there sooner in one go than in parts.
constexpr std::uint64_t kSentAtOnce = std::uint64_t{4} << 20;
constexpr std::string_view kMagic = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";

void append_be32(std::string& out, std::uint32_t value) {
    char bytes[4];
    put_be32(bytes, value);
    out.append(bytes, sizeof bytes);
}

// SQLite samples every 200th byte, from the end of the page down to, but without, offset 0.
std::uint32_t checksum(std::uint32_t nonce, std::string_view page) {
    for (std::size_t at = page.size() - 200; at > 0 && at < page.size(); at -= 200) {
        nonce += static_cast<unsigned char>(page[at]);
    }
    return nonce;
}

}  // namespace

JournalFile::JournalFile(const std::string& path, const std::string& database, std::uint32_t page_size,
                         std::uint32_t original_pages, bool syncs)
    : path_(path),
      page_size_(page_size),
      original_pages_(original_pages),
      nonce_(std::random_device{}()),
      offset_(kSector),
      syncs_(syncs) {
    struct stat facts = {};
    if (::stat(database.c_str(), &facts) != 0) {
        throw Error(ErrorKind::kFailure, cat("could not read ", quote(database, 200), ": ", system_words(errno)));
    }
    if (auto unnamed = open_unnamed(folder_of(path), facts.st_mode & 0777U)) {
        file_ = std::move(*unnamed);
        take_owner(facts);
    } else {
        open_named(facts);
    }
}

// As SQLite does, so that an application of another user can roll back. Not being allowed to is not an error.
void JournalFile::take_owner(const struct stat& of) {
    if (::fchmod(file_.descriptor(), of.st_mode & 0777U) != 0) errno = 0;
    if (::geteuid() == 0 && ::fchown(file_.descriptor(), of.st_uid, of.st_gid) != 0) errno = 0;
}

void JournalFile::open_named(const struct stat& like) {
    file_ = PosixFile(path_, O_RDWR | O_CREAT | O_NOFOLLOW, like.st_mode & 0777U);
    has_name_ = true;
    file_.truncate(0);
    take_owner(like);
}

JournalFile::~JournalFile() {
    if (!sealed_ && has_name_ && file_.is_open()) ::unlink(path_.c_str());
}

void JournalFile::add(std::uint32_t number, std::string_view page) {
    if (held_.capacity() < kFlushAt) held_.reserve(kFlushAt + page.size() + 8);
    append_be32(held_, number);
    held_ += page;
    append_be32(held_, checksum(nonce_, page));
    ++records_;
    if (held_.size() >= kFlushAt) flush();
}

void JournalFile::flush() {
    file_.write_at(held_, offset_);
    offset_ += held_.size();
    held_.clear();
    if (!syncs_ || offset_ < sent_ + kSentAtOnce) return;
    // So that the last sync has less to wait for. It promises nothing, and may fail. A page that is begun is not sent:
    // it would have to be waited for before it can be written on.
    constexpr std::uint64_t kWhole = 4096;
    const std::uint64_t until = offset_ / kWhole * kWhole;
    ::sync_file_range(file_.descriptor(), static_cast<off64_t>(sent_), static_cast<off64_t>(until - sent_),
                      SYNC_FILE_RANGE_WRITE);
    sent_ = until;
}

std::string JournalFile::header() const {
    std::string header(kMagic);
    for (const std::uint32_t field : {records_, nonce_, original_pages_, kSector, page_size_}) {
        append_be32(header, field);
    }
    header.resize(kSector);
    return header;
}

// By rule 4.
void JournalFile::seal_named() {
    if (syncs_) file_.sync();
    file_.write_at(header(), 0);
    if (syncs_) file_.sync();
}

// What could not be given a name is written once more under it.
void JournalFile::copy_to_name() {
    const PosixFile unnamed = std::move(file_);
    struct stat facts = {};
    if (::fstat(unnamed.descriptor(), &facts) != 0) errno = 0;
    open_named(facts);
    held_.resize(kFlushAt);
    for (std::uint64_t at = kSector; at < offset_; at += kFlushAt) {
        const std::size_t got = unnamed.read_at(held_.data(), held_.size(), at);
        file_.write_at(std::string_view(held_).substr(0, got), at);
    }
    seal_named();
}

void JournalFile::seal() {
    held_.append(16, '\0');
    flush();
    if (has_name_) {
        seal_named();
    } else {
        file_.write_at(header(), 0);
        if (syncs_) file_.sync();
        remove_file(path_);
        has_name_ = give_name(file_, path_);
        if (!has_name_) copy_to_name();
    }
    if (syncs_) sync_folder(folder_of(path_));
    sealed_ = true;
}

void JournalFile::remove(std::vector<std::string>& warnings) {
    file_.close();
    remove_file(path_);
    sealed_ = false;
    try {
        if (syncs_) sync_folder(folder_of(path_));
    } catch (const Error& error) {
        warnings.push_back(
            cat("the database is restored, but a power cut may bring the old state back: ", error.message));
    }
}

}  // namespace dbfixture::sqlite
