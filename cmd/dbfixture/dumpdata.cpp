// SPDX-License-Identifier: MIT
// dumpdata: its options, and what it says when it is done. ops/dump.h does the work.
#include "ops/dump.h"

#include <memory>

#include "base/cat.h"
#include "base/text.h"
#include "commands.h"
#include "layout/layout.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "session.h"

namespace dbfixture {
namespace {

struct DumpdataOptions {
    std::string format;
    int indent = -1;
    std::vector<std::string> exclude;
    std::optional<std::string> pks;
    bool all = false;
    std::string output;
    std::string layout;
    bool natural_foreign = false;
    bool natural_primary = false;
    bool exact = false;
};

constexpr auto kHelpOfLabels =
    "A label is a table, an app (the tables that the config lists for it, else all\n"
    "whose names begin with \"app_\"), or app.model. Without labels all tables are\n"
    "dumped but the bookkeeping of migration tools. Parents come before children.\n";

constexpr auto kExamples =
    "\nExamples:\n"
    "  dbfixture dumpdata -d shop.db --indent 2 -o shop.json\n"
    "  dbfixture dumpdata -d shop.db customers orders -e orders_log -o part.jsonl.gz\n"
    "  dbfixture dumpdata -d db.sqlite3 auth.user blog -e blog.visit --natural-foreign";

std::string help_text() {
    std::string out = kHelpOfLabels;
    for (const LayoutKind& kind : layout_kinds())
        out += kind.help_of_dump;
    return out + kExamples;
}

// The text in which `say` puts what it says of a layout, one after the other.
template <typename Say>
std::string of_layouts(const Say& say) {
    std::string out;
    for (const LayoutKind& kind : layout_kinds()) {
        const std::string said = say(kind);
        if (!said.empty()) append(out, cat(out.empty() ? "" : ", ", said));
    }
    return out;
}

// "1,[2, \"a,b\"],\"c,d\"" at the commas that are neither in brackets nor in double quotes.
std::vector<std::string> split_keys(std::string_view text) {
    std::vector<std::string> keys(1);
    int brackets = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == ',' && brackets == 0 && !quoted) {
            keys.emplace_back();
            continue;
        }
        const bool inside =
            brackets > 0 || keys.back().empty();  // a quote or bracket later in a bare key is part of it
        if (c == '"' && (quoted || inside)) quoted = !quoted;
        const bool opens = c == '[' || (c == '{' && text.substr(i + 1).starts_with('"'));
        if (!quoted && opens && inside) ++brackets;
        if (!quoted && (c == ']' || c == '}') && brackets > 0) --brackets;
        keys.back() += c;
        if (quoted && c == '\\' && i + 1 < text.size()) keys.back() += text[++i];
    }
    return keys;
}

void check_usage(const DumpdataOptions& options, const Session& session) {
    if (session.report.json() && (options.output.empty() || options.output == "-")) {
        throw Error(ErrorKind::kUsage, "--json needs --output, because standard output carries the result")
            .with_hint("name a file with -o");
    }
}

void report_dump(Session& session, const Schema& schema, const DumpOptions& dumped, const DumpReport& counts,
                 const FixtureTarget& target) {
    Report& report = session.report;
    for (std::size_t i = 0; i < dumped.tables.size() && report.verbosity() > 1; ++i) {
        report.note(cat("  ", printable(schema.tables[dumped.tables[i]].label(), 200), ": ", counts.rows[i]));
    }
    if (!target.path.empty()) {
        report.note(
            cat("Dumped ", counts.total, " record(s) from ", dumped.tables.size(), " table(s) to ", target.path));
    }
    report.result([&](JsonText& json) {
        json.field("output", target.path)
            .field("format", target.format->name)
            .optional_field("compression", target.compression);
        json.field("records", counts.total).key("tables").begin_list();
        for (std::size_t i = 0; i < dumped.tables.size(); ++i) {
            json.begin_object()
                .field("table", schema.tables[dumped.tables[i]].label())
                .field("records", counts.rows[i])
                .end_object();
        }
        json.end_list();
    });
}

// The layouts of a dump: `labels` says what labels mean; `records`, how records are written.
struct DumpLayouts {
    std::unique_ptr<Layout> labels;
    std::unique_ptr<Layout> other;  // where --layout names another than that of the labels
    const Layout* records = nullptr;
};

[[noreturn]] void refuse_natural_keys(const DumpdataOptions& options) {
    for (const LayoutKind& kind : layout_kinds()) {
        if (!kind.natural_keys) continue;
        throw Error(ErrorKind::kUsage, cat("natural keys are part of ", kind.owner, "'s layout only"))
            .with_hint(options.layout.empty()
                           ? cat("this is no ", kind.owner, " database: --layout ", kind.name, " writes it as one")
                           : cat("leave out --layout ", options.layout));
    }
    throw Error(ErrorKind::kUsage, "no layout has natural keys");
}

DumpLayouts choose_layouts(const DumpdataOptions& options, Connection& connection, const LayoutConfigs& configs) {
    DumpLayouts out;
    out.labels = open_layout(connection, configs);
    out.records = out.labels.get();
    const LayoutKind* const named = find_layout_kind(options.layout);
    if (named != nullptr || !out.labels->recognized()) {
        out.other = open_layout(connection, configs, named != nullptr ? *named : *find_layout_kind("table"));
        out.records = out.other.get();
    }
    if ((options.natural_foreign || options.natural_primary) && !out.records->has_natural_keys())
        refuse_natural_keys(options);
    return out;
}

void use_layouts(const DumpdataOptions& options, const DumpLayouts& layouts, const Schema& schema,
                 SelectionOptions& selection, DumpOptions& dumped) {
    dumped.layout = layouts.records;
    if (!layouts.records->dumps_bookkeeping()) selection.all = false;
    dumped.natural_foreign = options.natural_foreign;
    dumped.natural_primary = options.natural_primary;
    dumped.exact = options.exact;
    for (const std::string& label : selection.exclude) {
        if (const auto table = schema.find(label); table && layouts.records->is_part(*table))
            dumped.exclude.push_back(*table);
    }
}

void translate_labels(const Layout& layout, const Apps& apps, SelectionOptions& selection,
                      std::vector<std::string>& warnings) {
    LayoutLabels labels = layout.translate(selection.labels, selection.exclude, apps);
    selection.labels = std::move(labels.labels);
    selection.exclude = std::move(labels.exclude);
    selection.apps = std::move(labels.apps);
    warnings.insert(warnings.end(), labels.warnings.begin(), labels.warnings.end());
}

// For who watches, where counting costs little beside the dump: on a server it is half of it. 0: not known.
std::uint64_t count_rows(Connection& connection, const DumpOptions& dumped) {
    if (!connection.capabilities().cursors_nest || !dumped.keys.empty()) return 0;
    std::uint64_t rows = 0;
    for (const std::size_t table : dumped.tables)
        rows += connection.statistics(table).rows;
    return rows;
}

int run_dumpdata(const DumpdataOptions& options, Session& session) {
    check_usage(options, session);
    const DumpDefaults& defaults = session.config().dump;
    const FixtureTarget target =
        choose_target(options.output, options.format, defaults.format.empty() ? "json" : defaults.format, "--format");
    SelectionOptions selection;
    selection.labels = session.arguments("[LABEL...]", 0, Session::kAny);
    selection.exclude = options.exclude;
    selection.all = options.all;

    const ReplaceCheck check = protect_files(session, true);
    check_target(target, check);
    session.respect_runs(Use::kRead);
    const std::unique_ptr<Connection> connection = session.open(OpenMode::kReadOnly);
    auto view = std::make_optional<ReadView>(*connection);
    const Schema& schema = connection->schema();
    const DumpLayouts layouts = choose_layouts(options, *connection, session.config().layouts);
    std::vector<std::string> warnings;
    if (session.report.verbosity() > 1) warnings = layouts.labels->notes();
    translate_labels(*layouts.labels, session.config().apps, selection, warnings);
    DumpOptions dumped;
    use_layouts(options, layouts, schema, selection, dumped);
    dumped.tables = select_tables(schema, selection, warnings);
    if (dumped.natural_foreign) dumped.tables = layouts.records->natural_order(std::move(dumped.tables));
    if (options.pks && (selection.labels.size() != 1 || dumped.tables.size() != 1)) {
        throw Error(ErrorKind::kUsage, "--pks needs exactly one table").with_hint("name the table whose keys they are");
    }
    if (options.pks) dumped.keys = split_keys(*options.pks);
    dumped.format = target.format;
    dumped.write.indent = options.indent >= 0 ? options.indent : defaults.indent.value_or(-1);
    session.report.warnings(warnings);

    const std::unique_ptr<ByteSink> sink = open_target(target, check, session.report);
    DumpReport counts;
    {
        Activity activity(session.report, "Dumping", ProgressUnit::kRecords);
        dumped.written = activity.work();
        begin_work(dumped.written, "", activity.shown() ? count_rows(*connection, dumped) : 0);
        counts = dump(*connection, dumped, *sink);
        view.reset();  // the file is synced without it
        sink->finish();
    }
    if (!target.path.empty()) session.report.set_done();
    session.report.warnings(counts.warnings);
    report_dump(session, schema, dumped, counts, target);
    return 0;
}

}  // namespace

Action attach_dumpdata(CLI::App& app) {
    auto options = std::make_shared<DumpdataOptions>();
    add_text(app, "-f,--format", options->format, "FORMAT",
             cat(format_list(), " (else by the extension of --output, else json)"));
    add_number(app, "--indent", options->indent, {0, 100}, "N", "indent by N spaces, one value a line");
    add_list(app, "-e,--exclude", options->exclude, "LABEL", "leave out a table or an app; may be repeated");
    add_text(app, "--pks", options->pks, "KEYS",
             "only the rows with these primary keys, separated by commas; one table only");
    add_flag(app, "-a,--all", options->all, "also tables that are left out by default");
    add_text(app, "-o,--output", options->output, "FILE",
             "write to FILE, whole or not at all; compressed by .gz, .bz2, .xz or .zst");
    add_choice(app, "--layout", options->layout, layout_names(),
               cat("how records are written (else ", of_layouts([](const LayoutKind& kind) {
                       return kind.owner.empty() ? std::string()
                                                 : cat("as ", kind.owner, " does in a ", kind.owner, " database");
                   }),
                   ")"));
    const std::string owners =
        of_layouts([](const LayoutKind& kind) { return std::string(kind.natural_keys ? kind.owner : ""); });
    add_flag(app, "--natural-foreign", options->natural_foreign,
             cat("write foreign keys as natural keys (", owners, ")"));
    add_flag(app, "--natural-primary", options->natural_primary,
             cat("leave out primary keys that natural keys replace (", owners, ")"));
    add_flag(app, "--exact", options->exact, of_layouts([](const LayoutKind& kind) {
                 return kind.help_of_exact.empty() ? std::string() : cat(kind.help_of_exact, " (", kind.owner, ")");
             }));
    add_help_text(app, help_text());
    return [options](Session& session) { return run_dumpdata(*options, session); };
}

}  // namespace dbfixture
