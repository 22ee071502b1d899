// SPDX-License-Identifier: MIT
// DatabaseImages on SQLite.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "db/sqlite/connection.h"
#include "db/states.h"

namespace dbfixture::sqlite {

// Engine::open_images.
std::unique_ptr<DatabaseImages> open_sqlite_images(const Location& location, int busy_timeout_ms);

// DatabaseImages::merge().
ImageFile merge_image_file(const std::string& database, const ImageFile& image, const std::vector<std::string>& keep,
                           const std::string& target, int busy_timeout_ms);

}  // namespace dbfixture::sqlite
