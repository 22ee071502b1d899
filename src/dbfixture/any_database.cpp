// SPDX-License-Identifier: MIT
#include <algorithm>
#include <optional>
#include <utility>

#include "base/cat.h"
#include "base/text.h"
#include "dbfixture/access.h"
#include "dbfixture/dumping.h"
#include "dbfixture/failures.h"
#include "dbfixture/inputs.h"
#include "layout/layout.h"
#include "ops/flush.h"
#include "ops/load.h"

namespace dbfixture {

AnyDatabase::Access::Access(const DatabaseOptions& given) : options(given) {
    if (!options.config.empty()) config = read_config(options.config);
}

FixtureSearch AnyDatabase::Access::search() const {
    FixtureSearch out;
    out.configured = config.fixture_dirs;
    out.given = options.fixture_dirs;
    return out;
}

std::vector<std::string> AnyDatabase::Access::bookkeeping() const {
    std::vector<std::string> names = layout_bookkeeping();
    names.insert(names.end(), config.bookkeeping.begin(), config.bookkeeping.end());
    return names;
}

AnyDatabase::AnyDatabase(std::unique_ptr<Access> access) noexcept : access_(std::move(access)) {}
AnyDatabase::AnyDatabase(AnyDatabase&&) noexcept = default;
AnyDatabase& AnyDatabase::operator=(AnyDatabase&&) noexcept = default;
AnyDatabase::~AnyDatabase() = default;

namespace {

LoadRequest make_request(std::vector<FixtureInput> fixtures, const LoadSettings& settings, const Config& config) {
    LoadRequest request;
    request.fixtures = std::move(fixtures);
    request.exclude = settings.exclude;
    request.apps = config.apps;
    request.layouts = config.layouts;
    request.ignore_nonexistent = settings.ignore_nonexistent;
    request.fire_triggers = settings.fire_triggers;
    request.drop_triggers = settings.drop_triggers;
    request.allow_orphans = settings.allow_orphans;
    request.dry_run = settings.dry_run;
    if (settings.replace || !settings.replace_also.empty())
        request.replace = ReplaceOptions{settings.replace_also, false};
    return request;
}

LoadResult result_of(const LoadSummary& summary) {
    LoadResult result;
    result.records = summary.records;
    result.ignored_records = summary.ignored_records;
    result.ignored_fields = summary.ignored_fields;
    result.warnings = summary.report.warnings;
    for (const TableCounts& table : summary.report.tables) {
        result.inserted += table.inserted;
        result.updated += table.updated;
        result.unchanged += table.unchanged;
        result.deleted += table.deleted;
    }
    return result;
}

FlushPlan make_plan(Connection& connection, const std::vector<std::string>& chosen, const FlushSettings& settings,
                    const Config& config) {
    const ReadView view(connection);
    const auto layout = open_layout(connection, config.layouts);
    LayoutLabels labels = layout->translate(chosen, settings.exclude, config.apps);
    layout->add_parts(labels.labels);
    FlushOptions options;
    options.labels = std::move(labels.labels);
    options.exclude = std::move(labels.exclude);
    options.apps = std::move(labels.apps);
    options.cascade = settings.cascade;
    options.keep_sequences = settings.keep_sequences;
    options.drop_triggers = settings.drop_triggers;
    options.kept = layout->kept_in_flush(connection);
    return plan_flush(connection, options);
}

}  // namespace

LoadResult AnyDatabase::load(const std::vector<std::string>& fixtures, const LoadSettings& settings) {
    return with_failures([&] {
        const LoadRequest request = make_request(find_inputs(fixtures, access_->search()), settings, access_->config);
        if (request.replace && !request.dry_run) access_->guard("replace rows of");
        return result_of(dbfixture::load(*access_->open(OpenMode::kReadWrite), request));
    });
}

LoadResult AnyDatabase::load_text(std::string_view fixture, std::string_view format, const LoadSettings& settings,
                                  std::string_view name) {
    return with_failures([&] {
        const LoadRequest request =
            make_request({text_input(std::string(fixture), format, name)}, settings, access_->config);
        if (request.replace && !request.dry_run) access_->guard("replace rows of");
        return result_of(dbfixture::load(*access_->open(OpenMode::kReadWrite), request));
    });
}

std::uint64_t AnyDatabase::flush(const std::vector<std::string>& labels, const FlushSettings& settings) {
    return with_failures([&] {
        access_->guard("flush");
        const auto connection = access_->open(OpenMode::kReadWrite);
        const FlushPlan plan = make_plan(*connection, labels, settings, access_->config);
        std::uint64_t total = 0;
        for (const std::uint64_t rows : dbfixture::flush(*connection, plan.request))
            total += rows;
        return total;
    });
}

DumpResult AnyDatabase::dump(const std::string& file, const DumpSettings& settings) {
    return with_failures([&] {
        const auto connection = access_->open(OpenMode::kReadOnly);
        return dump_to_file(*connection, file, access_->files(), settings, access_->config);
    });
}

std::string AnyDatabase::dump_text(const DumpSettings& settings, DumpResult* result) {
    return with_failures([&] {
        std::string text;
        const auto connection = access_->open(OpenMode::kReadOnly);
        const DumpResult done = dump_to_text(*connection, text, settings, access_->config);
        if (result != nullptr) *result = done;
        return text;
    });
}

}  // namespace dbfixture
