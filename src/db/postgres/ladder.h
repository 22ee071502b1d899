// SPDX-License-Identifier: MIT
// How a load keeps triggers silent and foreign keys from acting while rows go in (reference/postgresql.md, section 4).
// What this role may do is tried inside a savepoint, never told by a version or a role's name.
//
//  1. The replica role: no foreign key, ordinary trigger or rule acts. The server then checks no deferrable unique or
//     exclusion constraint either: deferred_constraints.h does. Not with --triggers.
//  2. The owner's fast way: foreign keys are dropped and added again as they were, ordinary triggers disabled.
//  3. The owner's gentle way, for a foreign key that could not be added again (rows from before are orphans, or the
//     parent is not to be referred to any more; rows of either table have gone in already, whose own deferred checks
//     are pending): it is deferred for a while. Only for one without actions.
//  4. Without ownership: what is declared deferrable is deferred. What is not acts at once, so rows wait in staging
//     tables until the end and go in parents first.
//  5. Refused by name: triggers that fire whatever is done (ENABLE ALWAYS, under 1. ENABLE REPLICA too), and those that
//     fire because this role may not disable them; row-level security; foreign tables; missing privileges; rules
//     outside of 1.
//  6. Rows are not deleted, not even for a moment, where a foreign key that cannot be paused would act: rows of another
//     table would be gone in silence.
//  7. All of it is part of the transaction, and undone with it. restore() is called once everything else is right.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "db/postgres/load_context.h"
#include "db/postgres/reference.h"

namespace dbfixture::postgres {

// Rule 1, for the rest of the session's transaction. False where this role may not.
bool try_replica_role(Session& session);

class Ladder {
  public:
    Ladder(LoadContext& context, const std::vector<Reference>& references);

    bool replica() const { return replica_; }
    enum class Use { kWrite, kEmpty };
    // Before the first row of a table is written or deleted; locks it. Throws kRefused, kBusy.
    void prepare(const std::vector<std::size_t>& tables, Use use = Use::kWrite);
    // The foreign key neither checks nor acts from now on, as far as this role can bring that about.
    void pause(const Reference& reference);
    // Before rows are deleted, if only for a moment, or may lose what others refer to.
    void prepare_removal(std::size_t table);
    // Whether a foreign key would act on rows that refer to the table's, were these deleted now (after
    // prepare_removal): one with ON DELETE or ON UPDATE that this role cannot pause. refuse_removal() throws kRefused,
    // naming it.
    bool acts_on_removal(std::size_t table) const;
    void refuse_removal(std::size_t table) const;
    // Whether rows of the table must not go in before their parents.
    bool acts_at_once(std::size_t table) const { return at_once_.contains(table); }
    // Everything deferred is checked now: nothing is pending that would keep a table from being altered.
    void settle();
    void restore();

  private:
    void refuse_triggers(std::size_t table, Use use);
    void refuse_table(std::size_t table, Use use) const;
    void lock(const std::vector<std::size_t>& tables);
    void disable_triggers(std::size_t table);
    bool can_be_added_again(const Reference& reference);
    bool try_alter(const std::string& sql);
    void defer_constraints();

    struct Dropped {
        std::string on_table, name, definition, comment;
    };

    LoadContext& context_;
    const std::vector<Reference>& references_;
    bool replica_ = false;
    bool deferred_ = false;
    std::set<std::size_t> prepared_, emptied_, locked_, at_once_;
    std::set<const Reference*> paused_, acting_;
    std::vector<Dropped> dropped_;
    std::vector<std::string> put_back_;  // statements that make triggers and constraints what they were
};

}  // namespace dbfixture::postgres
