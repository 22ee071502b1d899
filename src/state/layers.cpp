// SPDX-License-Identifier: MIT
#include "state/layers.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/lists.h"
#include "base/text.h"
#include "db/open.h"
#include "state/layer_stack.h"
#include "state/run_id.h"

namespace dbfixture {
namespace {

using Access = LayerStack::Access;

constexpr auto kRecoverySnapshot = "before-recovery";
constexpr auto kRecoverHint = "put the database back with \"dbfixture layers --recover\"";

bool is_unfinished(const LayerStack& stack) {
    return !stack.layers().empty() && !stack.layers().back().open && stack.layers().back().run.empty();
}

Error killed_run(const std::string& database) {
    return Error(ErrorKind::kRefused, cat("a run on the database ", quote(database, 200), " was killed"))
        .with_detail("What it left in the database is still there.")
        .with_hint(kRecoverHint);
}

// A person may have worked on the database since the run was killed: what is there now is saved first.
void undo_run(LayerStack& stack, std::size_t floor, const std::string& tool, LayerReport& report) {
    SnapshotOptions options;
    options.name = kRecoverySnapshot;
    options.force = true;
    options.tool = tool;
    const SnapshotReport saved = take_snapshot(stack.request(), options, stack.states(), stack.store());
    add_all(report.warnings, saved.warnings);
    report.restored = stack.pop_to(floor, {}, report.warnings);
    report.recovered = true;
    report.notes.push_back(
        cat("A run was killed: the database is put back to how it was before. What was in it until now "
            "is saved as snapshot ",
            quote(kRecoverySnapshot)));
}

void undo_push(LayerStack& stack, LayerReport& report) {
    const std::string name = stack.layers().back().name;
    report.restored = stack.pop_to(stack.layers().size() - 1, {}, report.warnings);
    report.layer = name;
    report.popped.push_back(name);
    report.recovered = true;
    report.notes.push_back(cat("The push of layer ", quote(name), " was killed: it is undone"));
}

// Rule 1 of layers.h, and what runs that are not the caller's left.
void settle(LayerStack& stack, bool may_recover, const std::string& tool, LayerReport& report) {
    while (const auto run = find_foreign_run(stack.store().folder(), stack.record())) {
        if (run->state.life != RunLife::kDead) throw run_is_in_the_way(*run, stack.database());
        if (!stack.layers()[run->layer].before) {  // of a copy that was kept as it was left
            stack.drop_from(run->layer, report.warnings);
            continue;
        }
        if (!may_recover) throw killed_run(stack.database());
        undo_run(stack, run->layer, tool, report);
    }
    if (is_unfinished(stack)) undo_push(stack, report);
}

// What was mended on the way is said also where the rest fails.
template <typename Action>
LayerReport with_notes(Action action) {
    LayerReport report;
    try {
        action(report);
        return report;
    } catch (Error& error) {
        for (const std::string& note : report.notes)
            append(error.detail, cat(error.detail.empty() ? "" : " ", note, "."));
        throw;
    }
}

bool has_living_owner(const std::vector<Layer>& layers, std::size_t from) {
    return std::any_of(layers.begin() + static_cast<std::ptrdiff_t>(from), layers.end(),
                       [](const Layer& layer) { return life_of(layer.owner) != Life::kDead; });
}

// Whether the caller may do with the layer as its owner may.
bool is_free(const Layer& layer) {
    const Life life = life_of(layer.owner);
    return life == Life::kDead || (life == Life::kAlive && descends_from(layer.owner));
}

// Rule 3 of layers.h.
void require_owner(const std::vector<Layer>& layers, std::size_t from, bool force) {
    for (std::size_t i = layers.size(); i > from && !force; --i) {
        const Layer& layer = layers[i - 1];
        if (is_free(layer)) continue;
        const std::string who = life_of(layer.owner) == Life::kAlive ? describe_process(layer.owner.number)
                                                                     : "a process of another container";
        throw Error(ErrorKind::kBusy, cat("layer ", quote(layer.name), " belongs to ", who))
            .with_detail("It is not popped by others while its owner lives.")
            .with_hint("let its owner pop it, or use --force");
    }
}

// Of the layers that the caller sees, the last of that name.
std::optional<std::size_t> find_layer(const std::vector<Layer>& layers, std::size_t below, const std::string& name) {
    for (std::size_t i = layers.size(); i > below; --i) {
        if (layers[i - 1].name == name) return i - 1;
    }
    return std::nullopt;
}

Error no_layer() {
    return Error(ErrorKind::kNotFound, "no layer is open").with_hint("open one with \"dbfixture push NAME\"");
}

// Where no store is left, only a server still knows what a process that was killed in its pop left there. Throws what
// is wrong with the database or the store.
Error no_layer_at_all(const StateRequest& request) {
    Error error = no_layer();
    const bool on_server = identify(request.database).file.empty();
    const LayerStack stack(request, on_server ? Access::kChange : Access::kLook);
    for (const std::string& one : stack.cleared())
        append(error.detail, cat(error.detail.empty() ? "Before that: " : ", ", one));
    if (!error.detail.empty()) append(error.detail, ".");
    return error;
}

void pop_from(LayerStack& stack, std::size_t index, const std::vector<std::string>& keep, LayerReport& report) {
    std::vector<std::string> names;
    for (std::size_t i = stack.layers().size(); i > index; --i)
        names.push_back(stack.layers()[i - 1].name);
    report.restored = stack.pop_to(index, keep, report.warnings);
    report.popped.insert(report.popped.end(), names.begin(), names.end());
    report.layer = report.popped.back();
}

// A failed push leaves no layer, and the database as it was before.
void fill_layer(LayerStack& stack, const PushOptions& options, LayerReport& report) {
    try {
        if (options.load) {
            add_all(report.warnings, options.load());
        }
        stack.open_layer(report.warnings);
    } catch (Error& error) {
        const HoldInterrupts hold;
        try {
            stack.pop_to(stack.layers().size() - 1, {}, report.warnings);
        } catch (const Error& again) {
            append(error.detail,
                   cat(error.detail.empty() ? "" : " ", "What was begun could not be undone: ", again.message, "."));
            error.hint = "the next push, pop or reset undoes it";
        }
        throw;
    }
}

std::uint64_t file_bytes(const std::string& path) {
    struct stat facts = {};
    return ::stat(path.c_str(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

// What the state adds to those that were seen. Of a state that a server keeps the file says nothing.
void add_bytes(const SnapshotStore& store, const SavedState& state, std::set<std::string>& seen, std::uint64_t& bytes) {
    const bool in_files = state.kind == StateKind::kImage || state.kind == StateKind::kSerialized;
    if (!in_files) {
        if (seen.insert(state.over.empty() ? state.place : state.over.back()).second) bytes += state.bytes;
        return;
    }
    std::vector<std::string> files = state.over;
    files.push_back(state.place);
    for (const std::string& file : files) {
        if (seen.insert(file).second) bytes += file_bytes(store.file_path(file));
    }
}

}  // namespace

LayerReport push_layer(const StateRequest& request, const PushOptions& options) {
    check_snapshot_name(options.name);
    return with_notes([&](LayerReport& report) {
        LayerStack stack(request, Access::kChange);
        add_all(report.warnings, stack.cleared());
        const bool may_forget = layers_below_floor(stack.record()) == 0 && std::ranges::all_of(stack.layers(), is_free);
        if (options.anew && may_forget && !stack.staleness().empty()) {
            report.notes.push_back(cat("Layers of before are forgotten: ", stack.staleness()));
            stack.drop_from(0, report.warnings);
        }
        stack.require_fresh();
        settle(stack, options.anew, options.tool, report);
        const std::size_t below = layers_below_floor(stack.record());
        if (const auto same = find_layer(stack.layers(), below, options.name)) {
            if (!options.anew) {
                throw Error(ErrorKind::kRefused, cat("there is a layer ", quote(options.name), " already"))
                    .with_hint("pop it first, or open it anew with --anew");
            }
            require_owner(stack.layers(), *same, options.force);
            pop_from(stack, *same, {}, report);
        }
        Layer layer;
        layer.name = options.name;
        layer.owner = options.owner;
        stack.begin_layer(std::move(layer), report.warnings);
        fill_layer(stack, options, report);
        report.layer = options.name;
        report.depth = stack.layers().size() - below;
    });
}

namespace {

// Which of the layers from `below` on the caller means, with all above it.
std::size_t choose_layer(const std::vector<Layer>& layers, std::size_t below, const PopOptions& options) {
    if (!options.name) return options.all ? below : layers.size() - 1;
    if (const auto found = find_layer(layers, below, *options.name)) return *found;
    std::vector<std::string> names;
    for (std::size_t i = below; i < layers.size(); ++i)
        names.push_back(layers[i].name);
    throw Error(ErrorKind::kNotFound, cat("there is no layer ", quote(*options.name)))
        .with_detail(cat("Open are ", quote_list(names), "."))
        .with_hint(did_you_mean(*options.name, names));
}

// Whether what was to be popped is gone already: the layer whose push was killed was the top one.
bool is_popped(const PopOptions& options, const LayerReport& report, bool more) {
    if (report.popped.empty()) return false;
    return options.name ? *options.name == report.popped.back() : !options.all || !more;
}

}  // namespace

LayerReport pop_layers(const StateRequest& request, const PopOptions& options) {
    if (!has_layers(request)) throw no_layer_at_all(request);
    return with_notes([&](LayerReport& report) {
        LayerStack stack(request, Access::kChange);
        add_all(report.warnings, stack.cleared());
        stack.require_fresh();
        settle(stack, false, options.tool, report);
        const std::size_t below = layers_below_floor(stack.record());
        const bool more = stack.layers().size() > below;
        if (!is_popped(options, report, more)) {
            if (!more) throw no_layer();
            const std::size_t index = choose_layer(stack.layers(), below, options);
            require_owner(stack.layers(), index, options.force);
            pop_from(stack, index, options.keep, report);
        }
        report.depth = stack.layers().size() - below;
    });
}

LayerReport reset_layer(const StateRequest& request, const ResetOptions& options) {
    return with_notes([&](LayerReport& report) {
        std::optional<LayerStack> stack(std::in_place, request, Access::kLook);
        if (is_unfinished(*stack) || find_foreign_run(stack->store().folder(), stack->record())) {
            stack.reset();
            stack.emplace(request, Access::kChange);
            add_all(report.warnings, stack->cleared());
            stack->require_fresh();
            settle(*stack, true, options.tool, report);
            report.layer.clear();
            if (stack->layers().empty() && report.recovered) return;
        }
        if (stack->layers().empty()) {
            stack.reset();
            throw no_layer_at_all(request);
        }
        stack->require_fresh();
        const std::size_t top = stack->layers().size() - 1;
        report.restored = stack->restore_after(top, options.keep);
        report.layer = stack->layers()[top].name;
        report.depth = top + 1 - std::min(top, layers_below_floor(stack->record()));
        add_all(report.warnings, report.restored->warnings);
    });
}

LayerList list_layers(const StateRequest& request) {
    const LayerStack stack(request, Access::kLook);
    LayerList list;
    list.stale = stack.staleness();
    list.store = stack.store().folder();
    std::set<std::string> seen;
    for (const Layer& layer : stack.layers()) {
        ListedLayer one{layer.name, layer.created, layer.owner, life_of(layer.owner), layer.run, layer.open, 0};
        if (layer.before) add_bytes(stack.store(), *layer.before, seen, one.bytes);
        if (layer.after) add_bytes(stack.store(), *layer.after, seen, one.bytes);
        list.layers.push_back(std::move(one));
    }
    return list;
}

std::size_t clear_layers(const StateRequest& request, bool force, std::vector<std::string>& warnings) {
    LayerStack stack(request, Access::kForget);
    add_all(warnings, stack.cleared());
    if (const auto run = find_foreign_run(stack.store().folder(), stack.record())) {
        if (run->state.life != RunLife::kDead) throw run_is_in_the_way(*run, stack.database());
    }
    const std::size_t below = layers_below_floor(stack.record());
    const std::size_t count = stack.layers().size() - below;
    require_owner(stack.layers(), below, force);
    stack.drop_from(below, warnings);
    return count;
}

LayerReport recover_layers(const StateRequest& request, const std::string& tool) {
    return with_notes([&](LayerReport& report) {
        LayerStack stack(request, Access::kChange);
        add_all(report.warnings, stack.cleared());
        stack.require_fresh();
        settle(stack, true, tool, report);
        report.depth = stack.layers().size() - layers_below_floor(stack.record());
    });
}

bool has_layers(const StateRequest& request) {
    try {
        return peek_layers(request).has_value();
    } catch (const Error&) {  // a damaged record is one
        return true;
    }
}

void clear_the_way(const StateRequest& request, bool force, const std::string& tool, std::vector<std::string>& notes) {
    LayerStack stack(request, Access::kForget);
    LayerReport report;
    add_all(notes, stack.cleared());
    if (stack.staleness().empty()) settle(stack, true, tool, report);
    add_all(notes, report.notes);
    const std::size_t below = layers_below_floor(stack.record());
    if (stack.layers().size() == below || force || !has_living_owner(stack.layers(), below)) return;
    std::vector<std::string> names;
    for (std::size_t i = below; i < stack.layers().size(); ++i)
        names.push_back(stack.layers()[i].name);
    throw Error(ErrorKind::kRefused, cat("the database ", quote(stack.database(), 200), " has open layers"))
        .with_detail(cat("They are ", quote_list(names), ", and a restore would leave none of them as it is."))
        .with_hint("close them with \"dbfixture pop --all\", or forget them with --force");
}

void forget_layers(const StateRequest& request, std::vector<std::string>& notes) {
    const auto record = peek_layers(request);
    if (!record || record->layers.size() == layers_below_floor(*record)) return;
    LayerStack stack(request, Access::kForget);
    add_all(notes, stack.cleared());
    const std::size_t below = layers_below_floor(stack.record());
    const std::size_t count = stack.layers().size() - below;
    stack.drop_from(below, notes);
    notes.push_back(cat(plural(count, "open layer"), count == 1 ? " is" : " are", " forgotten"));
}

std::string respect_runs(const StateRequest& request, Use use) {
    std::optional<LayerRecord> record;
    try {
        record = peek_layers(request);
    } catch (const Error&) {  // who wants the layers says what is wrong with their record
        return {};
    }
    if (!record) return {};
    const std::string folder = folder_of_store(request);
    const auto run = find_foreign_run(folder, *record);
    if (!run) return {};
    const std::string database = identify(request.database).shown;
    const bool lives = run->state.life == RunLife::kLives;
    const bool orphan = run->state.life == RunLife::kOrphan;
    if ((use == Use::kWrite && (lives || orphan)) || (use == Use::kSave && orphan)) {
        throw run_is_in_the_way(*run, database);
    }
    if (use == Use::kSave && !lives) throw killed_run(database);
    if (lives) return {};
    return cat("a run on this database was killed, and what it left is still there; ", kRecoverHint);
}

}  // namespace dbfixture
