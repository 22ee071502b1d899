// SPDX-License-Identifier: MIT
// loaddata: its options, and what it says when it is done. ops/load.h does the work.
#include "ops/load.h"

#include <algorithm>
#include <memory>

#include "base/cat.h"
#include "base/text.h"
#include "commands.h"
#include "consent.h"
#include "input.h"
#include "options.h"
#include "session.h"

namespace dbfixture {
namespace {

struct LoaddataOptions {
    InputOptions input;
    std::vector<std::string> exclude;
    bool ignore_nonexistent = false;
    bool triggers = false;
    bool allow_orphans = false;
    bool dry_run = false;
    std::vector<std::string> replace;
    ConsentOptions consent;
};

constexpr auto kHelpText =
    "A fixture is a file, a name that is searched for in <app>/fixtures, the config's\n"
    "fixture_dirs, --fixture-dir, fixtures and here, with any known extension, or - for\n"
    "standard input. All fixtures are one transaction: if anything is wrong, nothing\n"
    "is changed. A record whose key exists becomes that row, any other is inserted.\n"
    "With --replace the tables of the fixtures hold nothing else afterwards.\n\n"
    "Examples:\n"
    "  dbfixture loaddata -d shop.db shop.json\n"
    "  dbfixture loaddata -d test.db shop.json --replace=orders_log\n"
    "  zcat part.jsonl.gz | dbfixture loaddata -d shop.db --format jsonl -";

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

void add_counts(JsonText& json, const TableCounts& counts) {
    json.field("inserted", counts.inserted).field("updated", counts.updated).field("unchanged", counts.unchanged);
    json.field("deleted", counts.deleted);
}

void add_summary(JsonText& json, const Schema& schema, const LoadRequest& request, const LoadSummary& summary) {
    json.field("dry_run", request.dry_run).key("fixtures").begin_list();
    for (const FixtureInput& input : request.fixtures) {
        json.begin_object().field("path", input.name).field("format", input.format->name).end_object();
    }
    json.end_list().field("records", summary.records);
    add_counts(json, sum(summary.report));
    json.field("excluded_records", summary.excluded).field("ignored_records", summary.ignored_records);
    json.field("ignored_fields", summary.ignored_fields).key("tables").begin_list();
    for (std::size_t i = 0; i < summary.report.tables.size(); ++i) {
        if (is_empty(summary.report.tables[i])) continue;
        json.begin_object().field("table", schema.tables[i].label());
        add_counts(json, summary.report.tables[i]);
        json.end_object();
    }
    json.end_list();
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

// What is deleted is known only once the fixtures have been read.
std::string describe_loss(const ReplaceOptions& replace, Session& session) {
    if (replace.all) return describe_rows(session);
    return cat("all rows of the tables that the fixtures hold records of",
               replace.labels.empty() ? "" : cat(", and of ", quote_list(replace.labels)));
}

int run_loaddata(const LoaddataOptions& options, Session& session) {
    const auto& names = session.arguments("FIXTURE...", 1, Session::kAny);
    LoadRequest request;
    request.fixtures = find_inputs(names, options.input, session);
    request.exclude = options.exclude;
    request.apps = session.config().apps;
    request.layouts = session.config().layouts;
    request.ignore_nonexistent = options.ignore_nonexistent;
    request.fire_triggers = options.triggers;
    request.allow_orphans = options.allow_orphans;
    request.dry_run = options.dry_run;
    if (!options.replace.empty()) request.replace = parse_replace(options.replace);
    if (request.replace && !request.dry_run) {
        guard_database(session, options.consent,
                       {"replace rows of", [&] { return describe_loss(*request.replace, session); }, session.words()});
    }

    const std::unique_ptr<Connection> connection = session.open(OpenMode::kReadWrite);
    for (std::size_t i = 0; i < request.fixtures.size() && session.report.verbosity() > 1; ++i) {
        session.report.line(cat("Loading ", request.fixtures[i].format->name, " fixture ", request.fixtures[i].name));
    }
    const LoadSummary summary = load(*connection, request);
    if (!request.dry_run) session.report.set_done();
    if (session.report.verbosity() > 1) session.report.warnings(summary.notes);
    session.report.warnings(summary.report.warnings);
    print_summary(session.report, connection->schema(), summary, options.dry_run);
    session.report.result([&](JsonText& json) { add_summary(json, connection->schema(), request, summary); });
    return 0;
}

}  // namespace

Action attach_loaddata(CLI::App& app) {
    auto options = std::make_shared<LoaddataOptions>();
    add_input_options(app, options->input);
    add_list(app, "-e,--exclude", options->exclude, "LABEL", "skip the records of a table or an app; may be repeated");
    add_flag(app, "-i,--ignorenonexistent", options->ignore_nonexistent,
             "skip records and fields whose table or column does not exist");
    add_flag(app, "--triggers", options->triggers, "let triggers fire");
    add_flag(app, "--allow-orphans", options->allow_orphans,
             "warn about foreign keys that point nowhere, instead of failing");
    add_flag(app, "--dry-run", options->dry_run, "do everything, then roll back");
    add_optional_list(app, "--replace", options->replace, "LABEL,...|all",
                      "first empty the tables that the fixtures hold records of, and these");
    add_confirm_option(app, options->consent);
    add_help_text(app, kHelpText);
    return [options](Session& session) { return run_loaddata(*options, session); };
}

}  // namespace dbfixture
