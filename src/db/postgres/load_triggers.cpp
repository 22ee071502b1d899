// SPDX-License-Identifier: MIT
#include "db/postgres/load_triggers.h"

#include <algorithm>

#include "base/cat.h"

namespace dbfixture::postgres {

std::vector<std::string> written_by_triggers(const LoadContext& context, std::size_t table) {
    std::vector<std::string> out;
    const auto& triggers = context.facts(table).triggers;
    if (std::none_of(triggers.begin(), triggers.end(), [](const TriggerFacts& t) { return t.enabled == 'O'; }))
        return out;
    const Result found = context.session.run(cat(
        "SELECT DISTINCT m.words[2] FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid CROSS JOIN LATERAL "
        "regexp_matches(p.prosrc, '\\m(insert\\s+into|update|delete\\s+from|merge\\s+into)\\s+(?:only\\s+)?"
        "((?:\"[^\"]+\"|\\w+)(?:\\.(?:\"[^\"]+\"|\\w+))?)', 'gi') m(words) WHERE NOT t.tgisinternal AND t.tgenabled "
        "= 'O' AND t.tgrelid = ",
        context.facts(table).oid, " ORDER BY 1"));
    for (int i = 0; i < found.rows(); ++i) {
        const auto written = context.catalog.schema.find(found.text(i, 0));
        if (!written || *written == table) continue;
        const std::string& label = context.table(*written).label();
        if (std::find(out.begin(), out.end(), label) == out.end()) out.push_back(label);
    }
    return out;
}

}  // namespace dbfixture::postgres
