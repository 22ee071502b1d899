// SPDX-License-Identifier: MIT
// dbfixture as a library: fixtures in and out of a database, and its saved states, from a program's own tests.
//
//     dbfixture::SqliteDatabase database(connection);   // an sqlite3* of your own, in memory or not
//     database.load({"testdata/users.yaml"});
//
//     dbfixture::Database server("postgresql:///shop_test");
//     server.snapshot("migrated");
//     ...
//     server.restore("migrated");
//
// What the manual of the program says of fixtures, labels and snapshots holds here. This header is the whole of it:
// it names nothing of another library but SQLite's handle, and what stands here stays as it is within a minor version;
// structs may grow at their end.
//
//  1. It prints nothing, ends nothing, catches no signal, reads no config that it was not given, and keeps nothing
//     between calls but what its objects hold. Different objects may be used by different threads at once.
//  2. It has no SQLite of its own: the program that it is linked into gives it one, and there must be only one.
//  3. It opens no database's file but through SQLite, so that the locks of the program's own connections stay.
//  4. Each call is all or nothing, and throws Failure.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;

namespace dbfixture {

// The exit status that the program would have.
enum class FailureKind {
    kUsage = 2,     // a name, a setting or a URL means nothing
    kRefused = 3,   // a guard said no
    kNotFound = 4,  // database, fixture, table or snapshot
    kBusy = 5,      // the database is locked by another connection
    kInput = 6,     // a fixture, row, constraint or snapshot is bad
    kFailure = 7    // input/output or the database failed
};

// The one exception that calls throw, but for std::bad_alloc. The database is then as before.
class Failure : public std::exception {
  public:
    // As much as is known of it; "" and 0 for the rest.
    struct Facts {
        FailureKind kind = FailureKind::kFailure;
        std::string message;  // one line
        std::string detail;
        std::string hint;  // what to do; may speak of the program's options, which have the names of settings here
        std::string file;  // of the fixture
        std::uint64_t line = 0;    // from 1
        std::uint64_t record = 0;  // from 1, within the file
        std::string table;
        std::string key;  // "pk=7"
        std::string column;
    };

    explicit Failure(Facts facts);
    const Facts& facts() const noexcept { return *facts_; }
    FailureKind kind() const noexcept { return facts_->kind; }
    // All of it in lines, as the program prints it.
    const char* what() const noexcept override { return text_->c_str(); }

  private:
    std::shared_ptr<const Facts> facts_;
    std::shared_ptr<const std::string> text_;
};

struct DatabaseOptions {
    std::string config{};                     // the path of a dbfixture.yaml; "": none is read
    std::vector<std::string> fixture_dirs{};  // where names of fixtures are searched too
    int busy_timeout_ms = 5000;               // of connections that are opened here
    std::string confirm{};                    // the database's name, where a guard asks for it
    std::string store{};                      // the folder of snapshots; "": where the program keeps them
};

struct LoadSettings {
    std::vector<std::string> exclude{};  // labels
    bool ignore_nonexistent = false;
    bool fire_triggers = false;
    bool drop_triggers = false;  // for the while, where a server cannot silence them
    bool allow_orphans = false;
    bool dry_run = false;
    bool replace = false;                     // first empty the tables that the fixtures hold records of
    std::vector<std::string> replace_also{};  // and those of these labels
};

struct LoadResult {
    std::uint64_t records = 0;
    std::uint64_t inserted = 0, updated = 0, unchanged = 0, deleted = 0;  // rows
    std::uint64_t ignored_records = 0, ignored_fields = 0;                // by ignore_nonexistent
    std::vector<std::string> warnings{};                                  // sentences without a full stop
};

struct FlushSettings {
    std::vector<std::string> exclude{};
    bool cascade = false;
    bool keep_sequences = false;
    bool drop_triggers = false;
};

struct DumpSettings {
    std::vector<std::string> labels{};  // none: all tables but bookkeeping
    std::vector<std::string> exclude{};
    bool all = false;
    std::string format{};  // "json", "jsonl", "yaml", "xml"; "": by the file's name, else json
    int indent = -1;
    std::string layout{};  // "table", "django"; "": the database's own
    bool natural_foreign = false;
    bool natural_primary = false;
};

struct DumpResult {
    std::uint64_t records = 0;
    std::vector<std::string> warnings{};
};

// What can be done with any database. An object is used by one thread at a time.
class AnyDatabase {
  public:
    AnyDatabase(const AnyDatabase&) = delete;
    AnyDatabase& operator=(const AnyDatabase&) = delete;
    AnyDatabase(AnyDatabase&&) noexcept;
    AnyDatabase& operator=(AnyDatabase&&) noexcept;
    virtual ~AnyDatabase();

    // Fixtures by path or by name, in one transaction.
    LoadResult load(const std::vector<std::string>& fixtures, const LoadSettings& settings = {});
    // A fixture that is a text. `name` stands for its file in failures.
    LoadResult load_text(std::string_view fixture, std::string_view format = "json", const LoadSettings& settings = {},
                         std::string_view name = "text");
    // Deletes the rows of these labels, or of all tables but bookkeeping; returns how many.
    std::uint64_t flush(const std::vector<std::string>& labels = {}, const FlushSettings& settings = {});
    // Into a file, whole or not at all; packed by the end of its name. Replaces an older one, but never a database.
    DumpResult dump(const std::string& file, const DumpSettings& settings = {});
    std::string dump_text(const DumpSettings& settings = {}, DumpResult* result = nullptr);

  protected:
    struct Access;
    explicit AnyDatabase(std::unique_ptr<Access> access) noexcept;
    Access& access() noexcept { return *access_; }

  private:
    std::unique_ptr<Access> access_;
};

// A connection to SQLite of the caller's own, open as long as this. Where it is in a transaction, what is done here is
// a part of that one, and only the caller commits it. Everything that the caller has set stays, or is put back: foreign
// keys, triggers, authorizers, hooks, handlers, the number of the row inserted last. sqlite3_changes() tells of
// what was done here; hooks of the caller's see the rows that are written.
class SqliteDatabase : public AnyDatabase {
  public:
    explicit SqliteDatabase(sqlite3* connection, const DatabaseOptions& options = {});

  private:
    struct Borrowed;
};

struct SnapshotResult {
    bool replaced = false;
    std::vector<std::string> warnings{};
};

struct RestoreSettings {
    std::vector<std::string> keep{};  // tables whose present rows stay
    bool force = false;               // a snapshot of another database too; forget open layers
    bool drop_triggers = false;
};

struct RestoreResult {
    bool changed = false;  // false: it was as in the snapshot
    std::vector<std::string> warnings{};
};

// A database by its URL or path. Each call connects and ends the connection; none is open in between.
class Database : public AnyDatabase {
  public:
    // Throws for a URL that means nothing. Connects to nothing yet.
    explicit Database(const std::string& url, const DatabaseOptions& options = {});

    // Saves the whole state. A snapshot of that name is replaced only with `force`.
    SnapshotResult snapshot(const std::string& name = "default", bool force = false);
    // Puts the database back in place. Throws kRefused where its file is open in this process: close it first.
    RestoreResult restore(const std::string& name = "default", const RestoreSettings& settings = {});

  private:
    struct Located;
};

// "0.2.0"
const char* version() noexcept;

}  // namespace dbfixture
