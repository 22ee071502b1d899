// SPDX-License-Identifier: MIT
// inspect: its options. ops/inspect.h looks, inspect_text.h shows.
#include "ops/inspect.h"

#include <memory>

#include "base/cat.h"
#include "commands.h"
#include "inspect_text.h"
#include "layout/django/models.h"
#include "layout/django/suggest.h"
#include "options.h"
#include "session.h"

namespace dbfixture {
namespace {

struct InspectCommandOptions {
    std::string format = "text";
    bool no_counts = false;
    bool django_config = false;
};

int show_django_config(Session& session) {
    session.arguments("--django-config", 0, 0);
    const std::unique_ptr<Connection> connection = session.open(OpenMode::kReadOnly);
    connection->begin_read();
    const DjangoModels models(*connection, session.config().django);
    const std::string text = suggest_django_config(models, connection->name());
    connection->end_read();
    session.report.data(text);
    session.report.result([&](JsonText& json) {
        json.field("database", connection->name()).field("engine", connection->engine()).field("django_config", text);
    });
    return 0;
}

int run_inspect(const InspectCommandOptions& options, Session& session) {
    if (options.django_config) return show_django_config(session);
    InspectOptions what;
    what.count_rows = !options.no_counts && (options.format == "text" || session.report.json());

    const std::unique_ptr<Connection> connection = session.open(OpenMode::kReadOnly);
    connection->begin_read();
    const Schema& schema = connection->schema();
    DjangoLabels labels = DjangoModels(*connection, session.config().django)
                              .translate(session.arguments("[LABEL...]", 0, Session::kAny), {}, session.config().apps);
    what.labels = std::move(labels.labels);
    what.apps = std::move(labels.apps);
    const Inspection inspection = inspect(*connection, what);
    connection->end_read();
    if (options.format == "mermaid") {
        session.report.data(inspection_as_mermaid(schema, inspection));
    } else if (options.format == "dot") {
        session.report.data(inspection_as_dot(schema, inspection));
    } else {
        session.report.data(
            cat(connection->name(), " (", connection->engine(), ")\n\n", inspection_as_text(schema, inspection)));
    }
    session.report.result([&](JsonText& json) {
        json.field("database", connection->name()).field("engine", connection->engine());
        inspection_as_json(json, schema, inspection);
    });
    return 0;
}

}  // namespace

Action attach_inspect(CLI::App& app) {
    auto options = std::make_shared<InspectCommandOptions>();
    add_choice(app, "--format", options->format, {"text", "mermaid", "dot"},
               "a table, a Mermaid diagram, or a Graphviz graph");
    add_flag(app, "--no-counts", options->no_counts, "do not count rows");
    add_flag(app, "--django-config", options->django_config,
             "print a \"django:\" map for the config: what a Django database does not say by itself");
    add_help_text(app, "Shows all tables, also those that dumpdata leaves out; or those of the given labels.");
    return [options](Session& session) { return run_inspect(*options, session); };
}

}  // namespace dbfixture
