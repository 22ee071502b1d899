// SPDX-License-Identifier: MIT
#include "ops/load.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "base/batch_pipe.h"
#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "layout/binder.h"
#include "layout/layout.h"
#include "layout/row_batch.h"
#include "ops/replace.h"
#include "ops/tries.h"

namespace dbfixture {
namespace {

LoadSummary load_once(Connection& connection, const LoadRequest& request) {
    std::vector<std::string> files;
    for (const FixtureInput& input : request.fixtures)
        files.push_back(input.name);
    std::unique_ptr<Layout> layout;  // known once the transaction has begun
    const auto reword = [&](Error& error) {
        if (layout) layout->reword(connection, error);
    };
    const auto session =
        connection.begin_load({request.fire_triggers, request.allow_orphans, request.drop_triggers, files, {}, reword});
    const Schema& schema = connection.schema();
    layout = open_layout(connection, request.layouts);
    BindOptions options;
    LayoutLabels labels = layout->translate({}, request.exclude, request.apps);
    options.ignore_nonexistent = request.ignore_nonexistent;
    if (!labels.exclude.empty()) options.excluded = excluded_tables(schema, labels.exclude, labels.apps);
    options.apps = std::move(labels.apps);
    options.files = files;
    for (const FixtureInput& input : request.fixtures)
        options.text_only.push_back(input.format->text_only);
    Binder binder(schema, *layout, std::move(options));
    std::optional<Replacer> replacer;
    SettleOptions settle{files, {}, {}};
    if (request.replace) {
        replacer.emplace(*session, schema);
        replacer->empty_named(*layout, request);
        settle.may_search = [&replacer](std::size_t table) { return replacer->has_emptied(table); };
    }
    const auto settler = layout->make_settler(connection, *session, settle);
    const auto write = [&](const RowBatch& batch) {
        if (replacer) replacer->empty_tables_of(batch);
        settler->write(batch);
    };
    bind_fixtures(
        request.fixtures, false, [&binder](const Record& record, RowBatch& batch) { binder.bind(record, batch); },
        write);
    settler->finish();
    LoadSummary summary;
    summary.report = session->finish();
    summary.notes = layout->notes();
    for (std::string& warning : binder.warnings())
        summary.report.warnings.push_back(std::move(warning));
    if (!request.dry_run) session->commit();
    summary.records = binder.counts().bound;
    summary.excluded = binder.counts().excluded;
    summary.ignored_records = binder.counts().ignored_records;
    summary.ignored_fields = binder.counts().ignored_fields;
    summary.fixtures = request.fixtures.size();
    return summary;
}

}  // namespace

LoadSummary load(Connection& connection, const LoadRequest& request) {
    const bool reopen = std::ranges::all_of(request.fixtures, &FixtureInput::reopens);
    bool again = false;
    return try_often(reopen && connection.capabilities().begins_anew, [&] {
        if (std::exchange(again, true) && request.before_again) request.before_again();
        return load_once(connection, request);
    });
}

}  // namespace dbfixture
