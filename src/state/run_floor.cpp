// SPDX-License-Identifier: MIT
#include "state/run_floor.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/cat.h"
#include "base/error.h"
#include "base/file_lock.h"
#include "state/layer_stack.h"
#include "state/layers.h"
#include "state/run_record.h"

namespace dbfixture {
namespace {

using Access = LayerStack::Access;

constexpr auto kFloorName = "run";

// A layer that opens in steps: others see from its record, its owner and the lock that it is not theirs meanwhile.
class LayerFloor final : public RunFloor {
  public:
    LayerFloor(const FloorRequest& request, std::vector<std::string>& notes) : request_(request) {
        recover_before(notes);
        LayerStack stack(request.state, Access::kChange);
        notes.insert(notes.end(), stack.cleared().begin(), stack.cleared().end());
        stack.require_fresh();
        if (const auto run = find_foreign_run(stack.store().folder(), stack.record()))
            throw run_is_in_the_way(*run, stack.database());
        lock_.emplace(take_lock(stack.store().file_path(run_lock_name(request.run))));
        Layer layer;
        layer.name = kFloorName;
        layer.run = request.run;
        layer.owner = identify_self();
        if (saves_once()) {
            stack.begin_floor(std::move(layer));
        } else {
            stack.begin_layer(std::move(layer), notes);
        }
    }

    std::vector<int> descriptors() const override { return {lock_->descriptor()}; }

    void start(std::vector<std::string>& notes) override {
        LayerStack stack(request_.state, Access::kChange);
        std::vector<std::string> warnings;
        find(stack);
        stack.open_layer(warnings);
        // Of others the first state has said it.
        if (saves_once()) notes.insert(notes.end(), warnings.begin(), warnings.end());
    }

    std::vector<std::string> close() override {
        std::vector<std::string> warnings;
        if (request_.throwaway) return warnings;
        LayerStack stack(request_.state, Access::kChange);
        stack.require_fresh();
        stack.pop_to(find(stack), {}, warnings);
        return warnings;
    }

  private:
    // Nobody goes back behind the floor of a copy. In a file the first state takes the room all the same, which is
    // looked for when the copy is made; the second then has little to add.
    bool saves_once() const { return request_.throwaway && request_.state.database.file.empty(); }

    // What an earlier run or push left.
    void recover_before(std::vector<std::string>& notes) const {
        if (request_.throwaway || !peek_layers(request_.state)) return;
        const LayerReport report = recover_layers(request_.state, request_.tool);
        notes.insert(notes.end(), report.notes.begin(), report.notes.end());
        notes.insert(notes.end(), report.warnings.begin(), report.warnings.end());
    }

    static FileLock take_lock(const std::string& path) {
        auto lock = FileLock::try_lock(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW);
        if (!lock) throw Error(ErrorKind::kBusy, "another run has the same name").with_hint("run the command again");
        return std::move(*lock);
    }

    std::size_t find(const LayerStack& stack) const {
        const auto& layers = stack.layers();
        const auto found = std::ranges::find(layers, request_.run, &Layer::run);
        if (found != layers.end()) return static_cast<std::size_t>(found - layers.begin());
        throw Error(ErrorKind::kFailure, "the record of this run is gone: the database cannot be put back")
            .with_detail("Somebody has forgotten the layers while it was going on.");
    }

    FloorRequest request_;
    std::optional<FileLock> lock_;
};

}  // namespace

std::unique_ptr<RunFloor> open_floor(const FloorRequest& request, std::vector<std::string>& notes) {
    return std::make_unique<LayerFloor>(request, notes);
}

}  // namespace dbfixture
