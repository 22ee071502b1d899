// SPDX-License-Identifier: MIT
// A copy bears its mark from the statement that makes it (clone_make.h), so that nothing is locked while one is made or
// others are dropped: what somebody is making has a mark that leads to his locked folder.
#include "db/mariadb/clone_copy.h"

#include "base/cat.h"
#include "base/error.h"
#include "db/clone_mark.h"
#include "db/mariadb/clone_make.h"
#include "db/mariadb/clone_server.h"

namespace dbfixture::mariadb {
namespace {

// States that were saved of it go first: without it nobody would find them.
void drop_copy(CloneServer& server, const std::string& name, const std::string& folder) {
    for (const ServerDatabase& database : server.own_names()) {
        if (!folder.empty() && is_state_in(database.comment, folder)) server.drop(database.name);
    }
    server.drop(name);
}

std::unique_ptr<ServerCopy> copy_of(const ServerCopyRequest& request, const std::string& name,
                                    std::vector<std::string> warnings) {
    const Location location = beside(request.original, name);
    const int timeout_ms = request.busy_timeout_ms;
    return server_copy({location, request.mark, std::move(warnings),
                        [=](const CopyMark& mark) {
                            CloneServer server(location, timeout_ms);
                            server.set_mark(name, write_clone_mark({mark}));
                        },
                        [=, folder = request.mark.folder] {
                            CloneServer server(location, timeout_ms);
                            drop_copy(server, name, folder);
                        }});
}

// What cannot be dropped stays.
void sweep(CloneServer& server, const ServerCopyRequest& request) {
    for (const ServerDatabase& database : server.own_names()) {
        const auto run = run_of_copy(database.name);
        const auto mark = read_clone_mark(database.comment);
        if (!run || !mark || mark->copy.run != *run) continue;
        const FoundCopy found{database.name, *run, mark->copy};
        if (!request.is_abandoned(found)) continue;
        try {
            drop_copy(server, database.name, mark->copy.folder);
            request.swept(found);
        } catch (const Error& error) {
            if (error.kind == ErrorKind::kInterrupted) throw;
        }
    }
}

}  // namespace

std::unique_ptr<ServerCopy> make_copy(const ServerCopyRequest& request) {
    CloneServer server(request.original, request.busy_timeout_ms);
    sweep(server, request);
    const std::string name = server_copy_name(database_name(request.original), request.mark.run);
    CloneRequest clone;
    clone.original = request.original;
    clone.empty = request.empty;
    clone.name = name;
    clone.mark = write_clone_mark({request.mark});
    clone.busy_timeout_ms = request.busy_timeout_ms;
    clone.may_be_left = request.may_be_left;
    std::vector<std::string> warnings;
    clone_database(server, clone, warnings);
    return copy_of(request, name, std::move(warnings));
}

}  // namespace dbfixture::mariadb
