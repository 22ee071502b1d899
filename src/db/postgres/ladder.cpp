// SPDX-License-Identifier: MIT
#include "db/postgres/ladder.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/row_reader.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/transaction.h"

namespace dbfixture::postgres {
namespace {

Error refused(std::string message) {
    return {ErrorKind::kRefused, std::move(message)};
}

}  // namespace

bool try_replica_role(Session& session) {
    try {
        session.run(
            "SAVEPOINT dbfixture_role; SET LOCAL session_replication_role = replica; RELEASE SAVEPOINT dbfixture_role");
        return true;
    } catch (const PgError&) {
        session.run("ROLLBACK TO SAVEPOINT dbfixture_role; RELEASE SAVEPOINT dbfixture_role");
        return false;
    }
}

Ladder::Ladder(LoadContext& context, const std::vector<Reference>& references)
    : context_(context), references_(references) {
    if (!context.options.fire_triggers) replica_ = try_replica_role(context.session);
}

void Ladder::refuse_table(std::size_t table, Use use) const {
    const TableFacts& facts = context_.facts(table);
    const std::string label = quote(context_.table(table).label());
    if (facts.foreign) {
        throw refused(cat(facts.kind == 'f' ? "" : "a partition of ", "table ", label,
                          " is a foreign table, which another server keeps"));
    }
    if (facts.row_security) {
        throw refused(cat("row-level security hides rows of table ", label, " from this role"))
            .with_hint(row_security_hint(facts));
    }
    std::vector<std::string> missing;
    if (!facts.can_use_schema) missing.emplace_back("USAGE on its schema");
    if (!facts.can_select && facts.can_use_schema) missing.emplace_back("SELECT");
    if (use == Use::kWrite && !facts.can_insert) missing.emplace_back("INSERT");
    if (use == Use::kEmpty && !facts.can_delete) missing.emplace_back("DELETE");
    if (!missing.empty()) {
        throw refused(cat("this role may not write table ", label))
            .with_detail(cat("It lacks the privilege ", quote_list(missing), "."))
            .with_hint("connect as a role that has this privilege, or have it granted");
    }
    for (const TriggerFacts& rule : facts.rules) {
        if (rule.enabled == (replica_ ? 'O' : 'R')) continue;
        throw refused(cat("rule ", quote(rule.name), " of table ", label, " would act on the rows"))
            .with_hint(rule.enabled == 'O' ? "connect as a role that may set session_replication_role"
                                           : "disable the rule");
    }
}

void Ladder::refuse_triggers(std::size_t table, Use use) {
    const TableFacts& facts = context_.facts(table);
    const std::string label = quote(context_.table(table).label());
    const std::string_view fire = use == Use::kWrite ? "load with --triggers to let triggers fire, or " : "";
    for (const TriggerFacts& trigger : facts.triggers) {
        const std::string name = quote(trigger.name);
        if (trigger.enabled == 'A' || (trigger.enabled == 'R' && replica_)) {
            throw refused(cat("trigger ", name, " of table ", label, " fires whatever is done"))
                .with_detail(cat("It is enabled ", trigger.enabled == 'A' ? "ALWAYS." : "REPLICA."))
                .with_hint(cat(fire, "disable it"));
        }
        if (trigger.enabled == 'O' && !replica_ && !facts.owned) {
            throw refused(cat("trigger ", name, " of table ", label, " cannot be kept silent by this role"))
                .with_hint(cat(fire, "connect as the table's owner"));
        }
    }
}

// Others may read. Without the privilege for that lock, a weaker one: the rows are then safe by their own locks.
void Ladder::lock(const std::vector<std::size_t>& tables) {
    std::string strong, weak;
    for (const std::size_t table : tables) {
        if (!locked_.insert(table).second) continue;
        const TableFacts& facts = context_.facts(table);
        std::string& list = facts.can_update || facts.can_delete || facts.can_truncate || facts.owned ? strong : weak;
        append(list, cat(list.empty() ? "" : ", ", facts.read_source));
    }
    std::string sql;
    if (!strong.empty()) append(sql, cat("LOCK TABLE ", strong, " IN SHARE ROW EXCLUSIVE MODE; "));
    if (!weak.empty()) append(sql, cat("LOCK TABLE ", weak, " IN ROW EXCLUSIVE MODE"));
    if (!sql.empty()) context_.session.run(sql);
}

void Ladder::disable_triggers(std::size_t table) {
    const TableFacts& facts = context_.facts(table);
    bool any = false;
    for (const TriggerFacts& trigger : facts.triggers)
        any |= trigger.enabled == 'O';
    if (!any) return;
    const Result found = context_.session.run(
        cat("SELECT n.nspname, c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN "
            "pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND t.tgenabled = 'O' AND (c.oid = ",
            facts.oid, " OR c.oid IN (SELECT relid FROM pg_partition_tree(", facts.oid, ")))"));
    for (int i = 0; i < found.rows(); ++i) {
        const std::string on = cat("ALTER TABLE ONLY ", quote_identifier(found.text(i, 0), found.text(i, 1)));
        const std::string trigger = cat(" TRIGGER ", quote_identifier(found.text(i, 2)));
        context_.session.run(cat(on, " DISABLE", trigger));
        put_back_.push_back(cat(on, " ENABLE", trigger));
    }
}

void Ladder::defer_constraints() {
    if (!deferred_) context_.session.run("SET CONSTRAINTS ALL DEFERRED");
    deferred_ = true;
}

// Orphans from before would keep it out.
bool Ladder::can_be_added_again(const Reference& reference) {
    const ForeignKeyFacts& facts = context_.facts(reference.child).foreign_keys[reference.key];
    const auto allowed =
        context_.session.run(cat("SELECT has_table_privilege(", facts.parent_oid, "::oid, 'REFERENCES')"));
    if (!allowed.boolean(0, 0)) return false;
    if (!facts.validated) return true;
    const auto orphans = context_.session.run(
        cat("SELECT EXISTS (SELECT FROM ", context_.facts(reference.child).read_source, " c WHERE ",
            is_orphan(reference, child_columns(context_.catalog, reference, "c")), ")"));
    return !orphans.boolean(0, 0);
}

// False while checks of rows of the tables concerned are pending.
bool Ladder::try_alter(const std::string& sql) {
    Savepoint savepoint(context_.session, "dbfixture_alter");
    try {
        context_.session.run(sql);
    } catch (const PgError& error) {
        if (error.diagnostics.sqlstate != kObjectInUse) throw;
        return false;
    }
    savepoint.keep();
    return true;
}

void Ladder::pause(const Reference& reference) {
    if (!paused_.insert(&reference).second) return;
    defer_constraints();
    const TableFacts& child = context_.facts(reference.child);
    const ForeignKeyFacts& facts = child.foreign_keys[reference.key];
    if (!child.owned) {
        if (!facts.deferrable || facts.actions) at_once_.insert(reference.child);
        if (facts.actions) acting_.insert(&reference);
        return;
    }
    lock({reference.child});
    const std::string name = quote_identifier(facts.name);
    const std::string on = cat("ALTER TABLE ", facts.on_table_name);
    if (can_be_added_again(reference)) {
        const Result whole =
            context_.session.run(cat("SELECT pg_get_constraintdef(", facts.oid, "::oid), obj_description(", facts.oid,
                                     "::oid, 'pg_constraint')"));
        if (try_alter(cat(on, " DROP CONSTRAINT ", name))) {
            dropped_.push_back({facts.on_table_name, name, whole.string(0, 0), whole.string(0, 1)});
            return;
        }
    }
    if (facts.actions) {
        at_once_.insert(reference.child);
        acting_.insert(&reference);
    } else if (!facts.deferrable) {
        if (try_alter(cat(on, " ALTER CONSTRAINT ", name, " DEFERRABLE INITIALLY DEFERRED"))) {
            put_back_.push_back(cat(on, " ALTER CONSTRAINT ", name, " NOT DEFERRABLE"));
        } else {
            at_once_.insert(reference.child);
        }
    }
}

void Ladder::prepare(const std::vector<std::size_t>& tables, Use use) {
    std::vector<std::size_t> fresh;
    for (const std::size_t table : tables) {
        // A table that was emptied is still to be made ready for rows.
        if (!(use == Use::kEmpty ? emptied_ : prepared_).insert(table).second) continue;
        fresh.push_back(table);
        refuse_table(table, use);
        if (!context_.options.fire_triggers) refuse_triggers(table, use);
    }
    lock(fresh);
    if (replica_ || fresh.empty()) return;
    defer_constraints();
    for (const std::size_t table : fresh) {
        if (!context_.options.fire_triggers && context_.facts(table).owned) disable_triggers(table);
        if (use == Use::kEmpty) continue;
        for (const Reference& reference : references_) {
            if (reference.child == table) pause(reference);
        }
    }
}

void Ladder::prepare_removal(std::size_t table) {
    if (replica_) return;
    for (const Reference& reference : references_) {
        if (reference.parent == table) pause(reference);
    }
}

bool Ladder::acts_on_removal(std::size_t table) const {
    return std::any_of(acting_.begin(), acting_.end(),
                       [&](const Reference* reference) { return reference->parent == table; });
}

void Ladder::refuse_removal(std::size_t table) const {
    for (const Reference* reference : acting_) {
        if (reference->parent != table) continue;
        const ForeignKeyFacts& facts = context_.facts(reference->child).foreign_keys[reference->key];
        const std::string child = quote(context_.table(reference->child).label());
        throw refused(cat("foreign key ", quote(facts.name), " of table ", child, " would act on the rows of it"))
            .with_detail(cat("Rows of table ", quote(context_.table(table).label()),
                             " have to be deleted, and this role cannot pause what that does to others."))
            .with_hint(
                cat("connect as the owner of table ", child, " or as a role that may set session_replication_role"));
    }
}

void Ladder::settle() {
    if (deferred_) context_.session.run("SET CONSTRAINTS ALL IMMEDIATE");
}

void Ladder::restore() {
    if (replica_) return;
    settle();
    for (const std::string& statement : put_back_)
        context_.session.run(statement);
    for (const Dropped& dropped : dropped_) {
        context_.session.run(
            cat("ALTER TABLE ", dropped.on_table, " ADD CONSTRAINT ", dropped.name, " ", dropped.definition));
        if (!dropped.comment.empty()) {
            context_.session.run(cat("COMMENT ON CONSTRAINT ", dropped.name, " ON ", dropped.on_table, " IS ",
                                     text_literal(dropped.comment)));
        }
    }
}

}  // namespace dbfixture::postgres
