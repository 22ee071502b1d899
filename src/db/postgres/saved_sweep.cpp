// SPDX-License-Identifier: MIT
// Dropping what holds states, and finding what no reference names any more.
#include <exception>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/introspect_parts.h"
#include "db/postgres/saved_copy.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/transaction.h"
#include "db/saved_mark.h"

namespace dbfixture::postgres {

// What is left out of everything is what bears a mark.
static_assert(kOurSchemas.find(kMarkStart) != std::string_view::npos);

bool drop_copy(SavedSession& saved, const SavedReference& reference) noexcept {
    try {
        if (saved.system() != reference.system || cat(saved.database()) != reference.database) return true;
        Session& session = saved.get();
        Transaction transaction(session);
        const Result mark = session.run(
            "SELECT coalesce(obj_description(n.oid, 'pg_namespace'), '') FROM pg_namespace n WHERE n.nspname = $1",
            {reference.object});
        if (mark.rows() == 0) return true;
        if (!mark.text(0, 0).starts_with(kMarkStart)) return true;  // not ours any more
        session.run(cat("SET LOCAL client_min_messages = warning; DROP SCHEMA ", quote_identifier(reference.object),
                        " CASCADE"));
        transaction.commit();
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

void sweep_copies(SavedSession& saved, const std::string& store, const std::set<std::string>& named,
                  std::vector<std::string>& said) {
    const Result found = saved.get().run(
        "SELECT n.nspname FROM pg_namespace n WHERE n.nspname ~ '^dbfixture_' AND "
        "starts_with(obj_description(n.oid, 'pg_namespace'), $1) ORDER BY 1",
        {mark_start_of(store)});
    for (int row = 0; row < found.rows(); ++row) {
        const std::string object = found.string(row, 0);
        if (named.contains(object)) continue;
        if (drop_copy(saved, {StateKind::kCopy, saved.system(), cat(saved.database()), object}))
            said.push_back(cat("removed the schema ", quote(object), ", which a killed process left"));
    }
}

}  // namespace dbfixture::postgres
