// SPDX-License-Identifier: MIT
// A throwaway copy of a database on a server: a database of its own beside it. What an engine does for it are its
// ServerCopies (engine.h).
//
//  1. Its name begins with "dbfixture_" and ends with the run that it was made for. It bears a mark, which says who
//     that is; so whoever finds it can tell whether anybody needs it any more.
//  2. A database is made first and marked then. In between only the caller's own notes say that the name is ours.
//  3. What has neither a mark nor such a note is never dropped.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/location.h"
#include "db/states.h"

namespace dbfixture {

// What a copy says of itself.
struct CopyMark {
    std::string original;  // the name of the database that it is a copy of; "" for none
    std::string run;       // sixteen hexadecimal digits
    std::string folder;    // where the run keeps its notes and its lock, on its host
    std::string host;
    std::string process;  // of the run, as write_process() says it
    std::string created;  // UTC, ISO 8601
    bool kept = false;    // for a person, who drops it
    bool operator==(const CopyMark&) const = default;
};

// A database of rule 1.
struct FoundCopy {
    std::string name;
    std::string run;               // as the name says it
    std::optional<CopyMark> mark;  // nothing: it has none
};

struct ServerCopyRequest {
    Location original;                // or, of an empty copy, a database whose server it is made on
    bool empty = false;               // nothing of the original
    std::optional<SavedState> state;  // of kTemplate: copied in place of the original
    CopyMark mark;
    int busy_timeout_ms = 5000;
    // Whether nobody needs a database that another run has left. Asked while nobody makes one.
    std::function<bool(const FoundCopy&)> is_abandoned;
    std::function<void(const FoundCopy&)> swept;  // it has been dropped
    std::function<void()> may_be_left;            // what failed could not be dropped, or is perhaps made even so
};

class ServerCopy {
  public:
    ServerCopy() = default;
    ServerCopy(const ServerCopy&) = delete;
    ServerCopy& operator=(const ServerCopy&) = delete;
    virtual ~ServerCopy() = default;  // drops it, unless keep() or drop() was called

    // With the user, the host, the password and the parameters of the original's address.
    virtual const Location& location() const = 0;
    // What the original has and the copy lacks; sentences without a full stop.
    virtual const std::vector<std::string>& warnings() const = 0;
    // Marks it as kept. Throws Error.
    virtual void keep() = 0;
    // Ends its sessions, too. Throws Error: the next run drops it.
    virtual void drop() = 0;
};

// The copy that an engine has made: dropped by `drop`, which the destructor calls, too, and marked anew by `write_mark`.
// Both may throw Error.
struct CopyParts {
    Location location;
    CopyMark mark;
    std::vector<std::string> warnings;
    std::function<void(const CopyMark&)> write_mark;
    std::function<void()> drop;
};
std::unique_ptr<ServerCopy> server_copy(CopyParts parts);

// The name of a copy, and the run of a name; nothing for a name that is no copy's.
std::string server_copy_name(std::string_view original, std::string_view run);
std::optional<std::string> run_of_copy(std::string_view name);

// First drops what is abandoned. Throws kUsage where the engine has no such copies; kNotFound; kBusy, naming who is
// connected to the original; kFailure, also for a privilege that is missing; kInterrupted.
std::unique_ptr<ServerCopy> make_server_copy(const ServerCopyRequest& request);

// Runs a file of SQL in a copy, as one transaction. Throws kInput with the line in `sql_file`; kFailure.
void fill_from_sql(const Location& copy, std::string_view sql, const std::string& sql_file);

}  // namespace dbfixture
