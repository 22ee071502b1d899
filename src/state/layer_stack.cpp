// SPDX-License-Identifier: MIT
#include "state/layer_stack.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"
#include "base/text.h"
#include "db/engine.h"
#include "db/open.h"
#include "state/store_folder.h"
#include "state/temp_folder.h"

namespace dbfixture {
namespace {

// LayerRecord::database, for which no server is asked.
std::string path_of(const DatabaseIdentity& identity) {
    return identity.file.empty() ? identity.id : identity.file;
}

constexpr auto kForgetHint = "forget the layers with \"dbfixture layers --clear\"; the database stays as it is";

// The file by which a state is known: the last of those that make it up.
const std::string& top_file(const SavedState& state) {
    return state.over.empty() ? state.place : state.over.back();
}

}  // namespace

LayerStack::LayerStack(const StateRequest& request, Access access)
    : request_(request),
      states_(open_states(request)),
      store_(find_store(request, *states_)),
      path_(path_of(identify(request.database))),
      throwaway_(read_temp_mark(states_->identity()).has_value()),
      changes_(access != Access::kLook) {
    if (throwaway_) states_->leave_out_syncs();
    if (access != Access::kLook) {
        cleared_ = store_.lock_for_writing(*states_, request.busy_timeout_ms);
    } else {
        store_.lock_for_reading(request.busy_timeout_ms);
    }
    if (store_.exists() && !store_.has_lock()) {
        if (changes_) remove_empty_store(store_.folder());
        throw Error(ErrorKind::kFailure, cat("the snapshot store ", quote(store_.folder(), 200), " cannot be locked"))
            .with_detail("Its file system has no locks, and layers need them.")
            .with_hint("keep the store elsewhere: --store DIR");
    }
    read_record(access);
}

// What is then left of the store is nothing, or snapshots.
LayerStack::~LayerStack() {
    if (changes_ && record_.layers.empty()) remove_empty_store(store_.folder());
}

std::string LayerStack::record_path() const {
    return store_.file_path(layer_record_name(path_));
}

void LayerStack::read_record(Access access) {
    record_ = {path_, states_->identity().id, {}};
    const std::string path = record_path();
    if (::access(path.c_str(), F_OK) != 0) return;
    try {
        record_ = parse_layer_record(read_store_file(path), path);
    } catch (Error& error) {
        if (access == Access::kForget) return;
        if (error.kind == ErrorKind::kInput) error.hint = kForgetHint;
        throw;
    }
}

void LayerStack::write_record() const {
    if (record_.layers.empty()) {
        remove_file(record_path());
        if (!throwaway_) sync_folder(store_.folder());
        return;
    }
    const std::string name = layer_record_name(path_);
    replace_file(record_path(), store_.temporary_path(name), write_layer_record(record_), !throwaway_);
    if (!throwaway_) sync_folder(store_.folder());
}

std::string LayerStack::staleness() const {
    if (layers().empty()) return {};
    if (!states_->exists()) return "the database is gone";
    if (record_.identity != states_->identity().id) return "the database was replaced by another";
    for (const std::string& file : files_of(record_)) {
        if (::access(store_.file_path(file).c_str(), R_OK) != 0)
            return cat("the store has lost its file ", quote(file));
    }
    return {};
}

void LayerStack::require_fresh() const {
    const std::string why = staleness();
    if (why.empty()) return;
    throw Error(ErrorKind::kRefused, cat("the layers of ", quote(database(), 200), " are of no use any more"))
        .with_detail(cat("Since they were opened, ", why, "."))
        .with_hint(kForgetHint);
}

SavedState LayerStack::in_store(SavedState state) const {
    state.place = store_.file_path(state.place);
    for (std::string& file : state.over)
        file = store_.file_path(file);
    return state;
}

SavedState LayerStack::relative(SavedState state) const {
    const auto name = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
    state.place = name(state.place);
    for (std::string& file : state.over)
        file = name(file);
    return state;
}

std::string LayerStack::new_place(std::string_view extension) const {
    return store_.file_path(new_data_name("layer", extension));
}

// Of a state that is damaged, the error says the way out.
template <typename Action>
auto LayerStack::using_state(const SavedState& state, Action action) {
    try {
        return action();
    } catch (Error& error) {
        if (error.kind == ErrorKind::kInput && is_damaged(state)) error.hint = kForgetHint;
        throw;
    }
}

bool LayerStack::is_damaged(const SavedState& state) const {
    try {
        states_->verify(in_store(state));
        return false;
    } catch (const Error& error) {
        return error.kind == ErrorKind::kInput;
    }
}

// `below`: as the record has it. Its stamp may say that nothing differs.
StateSaveReport LayerStack::save_over(const SavedState* below) {
    StateSaveReport saved;
    if (below == nullptr) {
        saved = states_->save(default_form(request_).kind, new_place(default_form(request_).extension));
    } else {
        saved = using_state(*below, [&] {
            return states_->save_difference(in_store(*below), store_.read_stamp(top_file(*below)),
                                            new_place(difference_end(default_form(request_))));
        });
    }
    saved.state = relative(saved.state);
    if (!saved.stamp.empty()) store_.write_stamp(top_file(saved.state), saved.stamp);
    return saved;
}

void LayerStack::begin_layer(Layer layer, std::vector<std::string>& warnings) {
    const SavedState* below = nullptr;
    if (!layers().empty()) below = &layers().back().after.value();
    StateSaveReport saved = save_over(below);
    warnings.insert(warnings.end(), saved.warnings.begin(), saved.warnings.end());
    layer.before = saved.state;
    try {
        add_unfinished(std::move(layer));
    } catch (...) {
        states_->discard(store_.file_path(top_file(saved.state)));
        throw;
    }
}

void LayerStack::begin_floor(Layer layer) {
    add_unfinished(std::move(layer));
}

void LayerStack::add_unfinished(Layer layer) {
    layer.created = store_.created_now();
    layer.open = false;
    record_.identity = states_->identity().id;
    record_.layers.push_back(std::move(layer));
    try {
        write_record();
    } catch (...) {
        record_.layers.pop_back();
        throw;
    }
}

void LayerStack::open_layer(std::vector<std::string>& warnings) {
    Layer& layer = record_.layers.back();
    StateSaveReport saved = save_over(layer.before ? &*layer.before : nullptr);
    warnings.insert(warnings.end(), saved.warnings.begin(), saved.warnings.end());
    layer.after = saved.state;
    layer.open = true;
    write_record();
}

StateRestoreReport LayerStack::restore(const SavedState& state, const std::vector<std::string>& keep) {
    return using_state(state, [&] { return restore_or_merge(state, keep); });
}

StateRestoreReport LayerStack::restore_or_merge(const SavedState& state, const std::vector<std::string>& keep) {
    const std::string stamp_file = top_file(state);
    if (keep.empty()) {
        const std::string stamp = store_.read_stamp(stamp_file);
        StateRestoreReport report = states_->restore(in_store(state), stamp);
        if (!report.stamp.empty() && report.stamp != stamp) store_.write_stamp(stamp_file, report.stamp);
        return report;
    }
    const std::string place = store_.temporary_path(new_data_name("target", default_form(request_).extension));
    const SavedState merged = states_->merge(in_store(state), keep, place);
    try {
        StateRestoreReport report = states_->restore(merged, {});
        states_->discard(place);
        return report;
    } catch (...) {
        states_->discard(place);
        throw;
    }
}

StateRestoreReport LayerStack::restore_after(std::size_t index, const std::vector<std::string>& keep) {
    return restore(layers().at(index).after.value(), keep);
}

StateRestoreReport LayerStack::pop_to(std::size_t index, const std::vector<std::string>& keep,
                                      std::vector<std::string>& warnings) {
    StateRestoreReport report = restore(layers().at(index).before.value(), keep);
    warnings.insert(warnings.end(), report.warnings.begin(), report.warnings.end());
    drop_from(index, warnings);
    return report;
}

// The record first: a file that it does not name is nobody's.
void LayerStack::drop_from(std::size_t index, std::vector<std::string>& warnings) {
    const std::vector<std::string> old = files_of(record_);
    LayerRecord before = record_;
    record_.layers.resize(index);
    try {
        write_record();
    } catch (...) {
        record_ = std::move(before);
        throw;
    }
    const std::vector<std::string> kept = files_of(record_);
    for (const std::string& file : old) {
        if (!std::ranges::binary_search(kept, file)) store_.remove_data(file, *states_, warnings);
    }
    for (std::size_t i = index; i < before.layers.size(); ++i) {
        if (!before.layers[i].run.empty()) ::unlink(store_.file_path(run_lock_name(before.layers[i].run)).c_str());
    }
}

std::optional<LayerRecord> peek_layers(const StateRequest& request) {
    const std::string folder = folder_of_store(request);
    if (folder.empty()) return std::nullopt;
    const std::string path = cat(folder, "/", layer_record_name(path_of(identify(request.database))));
    if (::access(path.c_str(), F_OK) != 0) return std::nullopt;
    return parse_layer_record(read_store_file(path), path);
}

}  // namespace dbfixture
