// SPDX-License-Identifier: MIT
// Whether a restore changes the schema, told from the pages that it changes: much faster than reading both schemas.
#pragma once

#include "db/sqlite/restore_pages.h"

namespace dbfixture::sqlite {

// True where no page of the table sqlite_schema differs. False where one does, or where that cannot be told: a page
// that is damaged, an entry that goes on in other pages.
bool keeps_schema_pages(const LiveFile& live, const ImageSource& image, const PageDifference& difference);

}  // namespace dbfixture::sqlite
