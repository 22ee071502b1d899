// SPDX-License-Identifier: MIT
#include "state/restore.h"

#include <unistd.h>

#include <filesystem>
#include <functional>

#include "base/cat.h"
#include "base/posix_file.h"
#include "base/text.h"
#include "db/open.h"
#include "state/serialized.h"
#include "state/state_diff.h"

namespace dbfixture {
namespace {

// A private file, gone at the end: in the store, where the next snapshot removes what a killed process left, or beside
// the database where the store cannot be written.
class ScratchFile {
  public:
    ScratchFile(const SnapshotStore& store, const std::string& database, int number)
        : path_(store.temporary_path(new_data_name(cat("target", number), "db"))) {
        if (::access(store.folder().c_str(), W_OK) != 0) {
            path_ = cat(folder_of(database), "/", temporary_name(new_data_name(cat("target", number), "db")));
        }
    }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;
    ~ScratchFile() {
        for (const std::string_view end : {"", "-journal", "-wal", "-shm"})
            ::unlink(cat(path_, end).c_str());
    }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

Error lost_data(const SnapshotStore& store, const Manifest& manifest) {
    return Error(ErrorKind::kInput, "the snapshot has lost its data")
        .with_detail(cat("There is no file ", quote(store.data_path(manifest), 200), "."));
}

ImageFile image_of(const ChosenSnapshot& chosen) {
    return {chosen.store.data_path(chosen.manifest), chosen.manifest.bytes, chosen.manifest.checksum,
            chosen.manifest.mode};
}

// Rows are put into a copy of the database, and the copy is then restored as any image: one change, all or nothing.
ImageFile build_from_serialized(const StateRequest& request, DatabaseImages& images, const ChosenSnapshot& chosen,
                                const std::string& target) {
    verify_snapshot(chosen.store, chosen.manifest);
    if (!images.exists()) {
        throw Error(ErrorKind::kNotFound, cat("database ", quote(images.path(), 200), " does not exist"))
            .with_detail("A serialized snapshot restores rows only.")
            .with_hint("create the database with its schema first");
    }
    try {
        images.write(target);
    } catch (Error& error) {
        if (error.kind == ErrorKind::kFailure) {
            error.hint =
                "a serialized snapshot restores rows into sound tables: restore an image, or make the database anew "
                "with its schema first";
        }
        throw;
    }
    {
        const auto copy = open_database(target, {OpenMode::kReadWrite, request.busy_timeout_ms});
        apply_serialized(*copy, chosen.store.data_path(chosen.manifest), chosen.manifest);
    }
    return open_images(target, 0)->describe(target);
}

// Calls `use` with the image that the database is to become.
void with_target(const StateRequest& request, DatabaseImages& images, const ChosenSnapshot& chosen,
                 const RestoreOptions& options, const std::function<void(const ImageFile&)>& use) {
    if (chosen.manifest.kind == "image" && options.keep.empty()) return use(image_of(chosen));
    const ScratchFile first(chosen.store, images.path(), 1), second(chosen.store, images.path(), 2);
    ImageFile image = image_of(chosen);
    if (chosen.manifest.kind == "serialized") image = build_from_serialized(request, images, chosen, first.path());
    if (options.keep.empty()) return use(image);
    if (!images.exists()) {
        throw Error(ErrorKind::kNotFound, cat("database ", quote(images.path(), 200), " does not exist"))
            .with_detail("There are no rows to keep.");
    }
    use(images.merge(image, options.keep, second.path()));
}

// A side that cannot be opened as a database is not compared, and restored all the same.
RestorePreview compare_with(const StateRequest& request, DatabaseImages& images, const ImageFile& image) {
    RestorePreview preview;
    const auto open = [&](const std::string& url, std::string_view what) -> std::unique_ptr<Connection> {
        try {
            auto connection = open_database(url, {OpenMode::kReadOnly, request.busy_timeout_ms});
            connection->schema();
            return connection;
        } catch (const Error& error) {
            if (error.kind != ErrorKind::kFailure) throw;
            const std::string& reason = error.detail.empty() ? error.message : error.detail;
            preview.not_compared.push_back({"", cat(what, " cannot be read: ", reason), false});
            return nullptr;
        }
    };
    const bool exists = images.exists();
    const auto before = exists ? open(request.url, "the database") : nullptr;
    const auto after = open(image.path, "the snapshot");
    if (after != nullptr && (before != nullptr || !exists)) preview = compare_states(before.get(), *after);
    if (before != nullptr && after != nullptr) {
        compare_facts(images.facts(images.path()), images.facts(image.path), preview);
    }
    return preview;
}

}  // namespace

ChosenSnapshot choose_snapshot(const StateRequest& request, const RestoreOptions& options) {
    if (!options.latest) check_snapshot_name(options.name);
    ChosenSnapshot chosen{find_store(request), options.name, {}, false};
    chosen.store.lock_for_reading(request.busy_timeout_ms);
    if (options.latest) chosen.name = chosen.store.latest();
    chosen.manifest = chosen.store.read(chosen.name);
    const std::unique_ptr<DatabaseImages> images = open_images(request.url, request.busy_timeout_ms);
    const std::string database = std::filesystem::path(images->path()).filename().string();
    std::error_code ignored;
    const bool nothing_to_lose = !images->exists() || std::filesystem::file_size(images->path(), ignored) == 0;
    chosen.foreign = !request.store.empty() && chosen.manifest.database != database && !nothing_to_lose;
    if (chosen.foreign && !options.force) {
        throw Error(ErrorKind::kRefused, cat("snapshot ", quote(chosen.name), " is of another database"))
            .with_detail(cat("It is of ", quote(chosen.manifest.database), ", this is ", quote(database), "."))
            .with_hint("if you mean it, add --force");
    }
    return chosen;
}

void verify_snapshot(const SnapshotStore& store, const Manifest& manifest) {
    const std::string path = store.data_path(manifest);
    try {
        if (manifest.kind == "serialized") return verify_serialized(path, manifest);
        open_images(path, 0)->verify({path, manifest.bytes, manifest.checksum, manifest.mode});
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kNotFound) throw lost_data(store, manifest);
        throw;
    }
}

RestoreReport restore_snapshot(const StateRequest& request, const ChosenSnapshot& chosen,
                               const RestoreOptions& options) {
    const std::unique_ptr<DatabaseImages> images = open_images(request.url, request.busy_timeout_ms);
    RestoreReport report;
    report.created = !images->exists();
    const bool plain = chosen.manifest.kind == "image" && options.keep.empty();
    const std::string stamp = plain ? chosen.store.read_stamp(chosen.manifest) : std::string();
    with_target(request, *images, chosen, options, [&](const ImageFile& image) {
        try {
            report.image = images->restore(image, stamp);
        } catch (const Error& error) {
            const std::string data = chosen.store.data_path(chosen.manifest);
            if (error.kind == ErrorKind::kNotFound && ::access(data.c_str(), F_OK) != 0) {
                throw lost_data(chosen.store, chosen.manifest);
            }
            throw;
        }
    });
    report.warnings = report.image.warnings;
    const std::string& now = report.image.stamp;
    if (plain && !now.empty() && now != stamp) chosen.store.write_stamp(chosen.manifest, now);
    return report;
}

RestorePreview preview_restore(const StateRequest& request, const ChosenSnapshot& chosen,
                               const RestoreOptions& options) {
    verify_snapshot(chosen.store, chosen.manifest);
    const std::unique_ptr<DatabaseImages> images = open_images(request.url, request.busy_timeout_ms);
    RestorePreview preview;
    with_target(request, *images, chosen, options,
                [&](const ImageFile& image) { preview = compare_with(request, *images, image); });
    return preview;
}

}  // namespace dbfixture
