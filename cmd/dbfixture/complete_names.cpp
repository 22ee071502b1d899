// SPDX-License-Identifier: MIT
#include "complete_names.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "cli.h"
#include "complete.h"
#include "db/engine.h"
#include "fixture/find.h"
#include "fixture/format.h"
#include "layout/layout.h"
#include "session.h"
#include "state.h"
#include "state/layer_stack.h"

namespace dbfixture {
namespace {

using Names = std::vector<CompletionName>;

Names commands(const CompletionQuestion&, Session&) {
    Names out;
    for (const Command& command : all_commands())
        out.push_back({std::string(command.name), std::string(command.summary)});
    return out;
}

// The long ones, of the command before the global ones.
Names options(const CompletionQuestion& question, Session&) {
    const auto known =
        question.command != nullptr ? describe_command(*question.command).options : describe_global_options();
    Names out;
    for (const bool global : {false, true}) {
        for (const OptionInfo& option : known) {
            if (option.global == global) out.push_back({option.names.substr(option.names.find("--")), option.help});
        }
    }
    for (CompletionName& option : out)
        option.name.resize(std::min(option.name.find(','), option.name.size()));  // --no-input, --noinput
    return out;
}

Names formats(const CompletionQuestion&, Session&) {
    Names out;
    for (const std::string& name : format_names())
        out.push_back({name});
    return out;
}

Names aliases(const CompletionQuestion&, Session& session) {
    Names out;
    for (const auto& [alias, database] : session.config().databases)
        out.push_back({alias, "database of the config"});
    return out;
}

// Rules 2 and 3 of complete.h. nullptr where nobody is asked.
std::unique_ptr<Connection> open_at_once(Session& session) {
    const Location& where = session.location();
    if (where.file.empty()) {
        if (where.engine->is_near == nullptr || !where.engine->is_near(where)) return nullptr;
        end_within(300);
    }
    return session.open(OpenMode::kReadOnly);
}

std::string app_of(const std::string& label, char separator) {
    const std::size_t end = label.find(separator);
    return end == std::string::npos || end == 0 ? "" : label.substr(0, end);
}

// "auth" and "auth_user": "auth.user"; a table of another name keeps it.
std::string label_in_app(const std::string& app, const std::string& table) {
    return cat(app, ".", table.starts_with(app + "_") ? table.substr(app.size() + 1) : table);
}

bool any_begins(const Names& names, const std::string& begun) {
    return std::ranges::any_of(names, [&](const CompletionName& name) { return name.name.starts_with(begun); });
}

// Tables, and apps of several: those of the config, of the layout, and what the names of two tables begin with. In a
// database of a layout's own its labels, app.model, come in place of tables.
Names labels(const CompletionQuestion& question, Session& session) {
    const std::unique_ptr<Connection> connection = open_at_once(session);
    if (connection == nullptr) return {};
    const ReadView view(*connection);
    const Schema& schema = connection->schema();
    const std::unique_ptr<Layout> layout = open_layout(*connection, session.config().layouts);

    Names tables, parts;
    std::map<std::string, std::size_t> apps;
    for (const auto& [app, members] : layout->apps(session.config().apps)) {
        apps[app] = 2;
        for (const std::string& table : members)
            parts.push_back({label_in_app(app, table), "table"});
    }
    for (const Table& table : schema.tables) {
        if (table.derived || !table.belongs_to.empty()) continue;
        tables.push_back({table.label(), "table"});
        if (const std::string app = app_of(table.label(), '_'); !app.empty()) ++apps[app];
        if (question.begun.find('.') != std::string::npos) {
            const std::string app = app_of(question.begun, '.');
            if (table.label().starts_with(app + "_")) parts.push_back({label_in_app(app, table.label()), "table"});
        }
    }
    Names out = layout->recognized() && any_begins(parts, question.begun) ? parts : tables;
    if (!any_begins(out, question.begun)) out = parts;
    for (const auto& [app, count] : apps) {
        if (count > 1) out.push_back({app, "app"});
    }
    std::ranges::sort(out, {}, &CompletionName::name);
    const auto same = [](const CompletionName& a, const CompletionName& b) { return a.name == b.name; };
    out.erase(std::unique(out.begin(), out.end(), same), out.end());
    return out;
}

// "customers.name"
Names columns(const CompletionQuestion&, Session& session) {
    const std::unique_ptr<Connection> connection = open_at_once(session);
    if (connection == nullptr) return {};
    Names out;
    for (const Table& table : connection->schema().tables) {
        for (const Column& column : table.columns)
            out.push_back({cat(table.label(), ".", column.name)});
    }
    return out;
}

// For --replace.
Names labels_and_all(const CompletionQuestion& question, Session& session) {
    Names out = {{"all", "every table"}};
    for (CompletionName& label : labels(question, session))
        out.push_back(std::move(label));
    return out;
}

FixtureSearch search_of(const CompletionQuestion& question, Session& session) {
    FixtureSearch search;
    search.app = question.value_of("--app");
    search.configured = session.config().fixture_dirs;
    const auto given = question.options.find("--fixture-dir");
    if (given != question.options.end()) search.given = given->second;
    search.database_alias = session.database_alias();
    for (const auto& [alias, unused] : session.config().databases) {
        if (alias != search.database_alias) search.other_aliases.push_back(alias);
    }
    return search;
}

// What nobody has typed a letter of yet is a name from a folder of fixtures, if there is one: the working directory may
// be full of other JSON and YAML.
Names fixtures(const CompletionQuestion& question, Session& session) {
    const FixtureSearch search = search_of(question, session);
    Names out;
    for (const bool whole : {false, true}) {
        for (const std::string& name : fixture_names(search, whole, !question.begun.empty()))
            out.push_back({name});
        if (any_begins(out, question.begun)) break;
    }
    return out;
}

Names apps_with_fixtures(const CompletionQuestion&, Session&) {
    Names out;
    constexpr std::string_view kEnd = "/fixtures";
    for (const std::string& folder : fixture_folders({})) {
        if (folder.ends_with(kEnd)) out.push_back({folder.substr(0, folder.size() - kEnd.size())});
    }
    return out;
}

Names snapshots(const CompletionQuestion& question, Session& session) {
    Names out;
    const std::string folder = folder_of_store(state_request(session, question.value_of("--store")));
    if (folder.empty()) return out;
    for (const std::string& name : SnapshotStore(folder).names())
        out.push_back({name, "snapshot"});
    return out;
}

Names layers(const CompletionQuestion& question, Session& session) {
    Names out;
    const auto record = peek_layers(state_request(session, question.value_of("--store")));
    for (const Layer& layer : record ? record->layers : std::vector<Layer>())
        out.push_back({layer.name, "layer"});
    return out;
}

// What can be compared: a database, a fixture, a snapshot.
Names sides(const CompletionQuestion& question, Session& session) {
    Names out = aliases(question, session);
    for (CompletionName& fixture : fixtures(question, session))
        out.push_back(std::move(fixture));
    if (session.names_database()) {
        for (const CompletionName& snapshot : snapshots(question, session))
            out.push_back({cat("snapshot:", snapshot.name), snapshot.about});
    }
    return out;
}

Names forms(const CompletionQuestion&, Session& session) {
    Names out;
    for (const AddressForm& form : session.location().engine->addresses)
        out.push_back({std::string(form.name)});
    return out;
}

// The words of usage lines and of options.
struct Kind {
    std::string_view word;
    Names (*find)(const CompletionQuestion& question, Session& session);
    std::string_view more{};  // what the shell adds; where names are found only if none begins as typed
};

constexpr Kind kKinds[] = {
    {CompletionQuestion::kOptions, options},
    {CompletionQuestion::kProgram, nullptr, "command"},
    {"COMMAND", commands},
    {"DATABASE", aliases, "files"},
    {"A", sides, "files"},
    {"B", sides, "files"},
    {"LABEL", labels},
    {"LABEL.COLUMN", columns},
    {"LABEL,...|all", labels_and_all},
    {"TABLE", labels},
    {"FIXTURE", fixtures, "files"},
    {"IN", fixtures, "files"},
    {"OUT", nullptr, "files"},
    {"FILE", nullptr, "files"},
    {"FILE.sql", nullptr, "files"},
    {"DIR", nullptr, "folders"},
    {"APP", apps_with_fixtures},
    {"FORMAT", formats},
    {"FORM", forms},
    {"LAYER", layers},
    {"SNAPSHOT", snapshots},
};

// "json|yaml", "0..3"
Names choices(std::string_view what) {
    Names out;
    if (what == "0..3") return {{"0"}, {"1"}, {"2"}, {"3"}};
    for (std::size_t begin = 0; what.find('|') != std::string_view::npos && begin <= what.size();) {
        const std::size_t end = std::min(what.find('|', begin), what.size());
        out.push_back({std::string(what.substr(begin, end - begin))});
        begin = end + 1;
    }
    return out;
}

}  // namespace

CompletionNames names_for(const CompletionQuestion& question, Session& session) {
    const auto* kind = std::ranges::find(kKinds, std::string_view(question.what), &Kind::word);
    if (kind == std::end(kKinds)) return {choices(question.what)};
    CompletionNames out;
    try {
        // A path is the shell's to complete.
        const bool path = !kind->more.empty() && question.begun.find('/') != std::string::npos;
        if (kind->find != nullptr && !path) out.names = kind->find(question, session);
    } catch (const Error&) {
    }
    const bool always = kind->find == aliases;
    if (always || !any_begins(out.names, question.begun)) out.more = kind->more;
    return out;
}

}  // namespace dbfixture
