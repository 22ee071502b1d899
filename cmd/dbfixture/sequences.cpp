// SPDX-License-Identifier: MIT
// resetsequences and sqlsequencereset: their options, and what they say.
#include "ops/sequences.h"

#include <memory>

#include "base/cat.h"
#include "base/text.h"
#include "commands.h"
#include "layout/layout.h"
#include "options.h"
#include "session.h"

namespace dbfixture {
namespace {

struct SequenceOptions {
    bool check = false;
};

SequenceCheck check_labels(Connection& connection, Session& session) {
    const ReadView view(connection);
    const auto& labels = session.arguments("[LABEL...]", 0, Session::kAny);
    const std::unique_ptr<Layout> layout = open_layout(connection, session.config().layouts);
    if (session.report.verbosity() > 1) session.report.warnings(layout->notes());
    LayoutLabels found = layout->translate(labels, {}, session.config().apps);
    SelectionOptions what;
    what.labels = std::move(found.labels);
    what.all = true;
    what.apps = std::move(found.apps);
    return check_sequences(connection, what);
}

std::string as_text(const std::optional<std::int64_t>& number, std::string_view none) {
    return number ? cat(*number) : std::string(none);
}

void list(Report& report, const Schema& schema, const std::vector<Sequence>& sequences, std::string_view word) {
    for (const Sequence& sequence : sequences) {
        report.data(cat(printable(schema.tables[sequence.table].label(), 200), ": sequence ",
                        as_text(sequence.stored, "not set"), ", ",
                        sequence.largest ? cat("largest key ", *sequence.largest) : std::string("no rows"), ": ", word,
                        "\n"));
    }
}

void add_list(JsonText& json, std::string_view name, const Schema& schema, const std::vector<Sequence>& sequences) {
    json.key(name).begin_list();
    for (const Sequence& sequence : sequences) {
        json.begin_object().field("table", schema.tables[sequence.table].label()).key("sequence");
        sequence.stored ? json.value(*sequence.stored) : json.null();
        json.key("largest_key");
        sequence.largest ? json.value(*sequence.largest) : json.null();
        json.end_object();
    }
    json.end_list();
}

int run_resetsequences(const SequenceOptions& options, Session& session) {
    const std::unique_ptr<Connection> connection =
        session.open(options.check ? OpenMode::kReadOnly : OpenMode::kReadWrite);
    const SequenceCheck check = check_labels(*connection, session);
    if (!options.check) {
        reset_sequences(*connection, check.tables);
        session.report.set_done();
    }

    const Schema& schema = connection->schema();
    const std::size_t off = check.behind.size() + check.ahead.size();
    if (options.check) {
        list(session.report, schema, check.behind, "behind");
        list(session.report, schema, check.ahead, "ahead");
        session.report.line(
            check.behind.empty()
                ? cat("No sequence is behind its table (", check.sequences, " checked)")
                : cat(plural(check.behind.size(), "sequence"), " of ", check.sequences, " behind the table"));
    } else {
        session.report.line(cat("Set ", plural(check.sequences, "sequence"), ", ", off, " of them changed"));
    }
    session.report.result([&](JsonText& json) {
        json.field("database", connection->name()).field("check", options.check).field("sequences", check.sequences);
        add_list(json, "behind", schema, check.behind);
        add_list(json, "ahead", schema, check.ahead);
    });
    return options.check && !check.behind.empty() ? 1 : 0;
}

int run_sqlsequencereset(Session& session) {
    const std::unique_ptr<Connection> connection = session.open(OpenMode::kReadOnly);
    const SequenceCheck check = check_labels(*connection, session);
    const std::vector<std::string> statements = connection->reset_sequences_sql(check.tables);
    for (const std::string& statement : statements)
        session.report.data(cat(statement, ";\n"));
    session.report.result(
        [&](JsonText& json) { json.field("database", connection->name()).field("statements", statements); });
    return 0;
}

}  // namespace

Action attach_resetsequences(CLI::App& app) {
    auto options = std::make_shared<SequenceOptions>();
    add_flag(app, "--check", options->check,
             "write nothing; list sequences that are behind or ahead; exit 1 if one is behind");
    add_help_text(app,
                  "Makes each sequence continue after its table's largest key, or start at 1 for an\n"
                  "empty table.\n\n"
                  "Examples:\n"
                  "  dbfixture resetsequences -d shop.db\n"
                  "  dbfixture resetsequences -d shop.db --check");
    return [options](Session& session) { return run_resetsequences(*options, session); };
}

Action attach_sqlsequencereset(CLI::App& app) {
    add_help_text(app,
                  "Prints the SQL that resetsequences would run, and runs nothing.\n\n"
                  "Example:\n"
                  "  dbfixture sqlsequencereset -d shop.db orders_log");
    return [](Session& session) { return run_sqlsequencereset(session); };
}

}  // namespace dbfixture
