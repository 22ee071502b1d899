// SPDX-License-Identifier: MIT
#include "db/mariadb/flush.h"

#include <algorithm>
#include <memory>

#include "base/cat.h"
#include "base/error.h"
#include "db/mariadb/sequences.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/triggers_away.h"
#include "db/mariadb/writable.h"

namespace dbfixture::mariadb {
namespace {

void require_all_removable(const Catalog& catalog, const FlushRequest& request) {
    for (const std::size_t table : request.tables)
        require_removable(catalog, table, request.drop_triggers);
}

std::unique_ptr<TriggersAway> drop_triggers(Session& session, const Catalog& catalog, const FlushRequest& request) {
    TriggerChoice choice{{}, {"DELETE"}};
    for (const std::size_t table : request.tables) {
        if (catalog.facts[table].has_trigger('D')) choice.tables.push_back(catalog.schema.tables[table].name);
    }
    if (!request.drop_triggers || choice.tables.empty()) return nullptr;
    return std::make_unique<TriggersAway>(session, choice);
}

std::string delete_statement(const Catalog& catalog, const FlushRequest& request, std::size_t table) {
    std::string sql = cat("DELETE FROM ", catalog.facts[table].sql_name);
    const auto kept = std::ranges::find(request.kept, table, &KeptRows::table);
    if (kept == request.kept.end() || kept->keys.empty()) return sql;
    const Table& of = catalog.schema.tables[table];
    append(sql, cat(" WHERE ", quote_identifier(of.columns[of.key.at(0)].name), " NOT IN ("));
    for (std::size_t i = 0; i < kept->keys.size(); ++i)
        append(sql, cat(i == 0 ? "" : ", ", kept->keys[i]));
    return sql + ")";
}

// Puts enforcement back.
class KeysOff {
  public:
    explicit KeysOff(Session& session) : session_(session) { session_.run("SET SESSION foreign_key_checks = 0"); }
    KeysOff(const KeysOff&) = delete;
    KeysOff& operator=(const KeysOff&) = delete;
    ~KeysOff() {
        try {
            session_.run("SET SESSION foreign_key_checks = 1");
        } catch (const Error&) {
            // The connection is lost with it.
        }
    }

  private:
    Session& session_;
};

std::vector<std::uint64_t> delete_all(Session& session, const Catalog& catalog, const FlushRequest& request) {
    std::vector<std::uint64_t> rows;
    session.begin(true);
    try {
        for (const std::size_t table : request.tables)
            rows.push_back(session.run(delete_statement(catalog, request, table)).affected());
        // What left the tables now is no history that anybody asked for.
        for (const std::size_t table : request.tables) {
            if (catalog.facts[table].versioned) session.run(cat("DELETE HISTORY FROM ", catalog.facts[table].sql_name));
        }
        session.commit();
    } catch (...) {
        if (session.in_transaction()) {
            try {
                session.rollback();
            } catch (const Error&) {
                // The server rolls back by itself.
            }
        }
        throw;
    }
    return rows;
}

}  // namespace

std::vector<std::uint64_t> flush_tables(Session& session, const Catalog& catalog, const FlushRequest& request) {
    require_all_removable(catalog, request);
    const auto away = drop_triggers(session, catalog, request);
    const KeysOff keys_off(session);
    std::vector<std::uint64_t> rows = delete_all(session, catalog, request);
    if (!request.keep_sequences) put_behind_largest_where_free(session, catalog, request.tables);
    if (away) away->put_back();
    return rows;
}

std::vector<std::string> flush_statements(const Catalog& catalog, const FlushRequest& request) {
    require_all_removable(catalog, request);
    std::vector<std::string> out = {"SET SESSION foreign_key_checks = 0", "START TRANSACTION"};
    for (const std::size_t table : request.tables)
        out.push_back(delete_statement(catalog, request, table));
    for (const std::size_t table : request.tables) {
        if (catalog.facts[table].versioned) out.push_back(cat("DELETE HISTORY FROM ", catalog.facts[table].sql_name));
    }
    out.emplace_back("COMMIT");
    if (!request.keep_sequences) {
        for (std::string& statement : reset_sequence_statements(catalog, request.tables))
            out.push_back(std::move(statement));
    }
    out.emplace_back("SET SESSION foreign_key_checks = 1");
    return out;
}

}  // namespace dbfixture::mariadb
