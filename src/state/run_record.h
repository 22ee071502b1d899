// SPDX-License-Identifier: MIT
// What a run leaves in the record of layers while it lives, and how others see it (DESIGN 7): its floor is a layer with
// the run's name. Whether it lives is told by three things:
//
//  1. the process of `dbfixture run`, the floor's owner;
//  2. the lock of <store>/.dbfixture-run-<run>, which the command inherits and all that it starts;
//  3. for those that closed what they inherited, the environment of every process.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file_lock.h"
#include "state/layer_record.h"

namespace dbfixture {

std::string run_lock_name(const std::string& run);
bool is_run_lock_name(std::string_view file);

enum class RunLife {
    kOwn,     // the caller belongs to it
    kLives,   // its `dbfixture run` does
    kOrphan,  // that was killed, but something that it started goes on
    kDead
};

struct RunState {
    RunLife life = RunLife::kDead;
    std::vector<std::string> processes;  // that keep it alive, as far as they are known: "process 123 (python3)"
};

RunState look_at_run(const std::string& store, const Layer& floor);

// The floors of the record that are not the caller's, with what they are; the lowest first.
struct ForeignRun {
    std::size_t layer = 0;
    RunState state;
};
std::optional<ForeignRun> find_foreign_run(const std::string& store, const LayerRecord& record);

// The number of layers that the caller may not touch: up to and with the floor of the innermost run that it belongs to.
std::size_t layers_below_floor(const LayerRecord& record);

// "while the run ... lives". For a run that lives or has orphans.
Error run_is_in_the_way(const ForeignRun& run, const std::string& database);

}  // namespace dbfixture
