// SPDX-License-Identifier: MIT
#include "state/run_floor.h"

#include "base/error.h"

namespace dbfixture {
namespace {

// A throwaway copy needs nothing but its folder.
class NoFloor final : public RunFloor {
  public:
    std::vector<int> descriptors() const override { return {}; }
    void start() override {}
    std::vector<std::string> close() override { return {}; }
};

}  // namespace

std::unique_ptr<RunFloor> open_floor(const FloorRequest& request, std::vector<std::string>& /*notes*/) {
    if (request.throwaway) return std::make_unique<NoFloor>();
    throw Error(ErrorKind::kFailure, "running on the database itself is not built yet")
        .with_hint("run on a throwaway copy: --temp");
}

}  // namespace dbfixture
