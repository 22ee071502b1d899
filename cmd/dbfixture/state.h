// SPDX-License-Identifier: MIT
// What snapshot, restore and snapshots share: where the store is, and how a snapshot is shown.
#pragma once

#include <string>
#include <utility>

#include "fixture/json/document.h"
#include "progress.h"
#include "state/snapshot.h"

namespace CLI {
class App;
}

namespace dbfixture {

class Session;

void add_store_option(CLI::App& app, std::string& store);
StateRequest state_request(Session& session, const std::string& store);
StateRequest state_request(Session& session, const std::string& store, bool drop_triggers);

// `action` on the request with an activity that shows how far it is.
template <typename Action>
auto watched(Report& report, std::string what, StateRequest request, Action action) {
    Activity activity(report, std::move(what));
    request.work = activity.work();
    return action(request);
}

// "149.1 MB"
std::string human_size(std::uint64_t bytes);
// "5 minutes ago", of "2026-01-31T12:00:00.123456Z".
std::string human_age(const std::string& created);
// As --json names it. What differs is counted in units of the engine's, by which the way is called.
std::string way_of(const StateRestoreReport& report);
// At -v 2: why it took what it took.
void say_why(Session& session, const StateRestoreReport& report);
// "dbfixture 0.1.0"
std::string tool_version();
std::uint64_t row_count(const Manifest& manifest);
// " (1 table not counted)", or nothing.
std::string uncounted(const Manifest& manifest);
// The members of one snapshot, inside an open object.
void add_manifest(JsonText& json, const std::string& name, const Manifest& manifest);

}  // namespace dbfixture
