// SPDX-License-Identifier: MIT
#include "db/postgres/load_operators.h"

#include "base/cat.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

std::string in_full(std::string_view schema, std::string_view name) {
    return cat("OPERATOR(", quote_identifier(schema), ".", name, ")");
}

}  // namespace

Operators::Operators(Session& session) {
    const Result types = session.run(
        "SELECT o.oprleft::int8, n.nspname, o.oprname FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace "
        "WHERE o.oprname = '=' AND o.oprleft = o.oprright AND n.nspname <> 'pg_catalog'");
    for (int i = 0; i < types.rows(); ++i)
        equality_[static_cast<Oid>(types.integer(i, 0))] = in_full(types.text(i, 1), types.text(i, 2));
    if (equality_.empty()) return;
    const Result keys = session.run(
        "SELECT c.oid::int8, k.i, n.nspname, o.oprname FROM pg_constraint c CROSS JOIN LATERAL unnest(c.conpfeqop) "
        "WITH ORDINALITY k(operator, i) JOIN pg_operator o ON o.oid = k.operator JOIN pg_namespace n ON n.oid = "
        "o.oprnamespace WHERE c.contype = 'f' AND n.nspname <> 'pg_catalog'");
    for (int i = 0; i < keys.rows(); ++i) {
        const auto place =
            std::pair(static_cast<Oid>(keys.integer(i, 0)), static_cast<std::size_t>(keys.integer(i, 1)));
        foreign_keys_[place] = in_full(keys.text(i, 2), keys.text(i, 3));
    }
}

std::string Operators::equality(Oid base_type) const {
    const auto found = equality_.find(base_type);
    return found == equality_.end() ? "=" : found->second;
}

std::string Operators::of_foreign_key(Oid constraint, std::size_t i) const {
    const auto found = foreign_keys_.find({constraint, i + 1});
    return found == foreign_keys_.end() ? "=" : found->second;
}

}  // namespace dbfixture::postgres
