// SPDX-License-Identifier: MIT
// A file of SQL that was written for the server's own shell, made fit to be sent as it is.
#pragma once

#include <string>
#include <string_view>

namespace dbfixture::postgres {

// The text with the shell's \restrict and \unrestrict blanked, which dumps begin and end with; every line keeps its
// number. Throws kInput, with the line in `file`, for what only the shell understands: its other commands, and rows
// behind COPY ... FROM stdin.
std::string sql_of_script(std::string_view script, const std::string& file);

}  // namespace dbfixture::postgres
