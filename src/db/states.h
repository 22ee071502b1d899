// SPDX-License-Identifier: MIT
// Saving a whole database as one file, and putting it back: the other half of the seam, for backends whose capabilities
// say image_snapshots. It opens connections of its own; restore() wants the database not to be open in this process.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/location.h"

namespace dbfixture {

class Connection;

// What a manifest remembers of an image file.
struct ImageFile {
    std::string path;
    std::uint64_t bytes = 0;
    std::string checksum;
    std::optional<unsigned> mode;  // permission bits of the database that it was made of
};

struct ImageTable {
    std::string name;
    std::optional<std::uint64_t> rows;  // nothing for a virtual table, whose rows are its module's to say
};

// What a client sees of a database beside its schema, rows and sequences. Equal facts mean that nothing of it differs.
struct ImageFacts {
    std::map<std::string, std::string> settings;    // "user_version": "7"
    std::map<std::string, std::string> statistics;  // by table: a digest of what the planner knows of it
    std::map<std::string, std::string> stored;  // by virtual table: a digest of the tables that it keeps its data in
};

enum class RestoreWay {
    kUntouched,  // known without reading the database
    kUnchanged,  // compared and found equal
    kPages,      // the differing pages were written
    kWhole       // everything was written
};

// `stamp` says how the database looked from outside at a moment when it was equal to the image, in words that only the
// backend understands; "" when that cannot be told safely.
struct ImageRestoreReport {
    RestoreWay way = RestoreWay::kUnchanged;
    std::uint64_t pages_written = 0;
    std::string stamp;
    std::vector<std::string> warnings;  // what went wrong after it was done; sentences without a full stop
};

struct ImageWriteReport {
    ImageFile image;
    std::string stamp;
    std::vector<ImageTable> tables;  // all, whether or not their definition is understood
    std::vector<std::string> warnings;
};

struct Obstacle {
    std::string table, reason;
};

class DatabaseImages {
  public:
    virtual ~DatabaseImages() = default;

    virtual const DatabaseIdentity& identity() const = 0;
    // Throws kNotFound or kInput where something else is in its place.
    virtual bool exists() const = 0;
    // Whether there is anything that a restore could lose.
    virtual bool has_content() const = 0;
    // Its permission bits; nothing where there is no database.
    virtual std::optional<unsigned> mode() const = 0;

    // Saves the state of one read transaction to `target`, which must not exist (mode 0600), syncs it, and reads every
    // table of it. On failure removes it again. Throws kNotFound, kBusy, kInput (no database), kFailure (also for a
    // damaged database, naming the table), kInterrupted.
    virtual ImageWriteReport write(const std::string& target) = 0;

    // All or nothing, under the database's own locks, with other connections open. Creates the database where there is
    // none, with the image's mode. `stamp`: of the last time it was known to be equal to this image, or "". Throws
    // kInput for a damaged image before anything changes, kRefused for a file with several names, kBusy, kFailure,
    // kInterrupted: the database is then as before.
    virtual ImageRestoreReport restore(const ImageFile& image, const std::string& stamp) = 0;

    // A saved image as a database that is only read.
    virtual std::unique_ptr<Connection> open(const std::string& path) = 0;

    // Makes `target`, a new file: the present state, changed by `change`. Throws as write() does, and what `change`
    // throws.
    virtual ImageFile derive(const std::string& target, const std::function<void(Connection&)>& change) = 0;

    // Removes a file that write(), derive() or merge() made, and what lies beside it; nothing if there is none.
    virtual void discard(const std::string& path) noexcept = 0;

    // Reads the image whole. Throws kInput, naming the file, unless size and checksum are the recorded ones.
    virtual void verify(const ImageFile& image) = 0;

    // Of the database, or of a saved image.
    virtual ImageFacts facts() = 0;
    virtual ImageFacts facts(const std::string& path) = 0;

    // Tables whose rows can be read, but could not be put back by a load, and why: of the database, or of an image.
    virtual std::vector<Obstacle> obstacles() = 0;
    virtual std::vector<Obstacle> obstacles(const std::string& path) = 0;

    // Makes `target`, a new file, from `image` with the present rows of these tables of the database in place of the
    // image's, and with their sequences. Throws kInput when such a table is not defined alike in both, or when rows
    // would refer to rows that the result does not have.
    virtual ImageFile merge(const ImageFile& image, const std::vector<std::string>& keep,
                            const std::string& target) = 0;
};

// Throws kUsage for a database that has no file or is not locked as usual (in memory,
// immutable, nolock, another VFS).
std::unique_ptr<DatabaseImages> open_images(const Location& location, int busy_timeout_ms);

}  // namespace dbfixture
