// SPDX-License-Identifier: MIT
#include "db/sqlite/private_copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/image_header.h"
#include "db/sqlite/image_write.h"

namespace dbfixture::sqlite {
namespace {

struct Piece {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

// Where a file has content: the copy of a hole is a hole. Nothing if there is no such file.
std::vector<Piece> pieces_of(const std::string& path) {
    std::vector<Piece> out;
    if (::access(path.c_str(), F_OK) != 0) return out;
    const PosixFile file(path, O_RDONLY);
    const auto size = static_cast<off_t>(file.size());
    for (off_t at = 0; at < size;) {
        const off_t begin = ::lseek(file.descriptor(), at, SEEK_DATA);
        if (begin < 0 && errno == ENXIO) break;
        const off_t from = begin < 0 ? at : begin;  // a file system that does not know
        const off_t hole = begin < 0 ? size : ::lseek(file.descriptor(), from, SEEK_HOLE);
        const off_t end = hole < 0 ? size : hole;
        out.push_back({static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(end - from)});
        at = end;
    }
    return out;
}

// What the log may add stands behind the rest.
std::vector<Piece> pieces_with_log(const std::string& database) {
    std::vector<Piece> pieces = pieces_of(database);
    const std::uint64_t log = file_size_or_zero(cat(database, "-wal"));
    if (log > 0) pieces.push_back({file_size_or_zero(database), log});
    return pieces;
}

bool is_in_wal_mode(const std::string& database) {
    if (file_size_or_zero(database) == 0) return false;
    char start[kHeaderSize];
    const PosixFile file(database, O_RDONLY);
    const auto header = parse_header({start, file.read_at(start, sizeof start, 0)});
    return header && header->wal;
}

}  // namespace

std::uint64_t room_for_copy(const std::string& database) {
    std::uint64_t room = 0;
    for (const Piece& piece : pieces_with_log(database))
        room += piece.size;
    return room;
}

bool set_room_aside(const std::string& database, const PosixFile& target) {
    for (const Piece& piece : pieces_with_log(database)) {
        int code;
        do {
            code = ::fallocate(target.descriptor(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(piece.offset),
                               static_cast<off_t>(piece.size));
        } while (code != 0 && errno == EINTR);
        if (code != 0) return errno == EOPNOTSUPP || errno == ENOSYS;  // where nothing can be set aside, writing tells
    }
    return true;
}

void fill_copy(const std::string& database, const std::string& like, const std::string& target, int busy_timeout_ms) {
    copy_database_file(database, target, busy_timeout_ms);
    if (!is_in_wal_mode(like)) return;
    char start[kHeaderSize];
    const PosixFile file(target, O_RDWR | O_NOFOLLOW);
    if (file.read_at(start, sizeof start, 0) != sizeof start) return;
    set_wal(start, true);
    file.write_at({start, sizeof start}, 0);
}

}  // namespace dbfixture::sqlite
