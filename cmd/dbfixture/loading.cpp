// SPDX-License-Identifier: MIT
#include "loading.h"

#include <algorithm>

#include "base/cat.h"
#include "base/text.h"
#include "consent.h"
#include "progress.h"
#include "session.h"

namespace dbfixture {

void add_loading_options(CLI::App& app, LoadingOptions& options) {
    add_input_options(app, options.input);
    add_list(app, "-e,--exclude", options.exclude, "LABEL", "skip the records of a table or an app; may be repeated");
    add_flag(app, "-i,--ignorenonexistent", options.ignore_nonexistent,
             "skip records and fields whose table or column does not exist");
    add_flag(app, "--triggers", options.triggers, "let triggers fire");
    add_drop_triggers_option(app, options.drop_triggers);
    add_flag(app, "--allow-orphans", options.allow_orphans,
             "warn about foreign keys that point nowhere, instead of failing");
    add_optional_list(app, "--replace", options.replace, "LABEL,...|all",
                      "first empty the tables that the fixtures hold records of, and these");
}

LoadRequest make_load_request(const std::vector<std::string>& names, const LoadingOptions& options, Session& session) {
    LoadRequest request;
    request.fixtures = find_inputs(names, options.input, session);
    request.exclude = options.exclude;
    request.apps = session.config().apps;
    request.layouts = session.config().layouts;
    request.ignore_nonexistent = options.ignore_nonexistent;
    if (options.triggers && options.drop_triggers)
        throw Error(ErrorKind::kUsage, "--triggers and --drop-triggers cannot both be given");
    request.fire_triggers = options.triggers;
    request.drop_triggers = options.drop_triggers;
    request.allow_orphans = options.allow_orphans;
    if (!options.replace.empty()) request.replace = parse_replace(options.replace);
    return request;
}

LoadSummary load_watched(Connection& connection, const LoadRequest& request, Report& report) {
    Activity activity(report, "Loading", request.fixtures);
    LoadRequest watched = request;
    watched.before_again = [&activity] { activity.begin_again(); };
    return load(connection, watched);
}

// "a,b" and a list of options are one list of labels; "all" is every table.
ReplaceOptions parse_replace(const std::vector<std::string>& values) {
    ReplaceOptions out;
    for (const std::string& value : values) {
        if (value.empty()) continue;
        for (std::size_t at = 0; at <= value.size();) {
            const std::size_t end = std::min(value.find(',', at), value.size());
            const std::string label = value.substr(at, end - at);
            if (label.empty()) throw Error(ErrorKind::kUsage, "a label of --replace is empty");
            if (label == "all") out.all = true;
            if (label != "all") out.labels.push_back(label);
            at = end + 1;
        }
    }
    return out;
}

std::string describe_replaced(const ReplaceOptions& replace, Session& session) {
    if (replace.all) return describe_rows(session);
    return cat("all rows of the tables that the fixtures hold records of",
               replace.labels.empty() ? "" : cat(", and of ", quote_list(replace.labels)));
}

TableCounts sum(const LoadReport& report) {
    TableCounts all;
    for (const TableCounts& table : report.tables) {
        all.inserted += table.inserted;
        all.updated += table.updated;
        all.unchanged += table.unchanged;
        all.deleted += table.deleted;
    }
    return all;
}

bool is_empty(const TableCounts& counts) {
    return counts.inserted + counts.updated + counts.unchanged + counts.deleted == 0;
}

void print_summary(Report& report, const Schema& schema, const LoadSummary& summary, bool dry_run) {
    for (std::size_t i = 0; i < summary.report.tables.size() && report.verbosity() > 1; ++i) {
        const TableCounts& counts = summary.report.tables[i];
        if (is_empty(counts)) continue;
        report.line(cat("  ", printable(schema.tables[i].label(), 200), ": ",
                        counts.deleted > 0 ? cat(counts.deleted, " deleted, ") : "", counts.inserted, " inserted, ",
                        counts.updated, " updated, ", counts.unchanged, " unchanged"));
    }
    if (summary.ignored_records + summary.ignored_fields > 0) {
        report.line(cat("Skipped ", summary.ignored_records, " record(s) of unknown tables and ",
                        summary.ignored_fields, " unknown field(s)"));
    }
    const std::uint64_t read = summary.records + summary.excluded + summary.ignored_records;
    const TableCounts all = sum(summary.report);
    const bool unchanged = all.unchanged > 0 && all.inserted + all.updated == 0;
    report.line(cat(dry_run ? "Would install " : "Installed ", summary.records, " object(s)",
                    read == summary.records ? "" : cat(" (of ", read, ")"), " from ", summary.fixtures, " fixture(s)",
                    unchanged ? ": all unchanged" : "",
                    all.deleted > 0 ? cat(", in place of ", plural(all.deleted, "row")) : "",
                    dry_run ? " (dry run: nothing was written)" : ""));
}

}  // namespace dbfixture
