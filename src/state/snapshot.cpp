// SPDX-License-Identifier: MIT
#include "state/snapshot.h"

#include <unistd.h>

#include <filesystem>

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

// The image is a database that nobody writes, so what is counted in it is what was saved. A schema that this build
// cannot read is saved all the same.
void describe_image(const std::string& path, Manifest& manifest) {
    try {
        const std::unique_ptr<Connection> connection = open_database(path, {OpenMode::kReadOnly, 0});
        manifest.engine = connection->engine();
        const Schema& schema = connection->schema();
        for (std::size_t i = 0; i < schema.tables.size(); ++i) {
            ManifestTable table{schema.tables[i].name, {}};
            try {
                if (schema.tables[i].unreadable.empty()) table.rows = connection->statistics(i).rows;
            } catch (const Error& error) {
                if (error.kind == ErrorKind::kInterrupted) throw;
            }
            manifest.tables.push_back(std::move(table));
        }
        manifest.schema_fingerprint = schema_fingerprint(connection->schema_objects());
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kInterrupted) throw;
    }
    if (manifest.engine.empty()) manifest.engine = "unknown";
}

}  // namespace

SnapshotStore find_store(const StateRequest& request) {
    const std::unique_ptr<DatabaseImages> images = open_images(request.url, request.busy_timeout_ms);
    SnapshotStore store(request.store.empty() ? images->path() + ".snapshots" : request.store);
    // Opening says it best, with the names that come near.
    if (!images->exists() && !store.exists()) open_database(request.url, {OpenMode::kReadOnly, 0});
    return store;
}

SnapshotReport take_snapshot(const StateRequest& request, const SnapshotOptions& options) {
    check_snapshot_name(options.name);
    SnapshotStore store = find_store(request);
    const std::unique_ptr<DatabaseImages> images = open_images(request.url, request.busy_timeout_ms);
    if (!images->exists()) {
        throw Error(ErrorKind::kNotFound, cat("database ", quote(images->path(), 200), " does not exist"));
    }
    SnapshotReport report{.manifest = {}, .store = store.folder(), .replaced = store.has(options.name)};
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

    Manifest& manifest = report.manifest;
    manifest.kind = options.serialized ? "serialized" : "image";
    manifest.database = std::filesystem::path(images->path()).filename().string();
    manifest.tool = options.tool;
    manifest.file = store.new_file(options.name, options.serialized ? kSerializedEnd : "db");
    const std::string temporary = store.temporary_path(manifest.file);
    const RemoveOnExit guard(temporary);
    std::string stamp;
    manifest.created = store.created_now();
    if (options.serialized) {
        const auto connection = open_database(request.url, {OpenMode::kReadOnly, request.busy_timeout_ms});
        write_serialized(*connection, temporary, manifest);
    } else {
        const ImageWriteReport written = images->write(temporary);
        manifest.bytes = written.image.bytes;
        manifest.checksum = written.image.checksum;
        stamp = written.stamp;
        describe_image(temporary, manifest);
    }
    store.publish(options.name, manifest);
    if (!stamp.empty()) store.write_stamp(manifest, stamp);
    return report;
}

}  // namespace dbfixture
