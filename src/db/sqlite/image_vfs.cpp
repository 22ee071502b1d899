// SPDX-License-Identifier: MIT
#include "db/sqlite/image_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "base/cat.h"
#include "base/error.h"

namespace dbfixture::sqlite {
namespace {

// What SQLite allocates for us: its own part first.
struct ImageFileObject {
    sqlite3_file base;
    const ImageSource* image;
};

const ImageSource& image_of(sqlite3_file* file) {
    return *reinterpret_cast<ImageFileObject*>(file)->image;
}

int read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
    const auto wanted = static_cast<std::size_t>(size);
    try {
        const std::size_t got =
            image_of(file).read_at(static_cast<char*>(to), wanted, static_cast<std::uint64_t>(offset));
        if (got == wanted) return SQLITE_OK;
        std::memset(static_cast<char*>(to) + got, 0, wanted - got);
        return SQLITE_IOERR_SHORT_READ;
    } catch (...) {  // no exception may pass through SQLite
        return SQLITE_IOERR_READ;
    }
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(image_of(file).size());
    return SQLITE_OK;
}

int no_lock(sqlite3_file* /*file*/, int /*level*/) {
    return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 1,
    .xClose = [](sqlite3_file*) { return SQLITE_OK; },
    .xRead = read,
    .xWrite = [](sqlite3_file*, const void*, int, sqlite3_int64) { return SQLITE_READONLY; },
    .xTruncate = [](sqlite3_file*, sqlite3_int64) { return SQLITE_READONLY; },
    .xSync = [](sqlite3_file*, int) { return SQLITE_OK; },
    .xFileSize = file_size,
    .xLock = no_lock,
    .xUnlock = no_lock,
    .xCheckReservedLock =
        [](sqlite3_file*, int* reserved) {
            *reserved = 0;
            return SQLITE_OK;
        },
    .xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
    .xSectorSize = [](sqlite3_file*) { return 4096; },
    .xDeviceCharacteristics = [](sqlite3_file*) { return SQLITE_IOCAP_IMMUTABLE; },
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

}  // namespace

struct ImageVfs::Parts {
    sqlite3_vfs vfs{};
    sqlite3_vfs* standard = nullptr;
    const ImageSource* image = nullptr;
    std::string name;

    static Parts& of(sqlite3_vfs* vfs) { return *static_cast<Parts*>(vfs->pAppData); }

    // The image itself; the default VFS for files that SQLite sorts in.
    static int open(sqlite3_vfs* vfs, sqlite3_filename file_name, sqlite3_file* file, int flags, int* out_flags) {
        Parts& parts = of(vfs);
        if ((flags & SQLITE_OPEN_MAIN_DB) == 0)
            return parts.standard->xOpen(parts.standard, file_name, file, flags, out_flags);
        auto* const object = reinterpret_cast<ImageFileObject*>(file);
        object->base.pMethods = &kMethods;
        object->image = parts.image;
        if (out_flags != nullptr) *out_flags = SQLITE_OPEN_READONLY;
        return SQLITE_OK;
    }
    static int full_name(sqlite3_vfs* /*vfs*/, const char* name, int size, char* to) {
        if (std::strlen(name) >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
        std::strcpy(to, name);
        return SQLITE_OK;
    }
    // There is nothing beside an image.
    static int find(sqlite3_vfs* /*vfs*/, const char* /*name*/, int /*flags*/, int* found) {
        *found = 0;
        return SQLITE_OK;
    }
};

ImageVfs::ImageVfs(const ImageSource& image) : parts_(std::make_unique<Parts>()) {
    Parts& parts = *parts_;
    parts.standard = sqlite3_vfs_find(nullptr);
    parts.image = &image;
    parts.name = cat("dbfixture-image-", reinterpret_cast<std::uintptr_t>(&parts));
    parts.vfs = *parts.standard;
    parts.vfs.pNext = nullptr;
    parts.vfs.zName = parts.name.c_str();
    parts.vfs.szOsFile = std::max(parts.standard->szOsFile, static_cast<int>(sizeof(ImageFileObject)));
    parts.vfs.pAppData = &parts;
    parts.vfs.xOpen = Parts::open;
    parts.vfs.xFullPathname = Parts::full_name;
    parts.vfs.xAccess = Parts::find;
    if (sqlite3_vfs_register(&parts.vfs, 0) != SQLITE_OK)
        throw Error(ErrorKind::kFailure, "SQLite could not be made to read a layer's state");
}

ImageVfs::~ImageVfs() {
    sqlite3_vfs_unregister(&parts_->vfs);
}

const char* ImageVfs::name() const {
    return parts_->name.c_str();
}

}  // namespace dbfixture::sqlite
