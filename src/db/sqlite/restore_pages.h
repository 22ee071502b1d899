// SPDX-License-Identifier: MIT
// Turns a database file into a copy of an image by writing only what differs, in place and all or nothing.
//
//  1. The caller holds the file's exclusive lock and the file alone is the state (no WAL content). All access goes
//     through SQLite's own file object: a second descriptor, once closed, would drop the lock.
//  2. Compare: both files are read once, in pieces; the numbers of differing pages are kept. Nothing is written.
//  3. Journal: a rollback journal with the differing pages as they are and those about to be cut off (journal_file.h).
//     The page of the lock bytes is never in it: SQLite's playback would stop there. Differing pages go into it while
//     they are compared, which saves reading them again; until it is sealed it is none.
//  4. Write: what lies beyond the old end first (that is what needs room), then the pages, with those of short gaps between
//     them, which are written as they are, sync, truncate, sync. The journal is then removed, which is the moment of commit, and only after that may the caller unlock.
//  5. Page 1 is the image's but for: the journal mode (the live one stays), the change counter (one above the live one,
//     so that every connection drops its cache), and the schema cookie (above both when schemas may differ, so that
//     every connection reads the schema anew).
//
// "Page" means page of the live database; the image may have another page size, and is then just bytes here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/sqlite/image_header.h"
#include "db/sqlite/image_source.h"
#include "db/sqlite/journal_file.h"

struct sqlite3_file;

namespace dbfixture::sqlite {

struct LiveFile {
    sqlite3_file* file = nullptr;
    std::string path;
    std::string journal_path;
    DatabaseHeader header;
    std::uint32_t pages = 0;  // as SQLite counts them, at least 1, but no more than there are in the file
    bool syncs = true;        // false: nothing needs to outlive a power cut
    WorkCount* work = nullptr;
};

// Writes in pieces that SQLite's file layer takes. SQLITE_OK, or the code of the failure with errno as it left it.
int write_in_pieces(sqlite3_file* file, std::string_view bytes, std::uint64_t offset);

// Reads from the live file; what lies beyond its end reads as zeros.
void read_live(const LiveFile& live, char* to, std::size_t size, std::uint64_t offset);

// Of `live`, under the lock. Throws kFailure if the file cannot be read; pages is 0 for an empty file.
LiveFile look_at_live_file(sqlite3_file* file, const std::string& path, const std::string& journal_path);

struct PageDifference {
    std::vector<std::uint32_t> pages;  // ascending, within both files; page 1 is among them if anything differs
    bool same_size = true;
    bool same_page_size = true;
    bool same_start = true;  // page 1 but for the fields of rule 5
    std::string checksum;    // of the image
    bool any() const { return !pages.empty() || !same_size; }
};

// Rule 2. With a journal, rule 3 for the pages that differ; it is made for the first of them, and is none where nothing
// differs. Throws kInput if a file of the image is cut short, kInterrupted.
PageDifference compare_pages(const LiveFile& live, const ImageSource& image, std::optional<JournalFile>* journal);

// The rest of rule 3, and 4 and 5; `schema_cookie` is what page 1 gets. Returns the number of pages written. When it
// throws, either nothing was written, or the sealed journal is still there: the next to open the database rolls back.
// What goes wrong after the moment of commit is a warning.
std::uint64_t write_pages(const LiveFile& live, const ImageSource& image, const PageDifference& difference,
                          JournalFile& journal, std::uint32_t schema_cookie, std::vector<std::string>& warnings);

}  // namespace dbfixture::sqlite
