// SPDX-License-Identifier: MIT
#include "db/mariadb/clone_make.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/clone_programs.h"
#include "db/mariadb/clone_rename.h"
#include "db/mariadb/clone_source.h"
#include "db/mariadb/introspect.h"
#include "db/mariadb/saved_compare.h"
#include "db/mariadb/saved_session.h"
#include "db/mariadb/saved_write.h"
#include "db/mariadb/schema_objects.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/table_settings.h"
#include "db/mariadb/writable.h"
#include "db/unfinished_copy.h"

namespace dbfixture::mariadb {
namespace {

// Rule 4.
constexpr std::array<std::string_view, 6> kElsewhere = {"FEDERATED", "CONNECT", "SPIDER", "OQGRAPH", "SPHINX", "S3"};
// Its rows are those of other tables.
constexpr std::string_view kUnion = "MRG_MyISAM";

class Cloner {
  public:
    Cloner(const CloneRequest& request, std::vector<std::string>& warnings)
        : request_(request),
          warnings_(warnings),
          from_(request.original, request.busy_timeout_ms),
          to_(beside(request.original, request.name), request.busy_timeout_ms) {}

    const Definitions& read() {
        Session& session = from_.second();
        definitions_ = read_definitions(session);
        if (!session.server().cluster.empty()) require_replicated();
        renaming_.from = definitions_.database;
        renaming_.to = request_.name;
        renaming_.exact_names = session.server().exact_names;
        for (const Definition& definition : definitions_.all)
            renaming_.things.insert(renaming_.exact_names ? definition.name : to_lower(definition.name));
        return definitions_;
    }

    void make() {
        make_tables();
        fill();
        put_counters();
        make_programs(to_.second(), definitions_, renaming_, warnings_);
    }

  private:
    bool is_elsewhere(const Definition& definition) const {
        return definition.kind == DefinitionKind::kTable &&
               std::ranges::find(kElsewhere, definition.engine) != kElsewhere.end();
    }

    void require_replicated() const {
        for (const Definition& definition : definitions_.all) {
            const bool copied = definition.kind == DefinitionKind::kTable && !is_elsewhere(definition);
            if (copied && !is_replicated(definition.engine))
                throw not_replicated("copy", definition.name, definition.engine);
        }
    }

    void make_tables() {
        Session& session = to_.second();
        set_up_for_tables(session, false);
        std::vector<std::pair<const Definition*, std::string>> made;
        for (const Definition& definition : definitions_.all) {
            if (definition.kind > DefinitionKind::kTable) continue;
            if (is_elsewhere(definition)) {
                warnings_.push_back(cat("table ", quote(definition.name, 120), " is not in the copy: its engine, ",
                                        definition.engine, ", leads to rows elsewhere"));
                continue;
            }
            const std::string sql = rename_database(definition.text, {}, renaming_).text;
            try {
                session.run(sql);
            } catch (const ServerError& error) {
                if (error.kind == ErrorKind::kBusy) throw;
                throw Error(ErrorKind::kFailure, cat("cannot copy ", name_of(definition.kind), " ",
                                                     quote(definition.name, 120), " of ", quote(renaming_.from, 200)))
                    .with_detail(cat(error.words, "."));
            }
            made.emplace_back(&definition, sql);
        }
        for (const auto& [definition, sql] : made)
            require_same(session, *definition, sql);
    }

    // What a server makes otherwise than another of its settings had it.
    void require_same(Session& session, const Definition& definition, const std::string& sql) {
        if (definition.kind != DefinitionKind::kTable) return;
        const Result made = session.run(cat("SHOW CREATE TABLE ", quote_identifier(definition.name)));
        if (without_counter(made.string(0, 1)) != without_counter(sql))
            warnings_.push_back(cat("table ", quote(definition.name, 120), " is not defined in the copy as it was"));
    }

    void fill() {
        const Catalog catalog = read_catalog(from_.second());
        require_readable(catalog);
        const Definitions before = without_counters(definitions_);
        in_locking_transaction(from_, [&](Session& session) {
            const bool with_history = set_up_for_tables(session, false);
            lost_history_.clear();
            for (std::size_t table = 0; table < catalog.facts.size(); ++table) {
                if (catalog.facts[table].engine != kUnion) fill(session, catalog, table, with_history);
            }
            if (without_counters(read_definitions(from_.second())) != before) throw is_changing();
            counters_ = next_numbers(from_.second());
        });
        for (const Definition& definition : definitions_.all) {
            if (definition.kind == DefinitionKind::kSequence) fill_sequence(definition.name);
        }
        say_about(catalog);
    }

    static void require_readable(const Catalog& catalog) {
        for (const Table& table : catalog.schema.tables) {
            if (table.unreadable.empty()) continue;
            throw Error(ErrorKind::kFailure, cat("cannot copy table ", quote(table.label())))
                .with_detail(cat("It cannot be read: ", table.unreadable, "."));
        }
    }

    Error is_changing() const {
        return Error(ErrorKind::kBusy, cat("the schema of ", quote(request_.original.shown, 200), " is being changed"))
            .with_hint("run the command again when that is done");
    }

    // What has no transactions may have been filled by a transaction that was given up.
    void fill(Session& session, const Catalog& catalog, std::size_t table, bool with_history) {
        const Table& of = catalog.schema.tables[table];
        const TableFacts& facts = catalog.facts[table];
        if (std::ranges::find(kElsewhere, facts.engine) != kElsewhere.end()) return;
        const std::string copy = quote_identifier(request_.name, of.name);
        if (!facts.transactional) session.run(cat("DELETE FROM ", copy));
        std::string columns = own_columns(of), source = quote_identifier(renaming_.from, of.name);
        if (columns.empty()) return;
        if (facts.versioned) {
            const std::string period = with_history ? period_of(session, of) : std::string();
            if (period.empty()) {
                lost_history_.push_back(of.label());
            } else {
                append(columns, cat(", ", period));
                append(source, " FOR SYSTEM_TIME ALL");
            }
        }
        session.run(
            cat("INSERT INTO ", copy, " (", columns, ") SELECT ", columns, " FROM ", source, " LOCK IN SHARE MODE"));
    }

    // The columns that say from when to when a row was; "" where they are numbers of transactions, which cannot be
    // given. Those without a name in the definition are in no list of columns.
    std::string period_of(Session& session, const Table& table) const {
        const Result found = session.run(
            cat("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = ",
                text_literal(renaming_.from), " AND table_name = ", text_literal(table.name),
                " AND generation_expression IN ('ROW START', 'ROW END') ORDER BY generation_expression DESC"));
        if (found.rows() == 0) return "`row_start`, `row_end`";
        if (found.rows() != 2 || found.text(0, 1) != "timestamp") return "";
        return cat(quote_identifier(found.text(0, 0)), ", ", quote_identifier(found.text(1, 0)));
    }

    // Numbers that the original has cached are left out here.
    void fill_sequence(const std::string& name) {
        to_.second().run(
            cat("INSERT INTO ", quote_identifier(name), " SELECT * FROM ", quote_identifier(renaming_.from, name)));
    }

    void say_about(const Catalog& catalog) {
        std::vector<std::string> bare;
        for (std::size_t table = 0; table < catalog.facts.size(); ++table) {
            const bool is_copied = catalog.facts[table].engine != kUnion &&
                                   std::ranges::find(kElsewhere, catalog.facts[table].engine) == kElsewhere.end();
            if (!catalog.facts[table].transactional && is_copied) bare.push_back(catalog.schema.tables[table].label());
        }
        if (!bare.empty())
            warnings_.push_back(cat(bare.size() == 1 ? "table " : "tables ", quote_list(bare),
                                    " without transactions may have changed while being copied"));
        if (!lost_history_.empty())
            warnings_.push_back(cat("the history of ", quote_list(lost_history_), " is not in the copy"));
    }

    // Rows may have been deleted since the definition was read.
    void put_counters() {
        const auto now = next_numbers(to_.second());
        for (const auto& [table, number] : counters_) {
            const auto found = now.find(table);
            if (found == now.end() || found->second == number) continue;
            to_.second().run(cat("ALTER TABLE ", quote_identifier(table), " AUTO_INCREMENT = ", number));
        }
    }

    const CloneRequest& request_;
    std::vector<std::string>& warnings_;
    SavedSession from_, to_;
    Definitions definitions_{};
    Renaming renaming_{};
    std::map<std::string, std::uint64_t, std::less<>> counters_{};
    std::vector<std::string> lost_history_{};
};

// Its character set, or nothing where there is no such database.
Definitions facts_of(CloneServer& server, const std::string& database) {
    Definitions out;
    const Result found = server.session().run(
        cat("SELECT default_character_set_name, default_collation_name FROM information_schema.schemata WHERE "
            "schema_name = ",
            text_literal(database)));
    if (found.rows() == 1) {
        out.charset = found.string(0, 0);
        out.collation = found.string(0, 1);
    }
    return out;
}

}  // namespace

void clone_database(CloneServer& server, const CloneRequest& request, std::vector<std::string>& warnings) {
    if (request.empty) {
        const Definitions facts = facts_of(server, database_name(request.original));
        UnfinishedCopy made(server, request.name, request.may_be_left);
        server.create(request.name, facts.charset, facts.collation, request.mark);
        made.done();
        return;
    }
    Cloner cloner(request, warnings);
    const Definitions& definitions = cloner.read();
    UnfinishedCopy made(server, request.name, request.may_be_left);
    server.create(request.name, definitions.charset, definitions.collation, request.mark);
    cloner.make();
    made.done();
}

}  // namespace dbfixture::mariadb
