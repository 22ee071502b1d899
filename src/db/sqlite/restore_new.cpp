// SPDX-License-Identifier: MIT
#include "db/sqlite/restore_new.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <random>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/image_header.h"
#include "db/sqlite/image_stream.h"
#include "db/sqlite/restore_image.h"
#include "db/sqlite/stamp_file.h"

namespace dbfixture::sqlite {
namespace {

constexpr unsigned kUsualMode = 0666;  // as SQLite makes files, less the umask

bool is_there(const std::string& path) {
    struct stat facts = {};
    return ::lstat(path.c_str(), &facts) == 0;
}

// A file that is removed at the end.
class TemporaryFile {
  public:
    TemporaryFile(const std::string& database, std::optional<unsigned> mode) {
        std::random_device random;
        std::array<char, 17> id{};
        std::snprintf(id.data(), id.size(), "%08x%08x", random(), random());
        try {
            file_ = PosixFile(cat(folder_of(database), "/.dbfixture-", id.data(), ".tmp"),
                              O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode ? 0600 : kUsualMode);
        } catch (Error& error) {
            error.message = cat("could not create database ", quote(database, 200), ": ",
                                error.kind == ErrorKind::kNotFound ? "its folder does not exist" : system_words(errno));
            throw;
        }
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() {
        if (!path().empty()) ::unlink(path().c_str());
    }
    PosixFile& file() { return file_; }
    const std::string& path() const { return file_.path(); }

    // False if there is a file of that name, or the file system cannot do it.
    bool give_name(const std::string& name) {
        if (::renameat2(AT_FDCWD, path().c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0) return true;
        return errno != EEXIST && ::link(path().c_str(), name.c_str()) == 0;
    }

  private:
    PosixFile file_;
};

void set_mode(const PosixFile& file, std::optional<unsigned> mode) {
    if (!mode || ::fchmod(file.descriptor(), *mode & 0777U) == 0) return;
    throw Error(ErrorKind::kFailure,
                cat("could not set the mode of ", quote(file.path(), 200), ": ", system_words(errno)));
}

}  // namespace

std::optional<ImageRestoreReport> create_database(const std::string& database, const ImageFile& image,
                                                  const PosixFile& file) {
    if (is_there(database) || is_there(cat(database, "-journal")) || is_there(cat(database, "-wal"))) return {};
    TemporaryFile target(database, image.mode);
    ImageStream stream(file, image.bytes);
    std::uint64_t offset = 0;
    for (std::string_view piece = stream.next(); !piece.empty(); offset += piece.size(), piece = stream.next()) {
        check_interrupt();
        target.file().write_at(piece, offset);
    }
    check_image_sum(image, stream.checksum());
    set_mode(target.file(), image.mode);
    target.file().sync();
    char start[kHeaderSize] = {};
    const auto header = parse_header({start, file.read_at(start, sizeof start, 0)});
    if (!target.give_name(database)) return {};
    ImageRestoreReport report{.way = RestoreWay::kWhole,
                              .pages_written = header ? image.bytes / header->page_size : 0,
                              .stamp = {},
                              .warnings = {}};
    try {
        sync_folder(folder_of(database));
        report.stamp = settled_stamp(database, cat(database, "-wal"));
    } catch (const Error& error) {
        report.warnings.push_back(cat("the database is restored, but may not survive a power cut: ", error.message));
    }
    return report;
}

EmptyDatabase::EmptyDatabase(const std::string& path, const ImageFile& image) {
    try {
        const PosixFile file(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, image.mode ? 0600 : kUsualMode);
        path_ = path;
        set_mode(file, image.mode);
    } catch (const Error&) {
        if (path_.empty() && is_there(path)) return;
        if (!path_.empty()) ::unlink(path_.c_str());
        throw;
    }
}

EmptyDatabase::~EmptyDatabase() {
    if (!path_.empty() && file_size_or_zero(path_) == 0) ::unlink(path_.c_str());
}

}  // namespace dbfixture::sqlite
