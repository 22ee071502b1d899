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
#include "db/sqlite/image_facts.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/image_obstacles.h"
#include "db/sqlite/image_write.h"
#include "db/sqlite/restore_image.h"
#include "db/sqlite/sidecar.h"

namespace dbfixture::sqlite {
namespace {

class SqliteImages final : public DatabaseImages {
  public:
    SqliteImages(const Location& location, int busy_timeout_ms)
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

    ImageWriteReport write(const std::string& target) override {
        if (!exists()) throw Error(ErrorKind::kNotFound, cat("database ", quote(path(), 200), " does not exist"));
        return write_image_file(path(), target, busy_timeout_ms_);
    }

    ImageRestoreReport restore(const ImageFile& image, const std::string& stamp) override {
        exists();
        return restore_image_file(path(), image, stamp, busy_timeout_ms_);
    }

    std::unique_ptr<Connection> open(const std::string& image) override {
        return open_sqlite(locate_file(image), {OpenMode::kReadOnly, busy_timeout_ms_});
    }

    ImageFile derive(const std::string& target, const std::function<void(Connection&)>& change) override {
        write(target);
        change(*open_sqlite(locate_file(target), {OpenMode::kReadWrite, busy_timeout_ms_}));
        return finish_image_file(target);
    }

    void discard(const std::string& image) noexcept override {
        try {
            for (const std::string& file : files_at(image))
                ::unlink(file.c_str());
        } catch (...) {  // it stays
        }
    }

    void verify(const ImageFile& image) override { verify_image_file(image); }

    ImageFacts facts() override { return facts(path()); }
    ImageFacts facts(const std::string& image) override { return read_image_facts(image, busy_timeout_ms_); }

    std::vector<Obstacle> obstacles() override { return obstacles(path()); }
    std::vector<Obstacle> obstacles(const std::string& image) override {
        return find_obstacles(image, busy_timeout_ms_);
    }

    ImageFile merge(const ImageFile& image, const std::vector<std::string>& keep, const std::string& target) override {
        return merge_image_file(path(), image, keep, target, busy_timeout_ms_);
    }

  private:
    const std::string& path() const { return identity_.file; }

    DatabaseIdentity identity_;
    int busy_timeout_ms_;
};

}  // namespace

std::unique_ptr<DatabaseImages> open_sqlite_images(const Location& location, int busy_timeout_ms) {
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
    return std::make_unique<SqliteImages>(location, busy_timeout_ms);
}

}  // namespace dbfixture::sqlite
