// SPDX-License-Identifier: MIT
// flush and sqlflush: their options, and what they say. ops/flush.h plans, the connection deletes.
#include "ops/flush.h"

#include <memory>

#include "base/cat.h"
#include "base/text.h"
#include "commands.h"
#include "consent.h"
#include "layout/layout.h"
#include "options.h"
#include "session.h"

namespace dbfixture {
namespace {

struct FlushCommandOptions {
    std::vector<std::string> exclude;
    bool cascade = false;
    bool keep_sequences = false;
    bool drop_triggers = false;
    ConsentOptions consent;
};

std::string flush_help() {
    std::string kept = "the bookkeeping of migration tools";
    for (const LayoutKind& kind : layout_kinds()) {
        if (!kind.help_of_flush.empty()) append(kept, cat(" and, ", kind.help_of_flush));
    }
    return cat(
        "Deletes all rows of the tables, in one transaction, and keeps the schema. Without\n"
        "labels: all tables but ",
        kept,
        ". Triggers do not fire. Sequences start at 1 again.\n"
        "Asks first; without a terminal it needs --no-input.\n\n"
        "Example:\n"
        "  dbfixture flush -d test.db --no-input");
}

FlushOptions flush_options(const FlushCommandOptions& options, Session& session) {
    FlushOptions out;
    out.labels = session.arguments("[LABEL...]", 0, Session::kAny);
    out.exclude = options.exclude;
    out.apps = session.config().apps;
    out.cascade = options.cascade;
    out.keep_sequences = options.keep_sequences;
    out.drop_triggers = options.drop_triggers;
    return out;
}

FlushPlan make_plan(Connection& connection, FlushOptions options, Session& session) {
    const ReadView view(connection);
    const auto layout = open_layout(connection, session.config().layouts);
    LayoutLabels labels = layout->translate(options.labels, options.exclude, options.apps);
    layout->add_parts(labels.labels);
    options.labels = std::move(labels.labels);
    options.exclude = std::move(labels.exclude);
    options.apps = std::move(labels.apps);
    options.kept = layout->kept_in_flush(connection);
    if (session.report.verbosity() > 1) session.report.warnings(layout->notes());
    return plan_flush(connection, options);
}

std::vector<std::string> command_words(const FlushOptions& options) {
    std::vector<std::string> words = {"flush"};
    words.insert(words.end(), options.labels.begin(), options.labels.end());
    for (const std::string& label : options.exclude)
        words.insert(words.end(), {"--exclude", label});
    if (options.cascade) words.emplace_back("--cascade");
    if (options.keep_sequences) words.emplace_back("--keep-sequences");
    if (options.drop_triggers) words.emplace_back("--drop-triggers");
    return words;
}

void add_common_options(CLI::App& app, FlushCommandOptions& options) {
    add_list(app, "-e,--exclude", options.exclude, "LABEL", "leave out a table or an app; may be repeated");
    add_flag(app, "--cascade", options.cascade, "also empty tables that refer to the chosen ones");
    add_flag(app, "--keep-sequences", options.keep_sequences, "let new rows be numbered on from the deleted ones");
}

int run_flush(const FlushCommandOptions& command, Session& session) {
    const FlushOptions options = flush_options(command, session);
    const std::unique_ptr<Connection> connection = session.open(OpenMode::kReadWrite);
    const FlushPlan plan = make_plan(*connection, options, session);
    const std::size_t tables = plan.request.tables.size();
    const auto what = [&] {
        return cat(plural(count_rows(*connection, plan), "row"), " of ", plural(tables, "table"));
    };
    ask_consent(session, command.consent, {"flush", what, command_words(options)});
    const std::vector<std::uint64_t> rows = flush(*connection, plan.request);
    session.report.set_done();

    const Schema& schema = connection->schema();
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < tables; ++i) {
        total += rows[i];
        if (session.report.verbosity() > 1 && rows[i] > 0) {
            session.report.line(
                cat("  ", printable(schema.tables[plan.request.tables[i]].label(), 200), ": ", plural(rows[i], "row")));
        }
    }
    if (!plan.cascaded.empty()) session.report.line(cat("Also emptied: ", quote_list(plan.cascaded, 1000)));
    if (!plan.kept.empty() && session.report.verbosity() > 1) {
        session.report.line(cat("Kept: ", quote_list(plan.kept)));
    }
    session.report.line(cat("Deleted ", plural(total, "row"), " of ", plural(tables, "table")));
    session.report.result([&](JsonText& json) {
        json.field("database", connection->name()).field("rows", total).key("tables").begin_list();
        for (std::size_t i = 0; i < tables; ++i) {
            json.begin_object().field("table", schema.tables[plan.request.tables[i]].label());
            json.field("rows", rows[i]).end_object();
        }
        json.end_list().field("cascaded", plan.cascaded).field("kept", plan.kept);
    });
    return 0;
}

int run_sqlflush(const FlushCommandOptions& command, Session& session) {
    const FlushOptions options = flush_options(command, session);
    const std::unique_ptr<Connection> connection = session.open(OpenMode::kReadOnly);
    const FlushPlan plan = make_plan(*connection, options, session);
    const std::vector<std::string> statements = connection->flush_sql(plan.request);
    for (const std::string& statement : statements)
        session.report.data(cat(statement, ";\n"));
    session.report.result(
        [&](JsonText& json) { json.field("database", connection->name()).field("statements", statements); });
    return 0;
}

}  // namespace

Action attach_flush(CLI::App& app) {
    auto options = std::make_shared<FlushCommandOptions>();
    add_common_options(app, *options);
    add_drop_triggers_option(app, options->drop_triggers);
    add_consent_options(app, options->consent);
    add_help_text(app, flush_help());
    return [options](Session& session) { return run_flush(*options, session); };
}

Action attach_sqlflush(CLI::App& app) {
    auto options = std::make_shared<FlushCommandOptions>();
    add_common_options(app, *options);
    add_help_text(app,
                  "Prints the SQL that flush would run, and runs nothing. SQL cannot silence triggers, as\n"
                  "flush does: for the sqlite3 shell, put \".dbconfig enable_trigger off\" before it.\n\n"
                  "Example:\n"
                  "  dbfixture sqlflush -d test.db | sqlite3 test.db");
    return [options](Session& session) { return run_sqlflush(*options, session); };
}

}  // namespace dbfixture
