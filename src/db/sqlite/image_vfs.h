// SPDX-License-Identifier: MIT
// Lets SQLite open an image that does not lie in one file (image_source.h), to read it only: a VFS
// (https://sqlite.org/vfs.html) of its own for one image, which every other call leaves to the default one.
#pragma once

#include <memory>

#include "db/sqlite/image_source.h"

struct sqlite3_vfs;

namespace dbfixture::sqlite {

class ImageVfs {
  public:
    // `image` must outlive it, and it the connections that are opened through it. Throws kFailure.
    explicit ImageVfs(const ImageSource& image);
    ImageVfs(const ImageVfs&) = delete;
    ImageVfs& operator=(const ImageVfs&) = delete;
    ~ImageVfs();

    // For sqlite3_open_v2(), with SQLITE_OPEN_READONLY and any name.
    const char* name() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace dbfixture::sqlite
