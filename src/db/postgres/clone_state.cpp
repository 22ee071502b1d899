// SPDX-License-Identifier: MIT
#include "db/postgres/clone_state.h"

#include <unistd.h>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/clone_create.h"
#include "db/postgres/clone_server.h"
#include "db/postgres/clone_template.h"
#include "db/postgres/connection.h"
#include "db/postgres/saved_place.h"
#include "db/postgres/sql_text.h"
#include "db/saved_mark.h"
#include "db/unfinished_copy.h"

namespace dbfixture::postgres {
namespace {

std::vector<StateTable> tables_of(Connection& connection) {
    std::vector<StateTable> out;
    const Schema& schema = connection.schema();
    for (std::size_t i = 0; i < schema.tables.size(); ++i) {
        const bool readable = schema.tables[i].unreadable.empty();
        out.push_back(
            {schema.tables[i].label(), readable ? std::optional(connection.statistics(i).rows) : std::nullopt});
    }
    return out;
}

SavedState describe(CloneServer& server, const std::string& object, const std::string& place) {
    const Result facts =
        server.session().run("SELECT oid, pg_database_size(oid) FROM pg_database WHERE datname = $1", {object});
    SavedState state;
    state.kind = StateKind::kTemplate;
    state.place = place;
    state.checksum = facts.string(0, 0);
    state.bytes = static_cast<std::uint64_t>(facts.integer(0, 1));
    return state;
}

// A copy of the database of the session, which is closed.
void clone_live(SavedSession& saved, CloneServer& server, const NewPlace& target, const std::string& place,
                std::vector<std::string>& warnings) {
    const std::string live = database_name(saved.location());
    saved.close();
    server.lock();
    if (saved.ends_sessions()) server.end_users();
    try {
        clone_database(server,
                       {.name = target.object(),
                        .source = live,
                        .like = live,
                        .allow_connections = false,
                        .mark = mark_for(place)},
                       warnings);
    } catch (Error& error) {
        if (error.kind == ErrorKind::kBusy && !saved.ends_sessions()) error.hint = kHowToEndUsers;
        throw;
    }
    server.say_whose_ended(warnings);
}

template <typename Action>
void or_drop(CloneServer& server, const std::string& name, Action action) {
    try {
        action();
    } catch (...) {
        drop_after_all(server, name);
        throw;
    }
}

}  // namespace

StateSaveReport save_template(SavedSession& saved, const std::string& place) {
    NewPlace target(saved, place, StateKind::kTemplate);
    CloneServer server(saved.location(), saved.busy_timeout_ms());
    StateSaveReport report;
    clone_live(saved, server, target, place, report.warnings);
    or_drop(server, target.object(), [&] {
        report.tables = tables_of(*open_closed(server, target.object(), OpenMode::kReadOnly));
        report.state = describe(server, target.object(), place);
    });
    target.keep();
    return report;
}

// A database is copied whole or not at all.
StateSaveReport save_template_difference(SavedSession& saved, const SavedState&, const std::string&,
                                         const std::string& place) {
    return save_template(saved, place);
}

// Nobody has been able to connect to it, so it is what it was made as.
void verify_template(SavedSession& saved, const SavedState& state) {
    CloneServer server(saved.location(), saved.busy_timeout_ms());
    find_template(server, state);
}

std::unique_ptr<Connection> open_template(SavedSession& saved, const SavedState& state) {
    CloneServer server(saved.location(), saved.busy_timeout_ms());
    return open_closed(server, find_template(server, state), OpenMode::kReadOnly);
}

SavedState derive_template(SavedSession& saved, const std::string& place,
                           const std::function<void(Connection&)>& change) {
    NewPlace target(saved, place, StateKind::kTemplate);
    CloneServer server(saved.location(), saved.busy_timeout_ms());
    std::vector<std::string> ignored;
    clone_live(saved, server, target, place, ignored);
    SavedState state;
    or_drop(server, target.object(), [&] {
        change(*open_closed(server, target.object(), OpenMode::kReadWrite));
        state = describe(server, target.object(), place);
    });
    target.keep();
    return state;
}

SavedState merge_template(SavedSession&, const SavedState&, const std::vector<std::string>&, const std::string&) {
    throw Error(ErrorKind::kUsage, "rows cannot be kept where the database is made anew of a template")
        .with_hint("--keep goes with snapshots of kind \"copy\", which \"dbfixture snapshot\" makes");
}

// Before it has its mark, the reference is what says that it is ours. Then somebody may have been killed while the
// server still makes it: with the lock, that is over.
bool drop_template(SavedSession& saved, const SavedReference& reference) noexcept {
    try {
        CloneServer server(saved.location(), saved.busy_timeout_ms());
        auto found = server.find(reference.object);
        if (!found || found->comment.empty()) {
            server.lock();
            found = server.find(reference.object);
        }
        if (found && (found->comment.empty() || found->comment.starts_with(kMarkStart))) server.drop(reference.object);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

// The session that is there anyway is asked first: this comes with every change of a store.
void sweep_templates(SavedSession& saved, const std::string& store, const std::set<std::string>& named,
                     std::vector<std::string>& said) {
    std::vector<std::string> left;
    const auto look = [&](Session& session) {
        const Result found = session.run(
            "SELECT datname FROM pg_database WHERE datname ~ '^dbfixture_' AND "
            "starts_with(shobj_description(oid, 'pg_database'), $1) ORDER BY 1",
            {mark_start_of(store)});
        for (int row = 0; row < found.rows(); ++row) {
            if (!named.contains(found.string(row, 0))) left.push_back(found.string(row, 0));
        }
    };
    std::optional<CloneServer> server;
    if (saved.exists()) {
        look(saved.get());
        if (left.empty()) return;
        saved.close();
    }
    server.emplace(saved.location(), saved.busy_timeout_ms());
    if (left.empty()) look(server->session());
    for (const std::string& name : left) {
        server->drop(name);
        said.push_back(cat("removed the database ", quote(name), ", which a killed process left"));
    }
}

}  // namespace dbfixture::postgres
