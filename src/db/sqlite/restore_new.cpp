// SPDX-License-Identifier: MIT
#include "db/sqlite/restore_new.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "base/unnamed_file.h"
#include "base/work.h"
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

// Nothing where the file system has no such files.
std::optional<PosixFile> open_target(const std::string& database, std::optional<unsigned> mode) {
    auto file = open_unnamed(folder_of(database), mode ? 0600 : kUsualMode);
    if (file || errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) return file;
    const bool no_folder = errno == ENOENT || errno == ENOTDIR;
    throw Error(no_folder ? ErrorKind::kNotFound : ErrorKind::kFailure,
                cat("could not create database ", quote(database, 200), ": ",
                    no_folder ? "its folder does not exist" : system_words(errno)));
}

void set_mode(const PosixFile& file, std::optional<unsigned> mode) {
    if (!mode || ::fchmod(file.descriptor(), *mode & 0777U) == 0) return;
    throw Error(ErrorKind::kFailure,
                cat("could not set the mode of ", quote(file.path(), 200), ": ", system_words(errno)));
}

}  // namespace

std::optional<StateRestoreReport> create_database(const std::string& database, const SavedState& image,
                                                  const ImageSource& source) {
    if (is_there(database) || is_there(cat(database, "-journal")) || is_there(cat(database, "-wal"))) return {};
    const std::optional<PosixFile> target = open_target(database, image.mode);
    if (!target) return {};
    begin_work(source.work(), "writing", source.size());
    ImageStream stream(source);
    std::uint64_t offset = 0;
    for (std::string_view piece = stream.next(); !piece.empty(); offset += piece.size(), piece = stream.next()) {
        check_interrupt();
        target->write_at(piece, offset);
    }
    check_image_sum(image, stream.checksum());
    set_mode(*target, image.mode);
    target->sync();
    char start[kHeaderSize] = {};
    const auto header = parse_header({start, source.read_at(start, sizeof start, 0)});
    if (!give_name(*target, database)) return {};
    StateRestoreReport report{.way = RestoreWay::kWhole,
                              .written = header ? image.bytes / header->page_size : 0,
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

EmptyDatabase::EmptyDatabase(const std::string& path, const SavedState& image) {
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
