// SPDX-License-Identifier: MIT
#include "db/sqlite/images.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"
#include "base/text.h"
#include "db/sqlite/image_facts.h"
#include "db/sqlite/image_obstacles.h"
#include "db/sqlite/image_write.h"
#include "db/sqlite/restore_image.h"

namespace dbfixture::sqlite {
namespace {

class SqliteImages final : public DatabaseImages {
  public:
    SqliteImages(std::string path, int busy_timeout_ms) : path_(std::move(path)), busy_timeout_ms_(busy_timeout_ms) {}

    std::string path() const override { return path_; }

    bool exists() const override {
        struct stat facts = {};
        if (::stat(path_.c_str(), &facts) != 0) {
            if (errno == ENOENT || errno == ENOTDIR) return false;
            throw Error(ErrorKind::kFailure,
                        cat("could not open database ", quote(path_, 200), ": ", system_words(errno)));
        }
        if (!S_ISREG(facts.st_mode)) {
            const bool is_folder = S_ISDIR(facts.st_mode);
            throw Error(is_folder ? ErrorKind::kNotFound : ErrorKind::kInput,
                        cat(quote(path_, 200), is_folder ? " is a folder, not a database" : " is no file"));
        }
        return true;
    }

    std::optional<unsigned> mode() const override {
        struct stat facts = {};
        if (::stat(path_.c_str(), &facts) != 0) return std::nullopt;
        return facts.st_mode & 07777U;
    }

    ImageWriteReport write(const std::string& target) override {
        if (!exists()) throw Error(ErrorKind::kNotFound, cat("database ", quote(path_, 200), " does not exist"));
        return write_image_file(path_, target, busy_timeout_ms_);
    }

    ImageRestoreReport restore(const ImageFile& image, const std::string& stamp) override {
        exists();
        return restore_image_file(path_, image, stamp, busy_timeout_ms_);
    }

    void verify(const ImageFile& image) override { verify_image_file(image); }

    ImageFacts facts(const std::string& path) override { return read_image_facts(path, busy_timeout_ms_); }

    std::vector<Obstacle> obstacles(const std::string& path) override { return find_obstacles(path, busy_timeout_ms_); }

    ImageFile describe(const std::string& path) override { return finish_image_file(path); }

    ImageFile merge(const ImageFile& image, const std::vector<std::string>& keep, const std::string& target) override {
        return merge_image_file(path_, image, keep, target, busy_timeout_ms_);
    }

  private:
    std::string path_;
    int busy_timeout_ms_;
};

// Absolute, with links resolved, also one that leads to no file: the database is then made where it leads.
std::string real_path(std::string path) {
    constexpr int kMostLinks = 40;
    std::error_code code;
    for (int i = 0; i < kMostLinks && !std::filesystem::exists(path, code); ++i) {
        const std::filesystem::path target = std::filesystem::read_symlink(path, code);
        if (code) break;
        path = (std::filesystem::path(path).parent_path() / target).string();
    }
    const std::filesystem::path real = std::filesystem::weakly_canonical(std::filesystem::absolute(path), code);
    return code ? path : real.string();
}

}  // namespace

std::unique_ptr<DatabaseImages> open_sqlite_images(const Location& location, int busy_timeout_ms) {
    if (location.in_memory) {
        throw Error(ErrorKind::kUsage, "a database in memory cannot be saved or restored")
            .with_hint("name a database file");
    }
    if (location.is_uri && location.filename.find('?') != std::string::npos) {
        const std::string query = location.filename.substr(location.filename.find('?'));
        for (const std::string_view name : {"immutable=", "nolock=", "vfs=", "psow=", "cache=shared"}) {
            if (query.find(name) == std::string::npos) continue;
            throw Error(ErrorKind::kUsage, cat("database ", quote(location.path, 200), " cannot be opened with ",
                                               quote(name.substr(0, name.find('='))), " here"))
                .with_detail("Saving and restoring rely on SQLite's usual locks.")
                .with_hint("name the file by its path alone");
        }
    }
    return std::make_unique<SqliteImages>(real_path(location.path), busy_timeout_ms);
}

}  // namespace dbfixture::sqlite
