// SPDX-License-Identifier: MIT
// Snapshots in the folder that they are kept in (which folder that is: store_folder.h).
//
//     <store>/.dbfixture-store                 the marker
//     <store>/.gitignore                       "*", in a folder that dbfixture made
//     <store>/NAME.json                        the manifest; names the data file
//     <store>/NAME-<id>.dbfixture.<extension>  the data; <id> is new each time
//     <store>/.dbfixture-stamp-<data file>     how the database looked when it was last equal to that data
//     <store>/.dbfixture-layers-<id>.json      open layers of a database (layer_record.h); names data files, too
//     <store>/.dbfixture-run-<run>.lock        of a run that is going on (run_record.h)
//     <store>/.dbfixture-<file>.tmp            being written
//
//  1. The manifest is the snapshot: it is written last, beside its name, synced and renamed over it. Killed at any
//     moment, the name thus leads to the old snapshot or to the new one, and the data of neither is overwritten.
//  2. Whoever writes holds the folder's lock (flock on the folder itself, so that a read-only store can be read), and
//     first removes what those left behind that were killed: temporary files, stamps without data, and data and locks
//     of runs that no manifest and no record of layers names, these only while all of them can be read; then what a
//     server keeps for data that is not here any more.
//  3. A file NAME.json that does not begin as a manifest is not ours: it is shown as damaged, and neither replaced nor
//     removed.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/posix_file.h"
#include "db/states.h"
#include "state/manifest.h"
#include "state/store_folder.h"

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

    // Held until the store is destroyed. Throws kBusy when another process holds it for longer. Writing makes and marks
    // the folder and cleans it up, and returns what was removed on the server of `states`, as sentences without a full
    // stop; reading a folder that does not exist locks nothing.
    void lock_for_reading(int busy_timeout_ms);
    std::vector<std::string> lock_for_writing(States& states, int busy_timeout_ms);
    // False where the file system has no locks, or nothing is locked.
    bool has_lock() const { return has_lock_; }

    std::vector<std::string> names() const;  // sorted
    bool has(const std::string& name) const;
    // Throws kNotFound with the nearest names, or kInput.
    Manifest read(const std::string& name) const;
    std::vector<StoredSnapshot> list() const;  // the newest last; damaged ones first
    // The newest that can be read. Throws kNotFound.
    std::string latest() const;

    std::string data_path(const Manifest& manifest) const;
    std::string file_path(const std::string& file) const { return path(file); }
    // Where data is written at first.
    std::string temporary_path(const std::string& file) const { return path(temporary_name(file)); }
    static std::string created_now();

    // Each throws with nothing changed. What goes wrong once it is done is a warning. Data is removed through `states`,
    // which are of the database that is worked on.
    // Makes data written to temporary_path(manifest.file) and its manifest the snapshot of that name. The old one is
    // removed afterwards.
    void publish(const std::string& name, const Manifest& manifest, States& states,
                 std::vector<std::string>& warnings) const;
    // With the last one a folder goes that dbfixture made.
    void remove(const std::string& name, States& states, std::vector<std::string>& warnings) const;
    // Replaces a snapshot of the name `to`.
    void rename(const std::string& from, const std::string& to, States& states,
                std::vector<std::string>& warnings) const;

    // "" if there is none. Writing is best effort.
    std::string read_stamp(const std::string& data_file) const;
    void write_stamp(const std::string& data_file, const std::string& stamp) const noexcept;

    // Of data that nothing names any more, with its stamp.
    void remove_data(const std::string& file, States& states, std::vector<std::string>& warnings) const;

  private:
    bool lock(int operation, int busy_timeout_ms);
    std::vector<std::string> clean_up(States& states) const;
    bool name_layers(const std::string& file, std::set<std::string>& named) const;
    void require_own(const std::string& name) const;
    std::optional<Manifest> manifest_of(const std::string& name) const;
    void remove_data_of(const std::optional<Manifest>& manifest, States& states,
                        std::vector<std::string>& warnings) const;
    void make_last(std::vector<std::string>& warnings) const;
    std::string manifest_path(const std::string& name) const;
    Error no_snapshots(std::string message) const;
    std::string path(const std::string& file) const { return folder_ + "/" + file; }
    std::string stamp_path(const std::string& data_file) const;

    std::string folder_;
    PosixFile lock_;
    bool has_lock_ = false;
};

}  // namespace dbfixture
