// SPDX-License-Identifier: MIT
// The stack of layers of one database, with its store locked: what push, pop and reset are made of.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/states.h"
#include "state/layer_record.h"
#include "state/run_record.h"
#include "state/snapshot.h"

namespace dbfixture {

class LayerStack {
  public:
    enum class Access {
        kLook,  // makes no store
        kChange,
        kForget,  // the same, where a damaged record is none
    };

    // Locks the store. Throws kBusy; kFailure where the file system has no locks; kInput for a damaged
    // record.
    LayerStack(const StateRequest& request, Access access);
    LayerStack(const LayerStack&) = delete;
    LayerStack& operator=(const LayerStack&) = delete;
    ~LayerStack();

    const StateRequest& request() const { return request_; }
    SnapshotStore& store() { return store_; }
    const SnapshotStore& store() const { return store_; }
    States& states() { return *states_; }
    const LayerRecord& record() const { return record_; }
    const std::vector<Layer>& layers() const { return record_.layers; }
    std::string database() const { return states_->identity().shown; }
    // What killed processes had left on the server, and was cleared with the lock: sentences without a full stop.
    const std::vector<std::string>& cleared() const { return cleared_; }

    // Why the stack cannot be used (layers.h, 5); "" if it can. Files are looked for, not read.
    std::string staleness() const;
    void require_fresh() const;

    // All with Access::kChange:
    // Saves the present state, what the layer below has the same left out, and records the layer as unfinished.
    void begin_layer(Layer layer, std::vector<std::string>& warnings);
    // The same without saving, of a database that nobody puts back: a throwaway copy, below whose floor is nothing.
    void begin_floor(Layer layer);
    // Saves the present state as the top layer's second, and records it as open.
    void open_layer(std::vector<std::string>& warnings);
    // Puts the database back to how it was before layer `index` was begun, then drops it and all above.
    StateRestoreReport pop_to(std::size_t index, const std::vector<std::string>& keep,
                              std::vector<std::string>& warnings);
    // Drops the layers from `index` on; the database stays as it is.
    void drop_from(std::size_t index, std::vector<std::string>& warnings);

    // Puts the database back to the second state of layer `index`.
    StateRestoreReport restore_after(std::size_t index, const std::vector<std::string>& keep);

  private:
    void read_record(Access access);
    void write_record() const;
    void add_unfinished(Layer layer);
    SavedState in_store(SavedState state) const;
    SavedState relative(SavedState state) const;
    std::string new_place(std::string_view extension) const;
    StateSaveReport save_over(const SavedState* below);
    StateRestoreReport restore(const SavedState& state, const std::vector<std::string>& keep);
    StateRestoreReport restore_or_merge(const SavedState& state, const std::vector<std::string>& keep);
    template <typename Action>
    auto using_state(const SavedState& state, Action action);
    bool is_damaged(const SavedState& state) const;
    std::string record_path() const;

    StateRequest request_;
    std::unique_ptr<States> states_;
    SnapshotStore store_;
    std::string path_;  // LayerRecord::database
    std::vector<std::string> cleared_;
    bool throwaway_;  // nobody needs it after a power cut
    bool changes_;
    LayerRecord record_;
};

// The record alone, of a database that may have no store: for who only asks whether there are layers. Nothing is
// locked.
std::optional<LayerRecord> peek_layers(const StateRequest& request);

}  // namespace dbfixture
