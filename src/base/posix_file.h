// SPDX-License-Identifier: MIT
// A file by its descriptor, for code that must say itself what is synced when. Never for a database file that this
// process has open through its engine: closing the descriptor would drop the engine's locks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dbfixture {

// "no such file or directory": the system's words for an errno, first letter lower case.
std::string system_words(int code);

class PosixFile {
  public:
    PosixFile() = default;
    // `flags` as for open(2); O_CLOEXEC is added. Throws Error: kNotFound if there is no such file, kFailure otherwise.
    PosixFile(std::string path, int flags, unsigned mode = 0600);
    PosixFile(PosixFile&& other) noexcept;
    PosixFile& operator=(PosixFile&& other) noexcept;
    PosixFile(const PosixFile&) = delete;
    PosixFile& operator=(const PosixFile&) = delete;
    ~PosixFile();

    // Gives the descriptor a number of at least `least`, where there is one.
    void move_above(int least);

    bool is_open() const { return fd_ >= 0; }
    int descriptor() const { return fd_; }
    const std::string& path() const { return path_; }

    std::uint64_t size() const;
    // How many bytes there were: fewer than `size` only at the end of the file.
    std::size_t read_at(char* to, std::size_t size, std::uint64_t offset) const;
    void write_at(std::string_view bytes, std::uint64_t offset) const;
    void truncate(std::uint64_t size) const;
    void sync() const;
    // Some file systems report a full disk only here.
    void close();

  private:
    [[noreturn]] void fail(std::string_view what) const;

    std::string path_;
    int fd_ = -1;
};

// The folder that holds `path`: "." for a bare name.
std::string folder_of(const std::string& path);

// Makes creations, renames and removals in the folder last. File systems that cannot sync a folder are left alone.
void sync_folder(const std::string& folder);

// True if the file is gone afterwards and was there before. Throws kFailure if it cannot be removed.
bool remove_file(const std::string& path);

}  // namespace dbfixture
