// SPDX-License-Identifier: MIT
#include "state/run_record.h"


#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "state/run_id.h"

namespace dbfixture {
namespace {

constexpr std::string_view kPrefix = ".dbfixture-run-";
constexpr std::string_view kEnd = ".lock";

std::string list(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words)
        append(out, cat(out.empty() ? "" : ", ", word));
    return out;
}

bool is_locked(const std::string& path) {
    try {
        return FileLock::is_held(path);
    } catch (const Error&) {  // it is gone, or not ours to open
        return false;
    }
}

}  // namespace

std::string run_lock_name(const std::string& run) {
    return cat(kPrefix, run, kEnd);
}

bool is_run_lock_name(std::string_view file) {
    return file.starts_with(kPrefix) && file.ends_with(kEnd);
}

RunState look_at_run(const std::string& store, const Layer& floor) {
    if (belongs_to_run(floor.run)) return {RunLife::kOwn, {}};
    const Life life = life_of(floor.owner);
    if (life == Life::kAlive) return {RunLife::kLives, {describe_process(floor.owner.number)}};
    std::vector<std::string> processes = processes_of_run(floor.run);
    const bool locked = is_locked(cat(store, "/", run_lock_name(floor.run)));
    if (processes.empty() && !locked) return {RunLife::kDead, {}};
    return {life == Life::kUnknown && locked ? RunLife::kLives : RunLife::kOrphan, std::move(processes)};
}

std::optional<ForeignRun> find_foreign_run(const std::string& store, const LayerRecord& record) {
    for (std::size_t i = 0; i < record.layers.size(); ++i) {
        if (record.layers[i].run.empty()) continue;
        RunState state = look_at_run(store, record.layers[i]);
        if (state.life != RunLife::kOwn) return ForeignRun{i, std::move(state)};
    }
    return std::nullopt;
}

std::size_t layers_below_floor(const LayerRecord& record) {
    std::size_t below = 0;
    for (std::size_t i = 0; i < record.layers.size(); ++i) {
        if (!record.layers[i].run.empty() && belongs_to_run(record.layers[i].run)) below = i + 1;
    }
    return below;
}

Error run_is_in_the_way(const ForeignRun& run, const std::string& database) {
    const std::string who =
        run.state.processes.empty() ? "a process that cannot be seen from here" : list(run.state.processes);
    if (run.state.life == RunLife::kLives) {
        return Error(ErrorKind::kBusy, cat("a run on the database ", quote(database, 200), " is going on"))
            .with_detail(cat("It is that of ", who, ", and puts the database back when it ends."))
            .with_hint("wait for it, or work on a copy of your own: dbfixture run --temp");
    }
    return Error(ErrorKind::kBusy,
                 cat("something that a run on the database ", quote(database, 200), " started is still there"))
        .with_detail(cat("The run itself was killed; ", who, " goes on."))
        .with_hint("end it; then the database can be put back");
}

}  // namespace dbfixture
