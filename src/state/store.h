// SPDX-License-Identifier: MIT
// The folder that snapshots are kept in.
//
//     <store>/.gitignore       "*"
//     <store>/NAME.json        the manifest; names the data file
//     <store>/NAME-<id>.db     the data; <id> is new each time
//     <store>/.stamp-<id>      how the database looked when it was last equal to that data (db/states.h)
//     <store>/.NAME-<id>.tmp   being written
//
//  1. The manifest is the snapshot: it is written last, beside its name, synced and renamed over it. Killed at any
//  moment,
//     the name thus leads to the old snapshot or to the new one, and the data of neither is overwritten.
//  2. Whoever writes holds the folder's lock (flock on the folder itself, so that a read-only store can be read), and
//  first
//     removes what no manifest names: the remains of those that were killed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/posix_file.h"
#include "fixture/manifest.h"

namespace dbfixture {

// Throws kUsage unless it is made of letters, digits, ".", "_" and "-", begins with none of the last two or ".", and is
// of at most 100 characters.
void check_snapshot_name(const std::string& name);

// A snapshot in a listing: one of the two is set.
struct StoredSnapshot {
    std::string name;
    std::optional<Manifest> manifest;
    std::optional<Error> problem;
};

class SnapshotStore {
  public:
    // `folder` need not exist yet.
    explicit SnapshotStore(std::string folder) : folder_(std::move(folder)) {}
    const std::string& folder() const { return folder_; }
    bool exists() const;

    // Held until the store is destroyed. Throws kBusy when another process holds it for longer. Writing makes the
    // folder and cleans it up; reading a folder that does not exist locks nothing.
    void lock_for_reading(int busy_timeout_ms);
    void lock_for_writing(int busy_timeout_ms);

    std::vector<std::string> names() const;  // sorted
    bool has(const std::string& name) const;
    // Throws kNotFound with the nearest names, or kInput.
    Manifest read(const std::string& name) const;
    std::vector<StoredSnapshot> list() const;  // the newest last; damaged ones first
    // The newest that can be read. Throws kNotFound.
    std::string latest() const;

    std::string data_path(const Manifest& manifest) const;
    // A file name for new data of that snapshot, and the path to write it to at first.
    std::string new_file(const std::string& name, const std::string& extension) const;
    std::string temporary_path(const std::string& file) const;
    std::string created_now() const;

    // Makes data written to temporary_path(manifest.file) and its manifest the snapshot of that name. The old one is
    // removed afterwards.
    void publish(const std::string& name, const Manifest& manifest) const;
    void remove(const std::string& name) const;
    void rename(const std::string& from, const std::string& to) const;

    // "" if there is none. Writing is best effort.
    std::string read_stamp(const Manifest& manifest) const;
    void write_stamp(const Manifest& manifest, const std::string& stamp) const noexcept;

  private:
    void lock(int operation, int busy_timeout_ms);
    void clean_up() const;
    Error no_snapshots(std::string message) const;
    std::string path(const std::string& file) const { return folder_ + "/" + file; }
    std::string stamp_path(const std::string& data_file) const;

    std::string folder_;
    PosixFile lock_;
};

}  // namespace dbfixture
