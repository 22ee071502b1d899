// SPDX-License-Identifier: MIT
#include "state.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "base/cat.h"
#include "base/text.h"
#include "options.h"
#include "session.h"

namespace dbfixture {

void add_store_option(CLI::App& app, std::string& store) {
    add_text(app, "--store", store, "DIR", "where snapshots are kept (beside the database: <database>.snapshots)");
}

StateRequest state_request(Session& session, const std::string& store, bool drop_triggers) {
    StateRequest request = state_request(session, store);
    request.drop_triggers = drop_triggers;
    return request;
}

StateRequest state_request(Session& session, const std::string& store) {
    StateRequest request;
    request.database = session.location();
    request.store = store.empty() ? session.config().store.value_or("") : store;
    while (request.store.size() > 1 && request.store.ends_with('/'))
        request.store.pop_back();
    request.busy_timeout_ms = session.busy_timeout_ms();
    return request;
}

std::string human_size(std::uint64_t bytes) {
    constexpr std::array kUnits = {"bytes", "kB", "MB", "GB", "TB"};
    double size = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; size >= 999.95 && unit + 1 < kUnits.size(); ++unit)
        size /= 1000;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", size, kUnits[unit]);
    return text.data();
}

std::string human_age(const std::string& created) {
    tm utc = {};
    if (::strptime(created.c_str(), "%Y-%m-%dT%H:%M:%S", &utc) == nullptr) return "";
    const auto seconds = static_cast<std::int64_t>(::time(nullptr) - ::timegm(&utc));
    if (seconds < 60) return "just now";
    if (seconds < 3600) return cat(plural(static_cast<std::uint64_t>(seconds / 60), "minute"), " ago");
    if (seconds < 86400) return cat(plural(static_cast<std::uint64_t>(seconds / 3600), "hour"), " ago");
    return cat(plural(static_cast<std::uint64_t>(seconds / 86400), "day"), " ago");
}

std::uint64_t row_count(const Manifest& manifest) {
    std::uint64_t rows = 0;
    for (const ManifestTable& table : manifest.tables)
        rows += table.rows.value_or(0);
    return rows;
}

std::string uncounted(const Manifest& manifest) {
    const auto count = std::count_if(manifest.tables.begin(), manifest.tables.end(),
                                     [](const ManifestTable& table) { return !table.rows; });
    return count > 0 ? cat(" (", plural(static_cast<std::uint64_t>(count), "table"), " not counted)") : std::string();
}

void add_manifest(JsonText& json, const std::string& name, const Manifest& manifest) {
    json.field("name", name).field("kind", name_of(manifest.kind)).field("of_database", manifest.database);
    json.field("created", manifest.created).field("bytes", manifest.bytes).field("rows", row_count(manifest));
    json.field("engine", manifest.engine).field("tool", manifest.tool);
    json.key("tables").begin_list();
    for (const ManifestTable& table : manifest.tables) {
        json.begin_object().field("table", table.name).key("rows");
        table.rows ? json.value(*table.rows) : json.null();
        json.end_object();
    }
    json.end_list();
}

std::string way_of(const StateRestoreReport& report) {
    switch (report.way) {
        case RestoreWay::kUntouched:
            return "untouched";
        case RestoreWay::kUnchanged:
            return "unchanged";
        case RestoreWay::kDifferent:
            return cat(report.unit, "s");
        case RestoreWay::kWhole:
            return "whole";
    }
    return "";
}

void say_why(Session& session, const StateRestoreReport& report) {
    if (session.report.verbosity() < 2) return;
    for (const std::string& note : report.notes)
        session.report.note(note);
}

std::string tool_version() {
    return cat("dbfixture ", DBFIXTURE_VERSION);
}

}  // namespace dbfixture
