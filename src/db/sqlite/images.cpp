// SPDX-License-Identifier: MIT
#include "db/sqlite/images.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"
#include "base/text.h"
#include "db/sqlite/connection.h"
#include "db/sqlite/identity.h"
#include "db/sqlite/image_difference.h"
#include "db/sqlite/image_facts.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/image_obstacles.h"
#include "db/sqlite/image_write.h"
#include "db/sqlite/restore_image.h"
#include "db/sqlite/sidecar.h"

namespace dbfixture::sqlite {
namespace {

class SqliteStates final : public States {
  public:
    SqliteStates(const Location& location, int busy_timeout_ms)
        : identity_(sqlite::identify(location)), busy_timeout_ms_(busy_timeout_ms) {}

    const DatabaseIdentity& identity() const override { return identity_; }

    bool exists() const override {
        struct stat facts = {};
        if (::stat(path().c_str(), &facts) != 0) {
            if (errno == ENOENT || errno == ENOTDIR) return false;
            throw Error(ErrorKind::kFailure,
                        cat("could not open database ", quote(path(), 200), ": ", system_words(errno)));
        }
        if (!S_ISREG(facts.st_mode)) {
            const bool is_folder = S_ISDIR(facts.st_mode);
            throw Error(is_folder ? ErrorKind::kNotFound : ErrorKind::kInput,
                        cat(quote(path(), 200), is_folder ? " is a folder, not a database" : " is no file"));
        }
        return true;
    }

    bool has_content() const override { return file_size_or_zero(path()) > 0; }

    std::optional<unsigned> mode() const override {
        struct stat facts = {};
        if (::stat(path().c_str(), &facts) != 0) return std::nullopt;
        return facts.st_mode & 07777U;
    }

    void leave_out_syncs() override { syncs_ = false; }
    void watch(WorkCount* work) override { work_ = work; }

    StateSaveReport save(StateKind, const std::string& place) override {
        if (!exists()) throw Error(ErrorKind::kNotFound, cat("database ", quote(path(), 200), " does not exist"));
        return write_image_file(path(), place, busy_timeout_ms_, syncs_, work_);
    }

    StateSaveReport save_difference(const SavedState& below, const std::string& stamp,
                                    const std::string& place) override {
        if (!exists()) throw Error(ErrorKind::kNotFound, cat("database ", quote(path(), 200), " does not exist"));
        return write_difference(path(), below, stamp, place, busy_timeout_ms_, syncs_, work_);
    }

    StateRestoreReport restore(const SavedState& state, const std::string& stamp) override {
        exists();
        StateRestoreReport report = restore_image_file(path(), state, stamp, busy_timeout_ms_, syncs_, work_);
        report.unit = "page";
        return report;
    }

    void verify(const SavedState& state) override { verify_image_file(state, work_); }

    std::unique_ptr<Connection> open(const SavedState& state) override {
        return open_sqlite(locate_file(state.place), {OpenMode::kReadOnly, busy_timeout_ms_});
    }

    SavedState derive(const std::string& place, const std::function<void(Connection&)>& change) override {
        const std::optional<unsigned> mode = save(StateKind::kImage, place).state.mode;
        try {
            change(*open_sqlite(locate_file(place), {OpenMode::kReadWrite, busy_timeout_ms_}));
            SavedState state = finish_image_file(place);
            state.mode = mode;
            return state;
        } catch (...) {
            discard(place);
            throw;
        }
    }

    SavedState merge(const SavedState& state, const std::vector<std::string>& keep, const std::string& place) override {
        SavedState merged = merge_image_file(path(), state, keep, place, busy_timeout_ms_);
        merged.mode = state.mode;
        return merged;
    }

    void discard(const std::string& place) noexcept override {
        try {
            for (const std::string& file : files_at(place))
                ::unlink(file.c_str());
        } catch (...) {  // it stays
        }
    }

    StateFacts facts() override { return read_image_facts(path(), busy_timeout_ms_); }
    StateFacts facts(const SavedState& state) override { return read_image_facts(state.place, busy_timeout_ms_); }

    std::vector<Obstacle> obstacles() override { return find_obstacles(path(), busy_timeout_ms_); }
    std::vector<Obstacle> obstacles(const SavedState& state) override {
        return find_obstacles(state.place, busy_timeout_ms_);
    }

  private:
    const std::string& path() const { return identity_.file; }

    DatabaseIdentity identity_;
    int busy_timeout_ms_;
    bool syncs_ = true;
    WorkCount* work_ = nullptr;
};

}  // namespace

std::unique_ptr<States> open_sqlite_states(const Location& location, int busy_timeout_ms) {
    if (in_memory(location)) {
        throw Error(ErrorKind::kUsage, "a database in memory cannot be saved or restored")
            .with_hint("name a database file");
    }
    if (is_uri(location) && location.address.find('?') != std::string::npos) {
        const std::string query = location.address.substr(location.address.find('?'));
        for (const std::string_view name : {"immutable=", "nolock=", "vfs=", "psow=", "cache=shared"}) {
            if (query.find(name) == std::string::npos) continue;
            throw Error(ErrorKind::kUsage, cat("database ", quote(location.shown, 200), " cannot be opened with ",
                                               quote(name.substr(0, name.find('='))), " here"))
                .with_detail("Saving and restoring rely on SQLite's usual locks.")
                .with_hint("name the file by its path alone");
        }
    }
    return std::make_unique<SqliteStates>(location, busy_timeout_ms);
}

}  // namespace dbfixture::sqlite
