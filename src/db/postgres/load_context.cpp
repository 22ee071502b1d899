// SPDX-License-Identifier: MIT
#include "db/postgres/load_context.h"

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture::postgres {

std::string LoadContext::temporary_table(const std::string& columns) {
    const std::string name = cat("dbfixture_", ++temporary_tables);
    try {
        session.run(cat("CREATE TEMP TABLE ", name, " (", columns, ") ON COMMIT DROP"));
    } catch (const PgError& error) {
        if (error.diagnostics.sqlstate != kInsufficientPrivilege) throw;
        throw Error(ErrorKind::kRefused, cat("this role may not create temporary tables in ",
                                             quote(session.location().shown, 200), ", which this load needs"))
            .with_hint("connect as the database's owner, or have it granted (GRANT TEMPORARY ON DATABASE)");
    }
    return cat("pg_temp.", name);
}

}  // namespace dbfixture::postgres
