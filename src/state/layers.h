// SPDX-License-Identifier: MIT
// Layers: nested states of a database (DESIGN 8). What is kept of them, and how, is in layer_record.h.
//
//  1. The store is locked while the stack changes, and stays locked while push loads. So an unfinished layer that is
//     found with the store locked is that of a process that was killed, and is undone; but for a run's floor, which
//     opens in steps and says itself whether it lives.
//  2. The database comes first, the record after it: killed in between, the layer is still there, and popping it again
//     does nothing.
//  3. A layer is popped by its owner and by what its owner started, by anybody once the owner is dead, or by force.
//  4. Below and at the floor of the run that the caller belongs to, nothing is seen and nothing changes (run_record.h).
//  5. A stack is stale once the database was replaced or a file of it is gone or damaged: it can only be forgotten.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/processes.h"
#include "db/states.h"
#include "state/layer_record.h"
#include "state/snapshot.h"

namespace dbfixture {

struct PushOptions {
    std::string name;
    bool anew = false;   // pops the layer of that name first, and all above it
    bool force = false;  // also if its owner lives
    ProcessIdentity owner;
    std::string tool;                                // for a snapshot that recovery takes
    std::function<std::vector<std::string>()> load;  // what is to be in the layer; returns warnings. May be empty
};

struct PopOptions {
    std::optional<std::string> name;  // the top layer if there is none
    bool all = false;
    bool force = false;
    std::vector<std::string> keep;  // tables whose present rows stay
    std::string tool;
};

struct ResetOptions {
    std::vector<std::string> keep;
    std::string tool;
};

// Notes and warnings are sentences without a full stop; notes say what was done besides.
struct LayerReport {
    std::string layer;                // that was pushed, popped last, or reset
    std::vector<std::string> popped;  // names, the highest first
    std::size_t depth = 0;            // how many the caller sees now
    std::optional<StateRestoreReport> restored;
    bool recovered = false;
    std::vector<std::string> notes, warnings;
};

// Each throws kUsage for a bad name or a database that cannot be saved; kNotFound where there is no such layer; kBusy
// for a locked database or store, a living owner, a run; kRefused for a name that is taken, a stale stack, a run that
// was killed; kInput for damage; kFailure. The database is then as before.
LayerReport push_layer(const StateRequest& request, const PushOptions& options);
LayerReport pop_layers(const StateRequest& request, const PopOptions& options);
LayerReport reset_layer(const StateRequest& request, const ResetOptions& options);

struct ListedLayer {
    std::string name, created;
    ProcessIdentity owner;
    Life owner_life = Life::kDead;
    std::string run;
    bool open = false;
    std::uint64_t bytes = 0;  // of the files that are this layer's
};

struct LayerList {
    std::vector<ListedLayer> layers;  // the lowest first
    std::string stale;                // why the stack cannot be used; "" if it can
    std::string store;
};

LayerList list_layers(const StateRequest& request);

// Forgets the stack; the database stays as it is. How many layers that were. Throws kBusy for a living owner unless
// `force`.
std::size_t clear_layers(const StateRequest& request, bool force, std::vector<std::string>& warnings);

// Puts back what a killed run or push left. LayerReport::recovered is false if there is nothing of the kind.
LayerReport recover_layers(const StateRequest& request, const std::string& tool);

bool has_layers(const StateRequest& request);

// What a restore has to do with layers. Before it: puts back what a killed run left, and throws kRefused, unless
// `force`, where a layer that the caller sees has a living owner. After it: forgets the layers that the caller sees.
void clear_the_way(const StateRequest& request, bool force, const std::string& tool, std::vector<std::string>& notes);
void forget_layers(const StateRequest& request, std::vector<std::string>& notes);

enum class Use {
    kRead,   // of the database
    kWrite,  // to it
    kSave    // of its state, for later
};

// What a command has to do with runs that are not the caller's. Throws kBusy for kWrite while one lives, and for kSave
// while something is left of one that was killed; kRefused for kSave where that can be put back. Elsewhere returns a
// warning where the database is not what it was before a run that was killed; "" if there is nothing to be said.
std::string respect_runs(const StateRequest& request, Use use);

}  // namespace dbfixture
