// SPDX-License-Identifier: MIT
#include "db/mariadb/catalog.h"

#include <algorithm>

namespace dbfixture::mariadb {

bool TableFacts::has_trigger(char event) const {
    return std::ranges::any_of(triggers, [event](const TriggerFacts& trigger) { return trigger.event == event; });
}

std::optional<std::size_t> TableFacts::numbered_column() const {
    const auto found = std::ranges::find_if(columns, &ColumnFacts::auto_increment);
    if (found == columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns.begin());
}

}  // namespace dbfixture::mariadb
