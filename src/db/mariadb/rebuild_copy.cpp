// SPDX-License-Identifier: MIT
// restore --rebuild: the schema as the state had it, and then its rows. Each statement that defines something commits:
// all of it cannot be one change. So:
//
//  1. Before anything changes: the state is verified; what it would take is made in a database of our own, which finds
//     what cannot be made; tables whose rows or history could not be put back are refused by name; and all tables that
//     will go are locked at once, which finds who is in the way.
//  2. The state's database says that it is going on (`rebuild`) from then until the end. Whoever is killed leaves a
//     schema that is not the state's, which every restore notices by itself; that mark only says why. To do it again
//     does what is left: it looks at what differs now.
//  3. Triggers go first and come last, all of them: rows that are put back would fire them. Tables that differ go as a
//     whole, with their rows, which the state has.
//  4. What is alike stays as it is, and its rows are restored as ever.
#include <algorithm>
#include <map>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/clone_rename.h"
#include "db/mariadb/clone_source.h"
#include "db/mariadb/introspect.h"
#include "db/mariadb/program_settings.h"
#include "db/mariadb/restore_copy.h"
#include "db/mariadb/restore_rows.h"
#include "db/mariadb/saved_copy.h"
#include "db/mariadb/saved_layout.h"
#include "db/mariadb/saved_place.h"
#include "db/mariadb/saved_scan.h"
#include "db/mariadb/saved_write.h"
#include "db/mariadb/schema_objects.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/table_settings.h"

namespace dbfixture::mariadb {
namespace {

using Key = std::pair<DefinitionKind, std::string>;
using Found = std::map<Key, const Definition*>;

std::string shown(const Definition& definition) {
    return cat(name_of(definition.kind), " ", quote(definition.name, 120));
}

Error refuse(const Definition& definition, std::string why) {
    return Error(ErrorKind::kRefused, cat("cannot make ", shown(definition), " anew"))
        .with_detail(std::move(why))
        .with_hint("nothing was changed: bring the schema back by hand");
}

// The engine of a table is a part of its text.
bool is_same(const Definition& a, const Definition& b) {
    return a.text == b.text && a.sql_mode == b.sql_mode && a.client_charset == b.client_charset &&
           a.connection_collation == b.connection_collation && a.database_collation == b.database_collation &&
           a.time_zone == b.time_zone && a.table == b.table && a.moment == b.moment;
}

Found by_key(const std::vector<Definition>& all) {
    Found out;
    for (const Definition& definition : all)
        out[{definition.kind, definition.name}] = &definition;
    return out;
}

std::vector<Definition> saved_definitions(const SavedManifest& manifest) {
    std::vector<Definition> out;
    for (const SchemaObject& object : manifest.objects) {
        if (object.kind != "table" && object.kind != "sequence") continue;
        Definition& definition = out.emplace_back();
        definition.kind = object.kind == "table" ? DefinitionKind::kTable : DefinitionKind::kSequence;
        definition.name = object.name;
        definition.text = object.definition;
    }
    std::ranges::stable_sort(out, {}, &Definition::kind);
    out.insert(out.end(), manifest.programs.begin(), manifest.programs.end());
    return out;
}

// Runs each statement, and those that failed again as long as that gets on: views refer to others. Returns what could
// not be made, with the server's words.
std::map<const Definition*, std::string> make_all(ProgramSettings& settings, Session& session,
                                                  std::vector<const Definition*> waiting,
                                                  const std::function<std::string(const Definition&)>& sql) {
    std::map<const Definition*, std::string> why;
    for (std::size_t before = waiting.size() + 1; !waiting.empty() && waiting.size() < before;) {
        before = waiting.size();
        std::erase_if(waiting, [&](const Definition* one) {
            try {
                if (one->text.empty()) throw Error(ErrorKind::kFailure, "the state does not have its definition");
                settings.set(*one);
                session.run(sql(*one));
                why.erase(one);
                return true;
            } catch (const ServerError& error) {
                if (error.kind == ErrorKind::kBusy) throw;
                why[one] = error.words;
            } catch (const Error& error) {
                if (error.kind != ErrorKind::kFailure) throw;
                why[one] = error.message;
            }
            return false;
        });
    }
    return why;
}

class Rebuild {
  public:
    Rebuild(SavedSession& saved, const SavedManifest& manifest)
        : saved_(saved),
          manifest_(manifest),
          wanted_(saved_definitions(manifest)),
          live_(without_counters(read_definitions(saved.second()))) {
        const Found wanted = by_key(wanted_), there = by_key(live_.all);
        for (const auto& [key, definition] : there) {
            const auto same = wanted.find(key);
            if (same == wanted.end() || !is_same(*definition, *same->second)) drop_.push_back(definition);
        }
        for (const Definition& definition : wanted_) {
            const auto same = there.find({definition.kind, definition.name});
            if (same == there.end() || !is_same(definition, *same->second)) make_.push_back(&definition);
        }
        // A package takes its body with it.
        for (const Definition* const one : std::vector(drop_)) {
            const auto body = wanted.find({DefinitionKind::kPackageBody, one->name});
            if (one->kind != DefinitionKind::kPackage || body == wanted.end()) continue;
            if (std::ranges::find(make_, body->second) == make_.end()) make_.push_back(body->second);
        }
    }

    bool has_work() const { return !drop_.empty() || !make_.empty() || !has_defaults(); }

    StateRestoreReport run() {
        take_all_triggers();
        require_may_drop();
        try_out();
        StateRestoreReport report;
        lock();
        begin();
        try {
            change_schema();
            report = restore_saved(saved_, manifest_, RestoreOf::kRowsBeforeTriggers, false);
            make(DefinitionKind::kTrigger, DefinitionKind::kEvent);
        } catch (Error& error) {
            append(error.detail, cat(error.detail.empty() ? "" : " ", "The schema is made anew in part."));
            error.hint = "restore --rebuild goes on with it";
            throw;
        }
        saved_.second().run(cat("DROP TABLE ", saved_part(manifest_.object, "rebuild")));
        say(report);
        return report;
    }

  private:
    bool has_defaults() const { return DatabaseDefaults{live_.charset, live_.collation} == manifest_.defaults; }

    // Rule 3.
    void take_all_triggers() {
        const auto add = [](std::vector<const Definition*>& to, const std::vector<Definition>& from) {
            for (const Definition& one : from) {
                const bool is_new = std::ranges::find(to, &one) == to.end();
                if (one.kind == DefinitionKind::kTrigger && is_new) to.push_back(&one);
            }
        };
        std::erase_if(make_, [](const Definition* one) { return one->kind == DefinitionKind::kTrigger; });
        add(drop_, live_.all);
        add(make_, wanted_);
    }

    bool will_drop(std::string_view table) const {
        return std::ranges::any_of(
            drop_, [&](const Definition* one) { return one->kind == DefinitionKind::kTable && one->name == table; });
    }
    const Definition* will_make(std::string_view table) const {
        const auto found = std::ranges::find_if(
            make_, [&](const Definition* one) { return one->kind == DefinitionKind::kTable && one->name == table; });
        return found == make_.end() ? nullptr : *found;
    }

    // Rows that a restore would refuse to write must be what they are, as nothing could be taken back later.
    void require_may_drop() {
        LiveState now = read_live(saved_.second());
        Catalog& catalog = now.catalog;
        for (std::size_t table = 0; table < catalog.facts.size(); ++table) {
            const std::string& name = catalog.schema.tables[table].name;
            TableFacts& facts = catalog.facts[table];
            facts.triggers.clear();
            const std::string why = why_not_written(catalog, table);
            if (why.empty()) continue;
            const bool is_child_elsewhere = facts.transactional && !facts.versioned;
            if (!will_drop(name)) {
                require_same_rows(now, table, why);
            } else if (is_child_elsewhere || will_make(name) != nullptr) {
                throw refuse(*by_key(live_.all).at({DefinitionKind::kTable, name}), why);
            }
        }
    }

    void require_same_rows(const LiveState& now, std::size_t table, const std::string& why) {
        const Table& of = now.catalog.schema.tables[table];
        if (manifest_.find(of.name) == nullptr) return;
        if (compare_tables(saved_.second(), now, manifest_, std::span(&table, 1)).front().same) return;
        throw Error(ErrorKind::kRefused, cat("cannot put back the rows of table ", quote(of.label())))
            .with_detail(why)
            .with_hint("nothing was changed: put this table back by hand");
    }

    // Rule 1. All that the state had, since parts of it refer to each other; what stays is not asked to be made.
    void try_out() {
        const OwnDatabase scratch(saved_, new_sibling_name(live_.database, manifest_.place), manifest_.place);
        Renaming renaming{live_.database, scratch.name(), saved_.second().server().exact_names, {}};
        for (const Definition& definition : wanted_)
            renaming.things.insert(renaming.exact_names ? definition.name : to_lower(definition.name));
        SavedSession inside(sibling_of(saved_.location(), scratch.name()), saved_.busy_timeout_ms());
        Session& session = inside.second();
        set_up_for_tables(session, true);
        const std::vector<const Definition*> programs = try_tables(session, renaming);
        const auto failed = [&] {
            ProgramSettings settings(session, scratch.name(), live_.collation);
            return make_all(settings, session, programs, [&](const Definition& one) {
                return rename_database(making(one), one.lexical(), renaming).text;
            });
        }();
        for (const auto& [definition, words] : failed) {
            if (std::ranges::find(make_, definition) != make_.end()) throw refuse(*definition, cat(words, "."));
        }
        require_can_be_filled(read_catalog(session));
    }

    // Returns what is left to be tried.
    std::vector<const Definition*> try_tables(Session& session, const Renaming& renaming) const {
        std::vector<const Definition*> left;
        std::map<const Definition*, std::string> tables;
        for (const Definition& definition : wanted_) {
            if (definition.kind > DefinitionKind::kTable) {
                left.push_back(&definition);
                continue;
            }
            std::string sql = rename_database(definition.text, {}, renaming).text;
            try {
                session.run(sql);
            } catch (const ServerError& error) {
                throw refuse(definition, cat(error.words, "."));
            }
            if (definition.kind == DefinitionKind::kTable) tables.emplace(&definition, std::move(sql));
        }
        for (const auto& [definition, sql] : tables) {
            const Result made = session.run(cat("SHOW CREATE TABLE ", quote_identifier(definition->name)));
            if (without_counter(made.string(0, 1)) != sql)
                throw refuse(*definition, "The server would define it otherwise than the state has it.");
        }
        return left;
    }

    void require_can_be_filled(Catalog made) const {
        made.children_elsewhere.clear();
        for (std::size_t table = 0; table < made.facts.size(); ++table) {
            const Definition* const definition = will_make(made.schema.tables[table].name);
            made.facts[table].triggers.clear();
            if (definition == nullptr) continue;
            if (const std::string why = why_not_written(made, table); !why.empty()) throw refuse(*definition, why);
        }
    }

    // Until the tables are gone.
    void lock() {
        std::set<std::string> tables;
        for (const Definition* const one : drop_) {
            if (one->kind == DefinitionKind::kTable) tables.insert(one->name);
            if (one->kind == DefinitionKind::kTrigger) tables.insert(one->table);
        }
        std::string sql;
        for (const std::string& table : tables)
            append(sql, cat(sql.empty() ? "LOCK TABLES " : ", ", quote_identifier(table), " WRITE"));
        if (!sql.empty()) saved_.second().run(sql);
    }

    // Over a connection that holds no locks: such a one sees what it has locked alone.
    void begin() {
        saved_.get().run(cat("CREATE TABLE IF NOT EXISTS ", saved_part(manifest_.object, "rebuild"), kRebuildColumns));
    }

    // Packages are known in this mode alone; set_up_for_tables() ends it.
    void drop(DefinitionKind kind) {
        const bool package = kind == DefinitionKind::kPackage || kind == DefinitionKind::kPackageBody;
        for (const Definition* const one : drop_) {
            if (one->kind != kind) continue;
            if (package) saved_.second().run("SET SESSION sql_mode = 'ORACLE'");
            saved_.second().run(cat("DROP ", name_of(kind), " IF EXISTS ", quote_identifier(one->name)));
        }
    }

    void change_schema() {
        drop(DefinitionKind::kTrigger);
        drop(DefinitionKind::kTable);
        saved_.second().run("UNLOCK TABLES");
        for (const DefinitionKind kind :
             {DefinitionKind::kEvent, DefinitionKind::kView, DefinitionKind::kPackageBody, DefinitionKind::kPackage,
              DefinitionKind::kProcedure, DefinitionKind::kFunction, DefinitionKind::kSequence})
            drop(kind);
        set_up_for_tables(saved_.second(), true);
        put_defaults_back();
        for (const Definition* const one : make_) {
            if (one->kind <= DefinitionKind::kTable) saved_.second().run(one->text);
        }
        make(DefinitionKind::kFunction, DefinitionKind::kView);
    }

    void put_defaults_back() {
        if (has_defaults()) return;
        saved_.second().run(cat("ALTER DATABASE ", quote_identifier(live_.database), " CHARACTER SET ",
                                manifest_.defaults.charset, " COLLATE ", manifest_.defaults.collation));
        new_defaults_ = true;
    }

    void make(DefinitionKind first, DefinitionKind last) {
        std::vector<const Definition*> programs;
        for (const Definition* const one : make_) {
            if (one->kind >= first && one->kind <= last) programs.push_back(one);
        }
        Session& session = saved_.second();
        ProgramSettings settings(session, live_.database, manifest_.defaults.collation);
        const auto failed = make_all(settings, session, programs, making);
        settings.end();
        for (const auto& [definition, words] : failed)
            throw Error(ErrorKind::kFailure, cat("cannot make ", shown(*definition), " anew"))
                .with_detail(cat(words, "."));
    }

    void say(StateRestoreReport& report) const {
        report.way = RestoreWay::kDifferent;
        if (new_defaults_)
            report.notes.push_back(cat("the default collation of the database is ", manifest_.defaults.collation,
                                       " again, which was ", live_.collation));
        for (const Definition* const one : drop_) {
            const bool comes_back = std::ranges::any_of(
                make_, [&](const Definition* made) { return made->kind == one->kind && made->name == one->name; });
            if (!comes_back) report.notes.push_back(cat(shown(*one), " was dropped: the state does not have it"));
        }
        for (const Definition* const one : make_) {
            report.notes.push_back(cat(shown(*one), " was made anew"));
            if (one->kind == DefinitionKind::kSequence)
                report.warnings.push_back(cat(shown(*one), " begins anew: where it stood is not saved"));
        }
    }

    SavedSession& saved_;
    const SavedManifest& manifest_;
    std::vector<Definition> wanted_;
    Definitions live_;
    std::vector<const Definition*> drop_{}, make_{};
    bool new_defaults_ = false;
};

}  // namespace

bool is_being_rebuilt(Session& session, const std::string& object) {
    return session
        .number(cat("SELECT 1 FROM information_schema.tables WHERE table_schema = ", text_literal(object),
                    " AND table_name = 'rebuild'"))
        .has_value();
}

StateRestoreReport rebuild_copy(SavedSession& saved, const SavedState& state) {
    const SavedManifest manifest = read_saved_manifest(saved, state);
    if (manifest.of_original) {
        throw Error(ErrorKind::kUsage, "--rebuild does not work on a throwaway copy with a state of its original")
            .with_hint("start another: dbfixture run --temp");
    }
    verify_copy(saved, state);
    Rebuild rebuild(saved, manifest);
    if (rebuild.has_work() || is_being_rebuilt(saved.second(), manifest.object)) return rebuild.run();
    return restore_saved(saved, manifest, RestoreOf::kRows, false);
}

}  // namespace dbfixture::mariadb
