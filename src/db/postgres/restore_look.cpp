// SPDX-License-Identifier: MIT
#include "db/postgres/restore_look.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/restore_question.h"
#include "db/postgres/restore_schema.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/saved_tables.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

constexpr int kMostTries = 5;

std::string lock_statement(const std::vector<std::string>& sql_names) {
    std::string names;
    for (const std::string& name : sql_names)
        append(names, cat(names.empty() ? "LOCK TABLE ONLY " : ", ONLY ", name));
    return names.empty() ? names : cat(names, " IN SHARE ROW EXCLUSIVE MODE");
}

// The tables of the state, before anything is locked.
std::vector<std::string> read_names(Session& session, const std::string& object) {
    const Result found =
        session.run(cat("SELECT schema, name FROM ", quote_identifier(object, kSavedTables), " ORDER BY number"));
    std::vector<std::string> out;
    for (int row = 0; row < found.rows(); ++row)
        out.push_back(quote_identifier(found.text(row, 0), found.text(row, 1)));
    return out;
}

bool same_names(const SavedManifest& manifest, const std::vector<std::string>& names) {
    return std::ranges::equal(manifest.tables, names, {}, &SavedTable::sql_name);
}

// Tables that are other ones than those that were known, although they look the same (restore_state.h, rule 2).
void recognize_tables(Session& session, Look& look) {
    const LiveTables live = read_live_tables(session);
    for (RestoreTable& table : look.tables) {
        const auto found = std::ranges::find(live.tables, table.saved->sql_name, &LiveTable::sql_name);
        if (found == live.tables.end())
            throw Error(ErrorKind::kInput, cat("table ", quote(table.saved->name), " is gone"));
        table.believed &= table.oid == found->oid && table.columns == found->columns;
        table.oid = found->oid;
        table.columns = found->columns;
    }
}

// Whole rows, of tables whose rows' transactions say nothing: another table, or another sum all the same.
void compare_others(Session& session, Look& look) {
    std::vector<RestoreTable*> others;
    for (RestoreTable& table : look.tables) {
        table.believed &= is_near(table.base, look.next);
        if (!table.as_saved && !table.believed) others.push_back(&table);
    }
    if (others.empty()) return;
    read_columns_to_write(session, others);
    session.run("SET LOCAL work_mem = '64MB'");
    for (RestoreTable* table : others)
        take_counts(*table, session.run(compare_rows(*table)), 0);
}

// A table, a column or a sequence that is not there any more.
bool is_gone(const PgError& error) {
    const std::string& state = error.diagnostics.sqlstate;
    return state == "3F000" || (state.starts_with("42") && state != kInsufficientPrivilege);
}

}  // namespace

std::vector<RestoreTable*> Look::dirty() {
    std::vector<RestoreTable*> out;
    for (RestoreTable& table : tables) {
        if (table.dirty()) out.push_back(&table);
    }
    return out;
}

Look look_under_locks(Session& session, const SavedState& state, const std::string& object,
                      std::optional<Transaction>& transaction, ReaderBeside* beside) {
    for (int tries = 0; tries < kMostTries; ++tries) {
        transaction.reset();
        Look look;
        look.beside = beside;
        try {
            const std::vector<std::string> names = read_names(session, object);
            transaction.emplace(session);
            if (!names.empty()) session.lock(lock_statement(names));
            look.manifest = read_saved_manifest(session, state);
            if (!same_names(look.manifest, names)) continue;
            ask_all(session, look);
        } catch (const PgError& error) {
            if (!is_gone(error)) throw;
            // What describes the state says it better, or the schema, if it is more than a moment.
            transaction.reset();
            transaction.emplace(session);
            require_same_schema(session, read_saved_manifest(session, state));
            continue;
        }
        if (look.new_digest) {
            require_same_schema(session, look.manifest);
            recognize_tables(session, look);
        }
        compare_others(session, look);
        return look;
    }
    throw Error(ErrorKind::kBusy,
                cat("tables of ", quote(session.location().shown, 200), " are created or dropped all the time"))
        .with_hint("end what does it, or try again");
}

}  // namespace dbfixture::postgres
