// SPDX-License-Identifier: MIT
#include "state/snapshot.h"

#include <unistd.h>

#include <map>
#include <optional>

#include "base/cat.h"
#include "base/text.h"
#include "db/open.h"
#include "db/states.h"
#include "state/serialized.h"

namespace dbfixture {
namespace {

class RemoveOnExit {
  public:
    explicit RemoveOnExit(std::string path) : path_(std::move(path)) {}
    RemoveOnExit(const RemoveOnExit&) = delete;
    RemoveOnExit& operator=(const RemoveOnExit&) = delete;
    ~RemoveOnExit() { ::unlink(path_.c_str()); }

  private:
    std::string path_;
};

// Rows of tables that have none of their own in the file (virtual tables), counted through the engine.
std::optional<std::uint64_t> count_rows(Connection& connection, std::size_t table, std::string& problem) {
    try {
        problem = connection.schema().tables[table].unreadable;
        if (problem.empty()) return connection.statistics(table).rows;
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kInterrupted) throw;
        problem = error.detail.empty() ? error.message : error.detail;
    }
    return std::nullopt;
}

void add_uncounted(SnapshotReport& report, const std::string& table, const std::string& problem) {
    report.warnings.push_back(cat("table ", quote(table), " is saved, but could not be counted: ", problem));
}

// What the manifest says of an image, which is a database that nobody writes. A schema that this build cannot read is
// saved all the same; its tables are then named as the file has them.
void describe_image(DatabaseImages& states, const std::string& path, const std::vector<ImageTable>& found,
                    SnapshotReport& report) {
    Manifest& manifest = report.manifest;
    std::map<std::string, std::uint64_t> rows;
    for (const ImageTable& table : found) {
        if (table.rows) rows[table.name] = *table.rows;
    }
    try {
        const std::unique_ptr<Connection> connection = states.open(path);
        manifest.engine = connection->engine();
        const Schema& schema = connection->schema();
        for (std::size_t i = 0; i < schema.tables.size(); ++i) {
            ManifestTable table{schema.tables[i].label(), {}};
            std::string problem;
            const auto counted = rows.find(table.name);
            table.rows = counted != rows.end() ? counted->second : count_rows(*connection, i, problem);
            if (!table.rows) add_uncounted(report, table.name, problem);
            manifest.tables.push_back(std::move(table));
        }
        manifest.schema_fingerprint = schema_fingerprint(connection->schema_objects());
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kInterrupted) throw;
        const std::string reason = error.detail.empty() ? error.message : error.detail;
        report.warnings.push_back(cat("the database is saved, but its schema could not be read here: ", reason));
        manifest.tables.clear();
        for (const ImageTable& table : found) {
            if (table.name.starts_with("sqlite_")) continue;
            manifest.tables.push_back({table.name, table.rows});
            if (!table.rows) add_uncounted(report, table.name, reason);
        }
    }
    if (manifest.engine.empty()) manifest.engine = "unknown";
}

void save_image(DatabaseImages& images, const std::string& target, SnapshotReport& report, std::string& stamp) {
    const ImageWriteReport written = images.write(target);
    report.manifest.bytes = written.image.bytes;
    report.manifest.checksum = written.image.checksum;
    report.manifest.mode = written.image.mode;
    report.warnings = written.warnings;
    stamp = written.stamp;
    describe_image(images, target, written.tables, report);
}

std::unique_ptr<Connection> open_or_null(DatabaseImages& states, const std::string& image) {
    try {
        return states.open(image);
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kInterrupted) throw;
        return nullptr;
    }
}

// A database that cannot be opened where it lies (in WAL mode in a folder that may only be read) is read from a copy.
void save_records(const StateRequest& request, DatabaseImages& states, const std::string& target,
                  const std::string& scratch, Manifest& manifest) {
    const RemoveOnExit guard(scratch);
    manifest.mode = states.mode();
    std::unique_ptr<Connection> connection;
    bool from_copy = false;
    try {
        connection = open_database(request.database, {OpenMode::kReadOnly, request.busy_timeout_ms});
    } catch (const Error& error) {
        if (error.kind != ErrorKind::kFailure) throw;
        states.write(scratch);
        connection = open_or_null(states, scratch);
        if (connection == nullptr) throw;
        from_copy = true;
    }
    write_serialized(*connection, target, manifest);
    for (const Obstacle& obstacle : from_copy ? states.obstacles(scratch) : states.obstacles())
        throw not_serializable(obstacle.table, obstacle.reason);
}

void save_state(const StateRequest& request, const SnapshotOptions& options, DatabaseImages& images,
                const SnapshotStore& store, SnapshotReport& report) {
    Manifest& manifest = report.manifest;
    manifest.kind = options.serialized ? "serialized" : "image";
    manifest.tool = options.tool;
    manifest.file = new_data_name(options.name, options.serialized ? kSerializedEnd : "db");
    manifest.created = store.created_now();
    const std::string temporary = store.temporary_path(manifest.file);
    const RemoveOnExit guard(temporary);
    std::string stamp;
    if (options.serialized) {
        save_records(request, images, temporary, store.temporary_path("copy-" + manifest.file), manifest);
    } else {
        save_image(images, temporary, report, stamp);
    }
    store.publish(options.name, manifest, report.warnings);
    if (!stamp.empty()) store.write_stamp(manifest, stamp);
}

}  // namespace

SnapshotStore find_store(const StateRequest& request, const DatabaseImages& states) {
    const std::string& asked = request.store;
    SnapshotStore store(store_folder(asked.empty() ? states.identity().file + ".snapshots" : asked));
    // Opening says it best, with the names that come near.
    if (!states.exists() && !store.exists()) open_database(request.database, {OpenMode::kReadOnly, 0});
    return store;
}

SnapshotReport take_snapshot(const StateRequest& request, const SnapshotOptions& options) {
    check_snapshot_name(options.name);
    const std::unique_ptr<DatabaseImages> states = open_images(request.database, request.busy_timeout_ms);
    SnapshotStore store = find_store(request, *states);
    if (!states->exists()) {
        throw Error(ErrorKind::kNotFound, cat("database ", quote(states->identity().shown, 200), " does not exist"));
    }
    SnapshotReport report{.manifest = {}, .store = store.folder(), .replaced = store.has(options.name), .warnings = {}};
    const auto refuse_existing = [&] {
        if (!store.has(options.name) || options.force) return;
        throw Error(ErrorKind::kRefused, cat("there is a snapshot ", quote(options.name), " already"))
            .with_detail(cat("It is in ", quote(store.folder(), 200), "."))
            .with_hint("replace it with --force, or give another name");
    };
    refuse_existing();  // before anything is made
    store.lock_for_writing(request.busy_timeout_ms);
    refuse_existing();
    report.replaced = store.has(options.name);

    report.manifest.database = states->identity().name;
    try {
        save_state(request, options, *states, store, report);
    } catch (...) {
        remove_empty_store(store.folder());
        throw;
    }
    return report;
}

}  // namespace dbfixture
