// SPDX-License-Identifier: MIT
// inspect: its options. ops/inspect.h looks, inspect_text.h shows.
#include "ops/inspect.h"

#include <map>
#include <memory>
#include <optional>

#include "base/cat.h"
#include "base/text.h"
#include "commands.h"
#include "inspect_text.h"
#include "layout/layout.h"
#include "ops/record_shapes.h"
#include "options.h"
#include "session.h"

namespace dbfixture {
namespace {

struct InspectCommandOptions {
    std::string format = "text";
    bool no_counts = false;
    bool json_schema = false;
    std::map<std::string, bool> configs;  // by layout: whether its part of the config is wanted
};

int show_config(Session& session, const LayoutKind& kind) {
    session.arguments(cat("--", kind.name, "-config"), 0, 0);
    const std::unique_ptr<Connection> connection = session.open(OpenMode::kReadOnly);
    auto view = std::make_optional<ReadView>(*connection);
    const std::string text =
        open_layout(*connection, session.config().layouts, kind)->suggest_config(connection->name());
    view.reset();
    session.report.data(text);
    session.report.result([&](JsonText& json) {
        json.field("database", connection->name()).field("engine", connection->engine());
        json.field(cat(kind.name, "_config"), text);
    });
    return 0;
}

int show_json_schema(Session& session, const Connection& connection, const std::vector<RecordShape>& shapes) {
    const std::string text = shapes_as_json_schema(connection.name(), shapes);
    session.report.data(text);
    session.report.result([&](JsonText& json) {
        json.field("database", connection.name()).field("engine", connection.engine());
        json.key("json_schema").document(text);
    });
    return 0;
}

int run_inspect(const InspectCommandOptions& options, Session& session) {
    for (const auto& [name, wanted] : options.configs) {
        if (wanted) return show_config(session, *find_layout_kind(name));
    }
    if (options.json_schema && options.format != "text")
        throw Error(ErrorKind::kUsage, cat("--json-schema and --format ", options.format, " cannot both be given"));
    InspectOptions what;
    const bool shows_counts = options.format == "text" || session.report.gives_document();
    what.count_rows = !options.no_counts && !options.json_schema && shows_counts;

    const std::unique_ptr<Connection> connection = session.open(OpenMode::kReadOnly);
    auto view = std::make_optional<ReadView>(*connection);
    const Schema& schema = connection->schema();
    const std::unique_ptr<Layout> layout = open_layout(*connection, session.config().layouts);
    if (session.report.verbosity() > 1) session.report.warnings(layout->notes());
    LayoutLabels labels =
        layout->translate(session.arguments("[LABEL...]", 0, Session::kAny), {}, session.config().apps);
    what.labels = std::move(labels.labels);
    what.apps = std::move(labels.apps);
    const Inspection inspection = inspect(*connection, what);
    session.report.warnings(schema.warnings);
    if (options.json_schema) {
        std::vector<std::size_t> tables;
        for (const InspectedTable& table : inspection.tables)
            tables.push_back(table.table);
        const std::vector<RecordShape> shapes = record_shapes(*connection, *layout, tables, !options.no_counts);
        view.reset();
        return show_json_schema(session, *connection, shapes);
    }
    view.reset();  // who reads what is printed may take their time
    if (options.format == "mermaid") {
        session.report.data(inspection_as_mermaid(schema, inspection));
    } else if (options.format == "dot") {
        session.report.data(inspection_as_dot(schema, inspection));
    } else {
        session.report.data(cat(printable(connection->name(), std::string::npos), " (", connection->engine(), ")\n\n",
                                inspection_as_text(schema, inspection)));
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
    add_flag(app, "--no-counts", options->no_counts, "do not count rows, nor read them");
    add_flag(app, "--json-schema", options->json_schema,
             "print a JSON Schema of this database's fixtures, for editors");
    for (const LayoutKind& kind : layout_kinds()) {
        if (!kind.suggests_config) continue;
        add_flag(app, cat("--", kind.name, "-config"), options->configs[std::string(kind.name)],
                 cat("print a \"", kind.name, ":\" map for the config: what a ", kind.owner,
                     " database does not say by itself"));
    }
    add_help_text(app,
                  "Shows all tables, also those that dumpdata leaves out; or those of the given labels.\n\n"
                  "Examples:\n"
                  "  dbfixture inspect -d shop.db\n"
                  "  dbfixture inspect -d shop.db --format mermaid >schema.mmd");
    return [options](Session& session) { return run_inspect(*options, session); };
}

}  // namespace dbfixture
