// SPDX-License-Identifier: MIT
// loaddata: its options, and what it says when it is done. ops/load.h does the work.
#include "ops/load.h"

#include <algorithm>
#include <memory>

#include "base/cat.h"
#include "base/text.h"
#include "commands.h"
#include "consent.h"
#include "loading.h"
#include "options.h"
#include "session.h"

namespace dbfixture {
namespace {

struct LoaddataOptions {
    LoadingOptions loading;
    bool dry_run = false;
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

int run_loaddata(const LoaddataOptions& options, Session& session) {
    const auto& names = session.arguments("FIXTURE...", 1, Session::kAny);
    LoadRequest request = make_load_request(names, options.loading, session);
    request.dry_run = options.dry_run;
    if (request.dry_run && request.drop_triggers) {
        throw Error(ErrorKind::kUsage, "--dry-run and --drop-triggers cannot both be given")
            .with_hint("triggers would be dropped and created for good, and a dry run writes nothing");
    }
    if (request.replace && !request.dry_run) {
        guard_database(
            session, options.consent,
            {"replace rows of", [&] { return describe_replaced(*request.replace, session); }, session.words()});
    }

    const std::unique_ptr<Connection> connection = session.open(OpenMode::kReadWrite);
    for (std::size_t i = 0; i < request.fixtures.size() && session.report.verbosity() > 1; ++i) {
        session.report.line(cat("Loading ", request.fixtures[i].format->name, " fixture ", request.fixtures[i].name));
    }
    const LoadSummary summary = load_watched(*connection, request, session.report);
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
    add_loading_options(app, options->loading);
    add_flag(app, "--dry-run", options->dry_run, "do everything, then roll back");
    add_confirm_option(app, options->consent);
    add_help_text(app, kHelpText);
    return [options](Session& session) { return run_loaddata(*options, session); };
}

}  // namespace dbfixture
