// SPDX-License-Identifier: MIT
#include "diff_command.h"

#include "base/cat.h"
#include "diff_json.h"
#include "diff_sides.h"
#include "options.h"
#include "progress.h"
#include "session.h"

namespace dbfixture {
namespace {

// For whoever listens to text and document.
class Both final : public DiffSink {
  public:
    Both(DiffSink& first, DiffSink& second) : first_(first), second_(second) {}
    void take(const OtherDifference& difference) override {
        first_.take(difference);
        second_.take(difference);
    }
    void begin_table(const ComparedTable& table) override {
        first_.begin_table(table);
        second_.begin_table(table);
    }
    void take(const RowDifference& difference) override {
        first_.take(difference);
        second_.take(difference);
    }
    void end_table(const TableCount& count) override {
        first_.end_table(count);
        second_.end_table(count);
    }
    void not_compared(const std::string& table, const std::string& reason) override {
        first_.not_compared(table, reason);
        second_.not_compared(table, reason);
    }

  private:
    DiffSink& first_;
    DiffSink& second_;
};

}  // namespace

void add_selection_options(CLI::App& app, DiffSelection& selection) {
    add_list(app, "--only", selection.only, "LABEL", "compare this table or app only; may be repeated");
    add_list(app, "-e,--exclude", selection.exclude, "LABEL", "leave out a table or an app; may be repeated");
    add_list(app, "--ignore", selection.ignore, "LABEL.COLUMN",
             "do not compare this column; '*.COLUMN' in every table, LABEL.pk the key; may be repeated");
    add_flag(app, "--contains", selection.contains, "rows of A must be in B, which may have others");
    add_flag(app, "--stat", selection.stat, "say how many rows of each table differ, not which");
    add_number(app, "--limit", selection.limit, {0, 1'000'000'000}, "N",
               "show at most N rows of a table (all; in a document 10000)");
}

DiffOptions diff_options(const DiffSelection& selection, Session& session) {
    DiffOptions options;
    options.only = selection.only;
    options.exclude = selection.exclude;
    options.ignore = selection.ignore;
    options.contains = selection.contains;
    use_config(options, session);
    return options;
}

namespace {

DiffText make_text(Session& session, const DiffSide& a, const DiffSide& b, const DiffSelection& selection) {
    const DiffTextStyle style{session.report.colors_data(), selection.stat,
                              static_cast<std::uint64_t>(selection.limit)};
    return {session.report, style, a.name, b.name};
}

DiffReport compare_shown(Session& session, const DiffSide& a, const DiffSide& b, const DiffSelection& selection,
                         DiffSink& sink) {
    const Activity activity(session.report, "Comparing");
    return compare(a, b, diff_options(selection, session), sink);
}

void say_result(Session& session, const DiffReport& report) {
    session.report.warnings(report.warnings);
    session.report.line(describe_result(report));
}

}  // namespace

DiffReport print_differences(Session& session, const DiffSide& a, const DiffSide& b, const DiffSelection& selection) {
    DiffText text = make_text(session, a, b, selection);
    DiffReport report = compare_shown(session, a, b, selection, text);
    say_result(session, report);
    return report;
}

bool show_differences(Session& session, const DiffSide& a, const DiffSide& b, const DiffSelection& selection) {
    if (!session.report.gives_document()) return !print_differences(session, a, b, selection).any();
    DiffReport report;
    session.report.result([&](JsonText& json) {
        json.field("a", a.name).field("b", b.name);
        const int limit = selection.limit > 0 ? selection.limit : kRowsOfDocument;
        DiffJson document(json, selection.stat, static_cast<std::uint64_t>(limit));
        DiffText text = make_text(session, a, b, selection);
        Both both(text, document);
        document.begin();
        report = compare_shown(session, a, b, selection, both);
        say_result(session, report);
        document.end();
        document.finish(report);
    });
    return !report.any();
}

}  // namespace dbfixture
