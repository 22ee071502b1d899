// SPDX-License-Identifier: MIT
// Writes a rollback journal as SQLite's file format (section 3, "The Rollback Journal") defines it, so that whoever
// opens the database after a crash rolls it back without our help.
//
//     journal = header, records, 16 zero bytes
//     header  = magic (8), record count (4), nonce (4), original page count (4), sector size (4), page size (4),
//               zeros up to 512 bytes
//     record  = page number (4), page, checksum (4)
//
//  1. Until seal() the file has no name, and the database is still untouched.
//  2. seal() writes the header, syncs the file, then gives it its name and syncs the folder. A journal that is found
//     after a power cut is thus whole. Only now may the database be written.
//  3. The zeros at the end keep SQLite from taking the last page's bytes for the name of a super-journal.
//  4. Where the file system has no files without names, the header is zeros until seal(), which SQLite ignores; seal()
//     then syncs the records before it writes the header, and syncs again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/posix_file.h"

struct stat;

namespace dbfixture::sqlite {

class JournalFile {
  public:
    // A journal that is there (journal_mode=persist leaves one) is replaced. The file has the mode and owner of the
    // database file. Call only with the database locked exclusively. Without `syncs` all of it is for those who are
    // killed, not for power cuts.
    JournalFile(const std::string& path, const std::string& database, std::uint32_t page_size,
                std::uint32_t original_pages, bool syncs);
    // A journal that was never sealed is removed; a sealed one stays, for SQLite to roll back.
    ~JournalFile();
    JournalFile(const JournalFile&) = delete;
    JournalFile& operator=(const JournalFile&) = delete;

    // A page as it is now; each at most once, never the page of the lock bytes.
    void add(std::uint32_t number, std::string_view page);
    void seal();
    // The change is complete and synced: removes the journal, which is the moment of commit, and makes that last.
    // Throws only while the journal is still there; that it may not last is a warning.
    void remove(std::vector<std::string>& warnings);

  private:
    void open_named(const struct stat& like);
    void take_owner(const struct stat& of);
    void flush();
    std::string header() const;
    void seal_named();
    void copy_to_name();

    std::string path_;
    PosixFile file_;
    std::uint32_t page_size_;
    std::uint32_t original_pages_;
    std::uint32_t nonce_;
    std::uint32_t records_ = 0;
    std::uint64_t offset_;
    std::uint64_t sent_ = 4096;  // before: on its way to the disk, but for the first page, which seal() writes to
    std::string held_;
    bool syncs_;
    bool has_name_ = false;
    bool sealed_ = false;
};

}  // namespace dbfixture::sqlite
