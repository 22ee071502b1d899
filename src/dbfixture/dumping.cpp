// SPDX-License-Identifier: MIT
#include "dbfixture/dumping.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "base/cat.h"
#include "base/io.h"
#include "base/text.h"
#include "db/open.h"
#include "dbfixture/inputs.h"
#include "fixture/codec/codec.h"
#include "fixture/file_name.h"
#include "layout/layout.h"
#include "ops/dump.h"
#include "state/store_folder.h"

namespace dbfixture {
namespace {

namespace fs = std::filesystem;

// The layouts of a dump: `labels` says what labels mean; `records`, how records are written.
struct Layouts {
    std::unique_ptr<Layout> labels, other;
    const Layout* records = nullptr;
};

Layouts choose_layouts(Connection& connection, const DumpSettings& settings, const LayoutConfigs& configs) {
    const LayoutKind* const named = find_layout_kind(settings.layout);
    if (named == nullptr && !settings.layout.empty())
        throw Error(ErrorKind::kUsage, cat("unknown layout ", quote(settings.layout)))
            .with_hint(cat("layouts are ", quote_list(layout_names())));
    Layouts out;
    out.labels = open_layout(connection, configs);
    out.records = out.labels.get();
    if (named != nullptr || !out.labels->recognized()) {
        out.other = open_layout(connection, configs, named != nullptr ? *named : *find_layout_kind("table"));
        out.records = out.other.get();
    }
    if ((settings.natural_foreign || settings.natural_primary) && !out.records->has_natural_keys())
        throw Error(ErrorKind::kUsage, "this layout has no natural keys");
    return out;
}

DumpResult dump_to(Connection& connection, ByteSink& sink, const Format& format, const DumpSettings& settings,
                   const Config& config) {
    const ReadView view(connection);
    const Schema& schema = connection.schema();
    const Layouts layouts = choose_layouts(connection, settings, config.layouts);
    DumpResult result;
    LayoutLabels labels = layouts.labels->translate(settings.labels, settings.exclude, config.apps);
    result.warnings = std::move(labels.warnings);
    SelectionOptions selection;
    selection.labels = std::move(labels.labels);
    selection.exclude = std::move(labels.exclude);
    selection.apps = std::move(labels.apps);
    selection.all = settings.all && layouts.records->dumps_bookkeeping();
    DumpOptions options;
    options.tables = select_tables(schema, selection, result.warnings);
    options.format = &format;
    options.layout = layouts.records;
    options.write.indent = settings.indent >= 0 ? settings.indent : config.dump.indent.value_or(-1);
    options.natural_foreign = settings.natural_foreign;
    options.natural_primary = settings.natural_primary;
    for (const std::string& label : selection.exclude) {
        if (const auto table = schema.find(label); table && layouts.records->is_part(*table))
            options.exclude.push_back(*table);
    }
    if (options.natural_foreign) options.tables = layouts.records->natural_order(std::move(options.tables));
    const DumpReport report = dump(connection, options, sink);
    result.records = report.total;
    result.warnings.insert(result.warnings.end(), report.warnings.begin(), report.warnings.end());
    return result;
}

const Format& format_of(const DumpSettings& settings, const Config& config, const Format* by_name) {
    if (!settings.format.empty()) return known_format(settings.format);
    if (by_name != nullptr) return *by_name;
    return known_format(config.dump.format.empty() ? "json" : config.dump.format);
}

void check_target(const std::string& target, const std::vector<std::string>& own) {
    const auto refuse = [&](std::string_view why) {
        throw Error(ErrorKind::kRefused, cat("refused to write ", quote(target, 200), ": ", why))
            .with_hint("name another file");
    };
    std::error_code code;
    for (const std::string& file : own) {
        if (fs::equivalent(target, file, code)) refuse("it belongs to the database");
    }
    if (const std::string what = describe_database_file(target); !what.empty()) refuse(cat("it is ", what));
    if (fs::path(target).filename() == kConfigFileName) refuse("that is the name of the config file");
    const std::string folder = fs::weakly_canonical(fs::absolute(target, code), code).parent_path().string();
    if (is_marked_store(folder)) refuse("its folder holds snapshots");
}

}  // namespace

DumpResult dump_to_text(Connection& connection, std::string& text, const DumpSettings& settings, const Config& config) {
    const auto sink = open_memory_sink(text);
    DumpResult result = dump_to(connection, *sink, format_of(settings, config, nullptr), settings, config);
    sink->finish();
    return result;
}

DumpResult dump_to_file(Connection& connection, const std::string& file, const std::vector<std::string>& own,
                        const DumpSettings& settings, const Config& config) {
    const FixtureName name = split_fixture_name(file);
    const Format& format = format_of(settings, config, name.format);
    const auto check = [&own](const std::string& target) { check_target(target, own); };
    check(follow_links(file));
    const auto sink = open_encoded(open_file_sink(file, check), name.compression);
    DumpResult result = dump_to(connection, *sink, format, settings, config);
    sink->finish();
    return result;
}

}  // namespace dbfixture
