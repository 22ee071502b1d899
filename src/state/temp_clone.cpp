// SPDX-License-Identifier: MIT
#include "state/temp_clone.h"

#include <unistd.h>

#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/io.h"
#include "base/lists.h"
#include "base/processes.h"
#include "db/open.h"
#include "state/run_id.h"
#include "state/store.h"
#include "state/temp_copy.h"

namespace dbfixture {
namespace {

// Rule 2 of server_copy.h: a database without a mark is ours if the folder of its run says that it was being made.
bool is_ours(const FoundCopy& found, const std::string& folder) {
    if (found.mark) return !found.mark->kept && found.mark->host == host_name();
    const auto notes = read_folder_mark(folder);
    return notes && notes->making && notes->run == found.run;
}

// Whoever holds the lock of the folder, or has the run's name in his environment, needs the copy. Where there is no
// folder any more, only the run's own process is left to ask.
bool is_abandoned(const FoundCopy& found) {
    const std::string folder = found.mark ? found.mark->folder : find_temp_folder(found.run);
    if (!is_ours(found, folder)) return false;
    const std::optional<bool> locked = is_folder_locked(folder);
    if (locked.value_or(false)) return false;
    if (!locked) {
        const auto process = read_process(found.mark ? found.mark->process : std::string());
        if (::access(folder.c_str(), F_OK) == 0 || !process || life_of(*process) != Life::kDead) return false;
    }
    return processes_of_run(found.run).empty();
}

TempFolder make_folder(const TempMark& mark) {
    std::vector<std::string> problems;
    for (const std::string& base : temp_bases(problems)) {
        try {
            return TempFolder::make(base, mark);
        } catch (const Error& error) {
            problems.push_back(error.message);
        }
    }
    throw Error(ErrorKind::kFailure, "there is no folder for the notes of a throwaway copy")
        .with_detail(cat(join(problems, "; "), "."))
        .with_hint("set TMPDIR to a folder that can be written to");
}

CopyMark mark_of(const TempCloneRequest& request, const std::string& original, const std::string& folder) {
    CopyMark mark;
    mark.original = request.empty ? "" : original;
    mark.run = request.mark.run;
    mark.folder = folder;
    mark.host = host_name();
    if (const auto process = identify_process(::getpid())) mark.process = write_process(*process);
    mark.created = SnapshotStore::created_now();
    return mark;
}

}  // namespace

TempClone make_temp_clone(const TempCloneRequest& request) {
    const std::string sql = request.schema.empty() ? "" : read_schema(request.schema);
    const DatabaseIdentity identity = identify(request.database);
    const std::string& original = identity.name;
    TempMark notes = request.mark;
    notes.server = identity.id;
    notes.clone = server_copy_name(original, notes.run);
    notes.making = true;
    TempFolder folder = make_folder(notes);

    ServerCopyRequest wanted;
    wanted.original = request.database;
    wanted.empty = request.empty;
    wanted.state = request.state;
    wanted.mark = mark_of(request, original, folder.path());
    wanted.busy_timeout_ms = request.busy_timeout_ms;
    std::set<std::string> there;  // runs that have a database
    wanted.is_abandoned = [&there](const FoundCopy& found) {
        there.insert(found.run);
        return is_abandoned(found);
    };
    wanted.swept = [&there](const FoundCopy& found) {
        there.erase(found.run);
        remove_abandoned_folder(found.mark ? found.mark->folder : find_temp_folder(found.run));
    };
    wanted.may_be_left = [&folder] { folder.leave(); };
    std::unique_ptr<ServerCopy> copy = make_server_copy(wanted);
    TempClone clone{std::move(folder), std::move(copy)};
    clone.folder.made();
    sweep_made_folders(identity.id, there);
    if (!request.schema.empty()) fill_from_sql(clone.copy->location(), sql, request.schema);
    return clone;
}

}  // namespace dbfixture
