// SPDX-License-Identifier: MIT
// Saving the whole state of a database, and putting it back: the other half of the seam. States are of several kinds;
// an engine offers those that it can (Engine::states), and what is done with a state is the same for all:
//
//  1. A state is saved at a place: the path of a new file. Where a server keeps the state itself, the file only says
//     which it is (a reference), and comes before what it names and goes after it. It may be moved within its folder.
//     The caller remembers the SavedState that comes back.
//  2. A stamp says how the database looked from outside at a moment when it was equal to a state, in words that only
//     the engine understands; "" when that cannot be told safely. The caller keeps it beside the state. While it is
//     true, a restore has nothing to do and reads nothing.
//  3. Whatever fails, the database is as before, and no place holds half a state.
//
// To add a kind: StateKind, its name in state_kind.cpp, `kind` in schemas/manifest.schema.json and output.schema.json,
// a StateForm in the engine's row; contract_saved_test.cpp then asks it all.
//
// Connections are its own; restore() wants the database not to be open in this process.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/location.h"

namespace dbfixture {

class Connection;
class WorkCount;

enum class StateKind : std::uint8_t {
    kImage,      // the bytes of the database's file
    kTemplate,   // a database of its own on the same server, of which the database is made anew
    kCopy,       // copies of the tables, put back into the database by what differs
    kSerialized  // records, by any engine: state/serialized.h
};

// "image", "template", "copy", "serialized".
std::string_view name_of(StateKind kind);
std::optional<StateKind> find_state_kind(std::string_view name);

// A kind that an engine saves.
struct StateForm {
    StateKind kind = StateKind::kImage;
    std::string_view extension;  // of the files that such states are kept in, or referred to by
};

// Those that any engine keeps files of, or refers to by files.
std::vector<StateForm> state_forms();

// What a manifest remembers of a state.
struct SavedState {
    StateKind kind = StateKind::kImage;
    std::string place;
    std::uint64_t bytes = 0;
    std::string checksum;
    std::optional<unsigned> mode;  // permission bits of the database that it was made of, where that is a file
    // Places of what it has other than `place`, the lowest first; bytes and checksum are those of the whole.
    std::vector<std::string> over{};
    bool operator==(const SavedState&) const = default;
};

struct StateTable {
    std::string name;
    std::optional<std::uint64_t> rows;  // nothing where they are not the engine's own to count
};

// What a client sees of a database beside its schema, rows and sequences. Equal facts mean that nothing of it differs.
struct StateFacts {
    std::map<std::string, std::string> settings;    // "user_version": "7"
    std::map<std::string, std::string> statistics;  // by table: a digest of what the planner knows of it
    std::map<std::string, std::string> stored;      // by table whose rows cannot be read: a digest of what is stored
};

enum class RestoreWay {
    kUntouched,  // known without reading the database
    kUnchanged,  // compared and found equal
    kDifferent,  // what differs was written
    kWhole       // everything was written
};

struct StateRestoreReport {
    RestoreWay way = RestoreWay::kUnchanged;
    std::uint64_t written = 0;  // so many `unit`s
    std::string stamp;
    std::vector<std::string> warnings;  // what went wrong after it was done; sentences without a full stop
    std::string_view unit = "row";
    std::vector<std::string> notes{};  // why it took what it took, for whoever asks; the same
};

struct StateSaveReport {
    SavedState state;
    std::string stamp;
    std::vector<StateTable> tables;  // all that are the user's, whether or not their definition is understood
    std::vector<std::string> warnings;
};

// A table whose rows can be read, but could not be put back by a load; or something else of the database's that a load
// does not put back.
struct Obstacle {
    std::string table, reason;
    std::string_view what = "table";
};

class States {
  public:
    virtual ~States() = default;

    virtual const DatabaseIdentity& identity() const = 0;
    // Throws kNotFound or kInput where something else is in its place.
    virtual bool exists() const = 0;
    // Whether there is anything that a restore could lose.
    virtual bool has_content() const = 0;
    // The permission bits of the database's file; nothing where there is none.
    virtual std::optional<unsigned> mode() const = 0;

    // The database is one that nobody needs after a power cut: save() and restore() may leave syncs out. Whoever is
    // killed while they run still leaves all or nothing.
    virtual void leave_out_syncs() {}
    // Where nobody else may be connected to the database, the sessions of those who are end, which a warning names,
    // instead of kBusy.
    virtual void end_sessions() {}
    // What is done from now on is counted in `work`, in bytes, by an engine that can tell; nullptr: nowhere.
    virtual void watch(WorkCount* work) { static_cast<void>(work); }

    // Saves the state of one read transaction, durably and open to nobody else, and reads every table of it. Throws
    // kNotFound, kBusy, kInput (no database), kFailure (also for a damaged database, naming the table), kInterrupted.
    virtual StateSaveReport save(StateKind kind, const std::string& place) = 0;

    // The same, as what differs from `below`: its places, and `place` over them. Where more than half differs, a state
    // of its own at `place`. Tables are not read; no table is reported. `stamp`: of the last time the database was
    // known to be equal to `below`, or "". What lies below is compared as it is, not verified: a damage in it becomes a
    // difference, and only restoring `below` itself fails. Throws as save(), and kInput where `below` is cut short.
    virtual StateSaveReport save_difference(const SavedState& below, const std::string& stamp,
                                            const std::string& place) = 0;

    // All or nothing, under the database's own locks, with other connections open. Creates the database where there is
    // none. `stamp`: of the last time it was known to be equal to this state, or "". Throws kInput for a damaged state
    // before anything changes, kRefused for a database that must not be written in place, kBusy, kFailure,
    // kInterrupted.
    virtual StateRestoreReport restore(const SavedState& state, const std::string& stamp) = 0;

    // Reads the state whole. Throws kInput, naming the place, unless it is as it was saved; kNotFound.
    virtual void verify(const SavedState& state) = 0;

    // The state as a database that is only read. Here and below: a state without `over`.
    virtual std::unique_ptr<Connection> open(const SavedState& state) = 0;

    // Saves what the database would be after `change`, which works on a private copy. Throws as save() does, and what
    // `change` throws.
    virtual SavedState derive(const std::string& place, const std::function<void(Connection&)>& change) = 0;

    // Saves `state` with the present rows of these tables of the database in place of the state's, and with their
    // sequences. Throws kNotFound for a table that the state does not have, kInput when it is not defined alike in
    // both, or when rows would refer to rows that the result does not have.
    virtual SavedState merge(const SavedState& state, const std::vector<std::string>& keep,
                             const std::string& place) = 0;

    // Removes what save(), derive() or merge() left at this place, whole or in part; nothing if there is nothing.
    virtual void discard(const std::string& place) noexcept = 0;

    // Removes what a server keeps for references of the folder `store` that are not in it any more, and nothing else:
    // it bears our mark, with this host and this folder. The store is locked for writing. Returns what was removed, as
    // sentences without a full stop. What cannot be removed stays.
    virtual std::vector<std::string> sweep(const std::string& store) noexcept {
        static_cast<void>(store);
        return {};
    }

    // Of the database, or of a state.
    virtual StateFacts facts() = 0;
    virtual StateFacts facts(const SavedState& state) = 0;
    virtual std::vector<Obstacle> obstacles() = 0;
    virtual std::vector<Obstacle> obstacles(const SavedState& state) = 0;

    // restore() may drop triggers for the while, where they would fire and cannot be silenced (LoadOptions).
    virtual void drop_triggers() {}
    // restore() where the schema is not the state's, of an engine whose restore() refuses that: what differs of it is
    // made anew, which need not be all or nothing. Killed, it leaves what the next restore() names and the next
    // rebuild() finishes. Throws kRefused, naming it, before anything changes for what could not be made anew.
    virtual StateRestoreReport rebuild(const SavedState& state, const std::string& stamp) {
        return restore(state, stamp);
    }
};

// Throws kUsage for a database that is not shared as usual (in memory, without locks), whose state cannot be saved.
std::unique_ptr<States> open_states(const Location& location, int busy_timeout_ms);

}  // namespace dbfixture
