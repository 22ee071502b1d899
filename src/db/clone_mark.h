// SPDX-License-Identifier: MIT
// What a throwaway copy, and a database that copies are made of, bears as its comment.
//
//     {"tool": "dbfixture", "copy_of": "shop", "run": "0123456789abcdef", "folder": "/dev/shm/dbfixture-0-...",
//      "host": "build7", "process": "4711 123456 4026531836 1b4e28ba-...", "created": "2026-11-26T19:00:00Z"}
//
// In ASCII: quotes, backslashes, percent signs and other bytes are percent-encoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "db/server_copy.h"

namespace dbfixture {

struct CloneMark {
    CopyMark copy;
    // Microseconds of the server's clock before it was begun, of a database that copies are made of; 0 of a copy.
    std::int64_t source_since = 0;
};

std::string write_clone_mark(const CloneMark& mark);
// Nothing for any other comment.
std::optional<CloneMark> read_clone_mark(std::string_view comment);

// Whether the comment is the mark of a state (saved_mark.h) of this host, whose store lies in the folder: of a state
// that was saved of a copy.
bool is_state_in(std::string_view comment, const std::string& folder);

}  // namespace dbfixture
