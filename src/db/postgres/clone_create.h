// SPDX-License-Identifier: MIT
// A database as a copy of another: CREATE DATABASE, and what that does not copy, which is what the server keeps of a
// database outside of it (reference/postgresql.md, sections 7 and 8).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "db/postgres/clone_server.h"

namespace dbfixture::postgres {

struct CloneRequest {
    std::string name;
    std::string source{};    // "": the server's own template
    std::string like{};      // whose owner, limit, privileges and settings it gets; "" for none
    std::string settings{};  // whose settings it gets in place of those
    bool allow_connections = true;
    std::string mark{};                   // its comment
    std::function<void()> may_be_left{};  // called if it failed, and may be there even so
};

// Makes it, marks it, and only then copies the rest; what fails leaves nothing behind. Appends to `warnings` which
// settings could not be copied. Throws kNotFound for a source that is not there; kBusy, naming who uses it; kFailure,
// with what to do, for a privilege that is missing; kInterrupted.
void clone_database(CloneServer& server, const CloneRequest& request, std::vector<std::string>& warnings);

// The comment of a database.
void set_comment(CloneServer& server, const std::string& name, const std::string& text);

// Rights of roles on the database `from`, as rights on `to`. Throws Error.
void copy_privileges(CloneServer& server, const std::string& from, const std::string& to);
// What ALTER DATABASE ... SET and ALTER ROLE ... IN DATABASE ... SET have set for `from`, for `to`.
void copy_settings(CloneServer& server, const std::string& from, const std::string& to,
                   std::vector<std::string>& warnings);

}  // namespace dbfixture::postgres
