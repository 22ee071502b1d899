// SPDX-License-Identifier: MIT
// The floor that a run stands on: how its database was before, kept so that it can be put back whatever happens, and
// how it is when the command starts, which is what `reset` inside means (DESIGN 7 and 8).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "state/snapshot.h"

namespace dbfixture {

struct FloorRequest {
    StateRequest state;
    std::string run;
    std::string tool;
    bool throwaway = false;  // nobody needs the database afterwards: nothing is put back
};

class RunFloor {
  public:
    RunFloor() = default;
    RunFloor(const RunFloor&) = delete;
    RunFloor& operator=(const RunFloor&) = delete;
    // Without close(): as close() does, but what goes wrong is left to the next run, which finds the record.
    virtual ~RunFloor() = default;

    // What the command inherits, so that an orphan is known by it.
    virtual std::vector<int> descriptors() const = 0;
    // Everything is prepared: `reset` leads back to now.
    virtual void start(std::vector<std::string>& notes) = 0;
    // Puts the database back to how it was before open_floor(), closes the layers that were left open and forgets the
    // run. Returns warnings. Throws kBusy, naming who keeps the database, kFailure: the record stays, and the next run
    // puts it back.
    virtual std::vector<std::string> close() = 0;
};

// Saves the present state, which a throwaway copy does not need, and records the run. Throws kBusy while another run
// lives, or an orphan of one; kRefused, kNotFound, kFailure: with nothing changed. What an earlier run left is put back
// first, and said in `notes`.
std::unique_ptr<RunFloor> open_floor(const FloorRequest& request, std::vector<std::string>& notes);

}  // namespace dbfixture
