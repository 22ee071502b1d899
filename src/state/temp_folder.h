// SPDX-License-Identifier: MIT
// The folder of one throwaway copy: made, marked, locked, and gone afterwards.
//
//     <base>/dbfixture-<user>-<run>/              mode 0700, and this user's
//     <base>/dbfixture-<user>-<run>/.dbfixture-temp   the mark, and the lock
//     <base>/dbfixture-<user>-<run>/<database>    and what its programs keep beside it; of a copy on a server, nothing
//                                                 but the store of its states
//
//  1. Only what bears the mark is ever removed: a folder so named, this user's, with the mark in it. One that is empty,
//     or of which the mark is, was being made when its process was killed; it goes once it is a minute old.
//  2. The lock is held by the run and by all that it started. Who finds it free, and nobody with the run's name in his
//     environment, removes the folder: the next run does. A copy that was kept is marked as kept, and stays.
//  3. The mark goes last, so that whoever is killed while he removes a folder leaves it for the next.
//  4. While a copy is made on a server, only its folder says that the database will be ours: such a folder stays until
//     that database is dropped, or is known not to be there, but no longer than a day.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/file_lock.h"
#include "base/posix_file.h"
#include "db/location.h"

namespace dbfixture {

// What a copy knows of its original.
struct TempMark {
    std::string run;
    std::string database;  // the path of the original, its name on a server; "" if there is none
    std::string store;     // the folder of its snapshots; "" if there is none
    std::string clone{};   // the name of the copy on a server; "" for a file
    std::string server{};  // that it is made on, by the original's DatabaseIdentity::id
    bool making = false;   // rule 4
    bool kept = false;
};

class TempFolder {
  public:
    // Throws kFailure.
    static TempFolder make(const std::string& base, const TempMark& mark);

    TempFolder(TempFolder&& other) noexcept = default;
    TempFolder& operator=(TempFolder&& other) noexcept = delete;
    ~TempFolder();  // removes it, unless keep(), leave() or remove() was called

    const std::string& path() const { return path_; }
    int lock_descriptor() const { return lock_->descriptor(); }

    void made();  // rule 4: the copy on the server is marked now

    void keep();
    void leave() noexcept;  // as if its process had been killed
    // Throws kFailure if something of it could not be removed; the next run tries again.
    void remove();

  private:
    TempFolder(std::string path, FileLock lock, TempMark mark)
        : path_(std::move(path)), lock_(std::move(lock)), mark_(std::move(mark)) {}

    std::string path_;
    std::optional<FileLock> lock_;  // nothing once it is done with
    TempMark mark_;
};

// Folders for them, in memory first, then $TMPDIR, or /tmp where that cannot be used; `unusable` gets those that are
// left out, each with the reason.
std::vector<std::string> temp_bases(std::vector<std::string>& unusable);

// While it lives no other run of ours takes room in memory, so that each sees what is really free. It locks the folder
// itself, which leaves nothing behind; whoever keeps that locked for long is not waited for.
class RoomLock {
  public:
    RoomLock();

  private:
    PosixFile folder_;
};

// Rule 2. What cannot be removed stays.
void sweep_temp_folders() noexcept;

// The folder of that run, if it is this user's and there; "" otherwise.
std::string find_temp_folder(const std::string& run);
// The mark of such a folder.
std::optional<TempMark> read_folder_mark(const std::string& folder);
// Whether somebody holds its lock; nothing where that cannot be told, or there is no such folder.
std::optional<bool> is_folder_locked(const std::string& folder);
// Rule 4: of runs that nobody belongs to any more, and that have no database on that server; `there` are those that do.
void sweep_made_folders(const std::string& server, const std::set<std::string>& there) noexcept;
// Of a run that nobody belongs to any more. Best effort.
void remove_abandoned_folder(const std::string& folder) noexcept;

// Of a throwaway copy: the mark of its folder. Nothing for any other database, also where a link leads out of the
// folder. Such a copy may be lost without a question, whatever it is called.
std::optional<TempMark> read_temp_mark(const DatabaseIdentity& database);

// The folder of a copy on a server, where what belongs to it lies; "" for any other database.
std::string folder_of_clone(const DatabaseIdentity& database);

// The stores whose snapshots a throwaway copy can read beside its own: that of its original, and where this is such a
// copy itself, of its original in turn. Empty for any other database.
std::vector<std::string> original_stores(const DatabaseIdentity& database);

}  // namespace dbfixture
