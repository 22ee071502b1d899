// SPDX-License-Identifier: MIT
#include "db/mariadb/program_settings.h"

#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/clone_header.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {

ProgramSettings::~ProgramSettings() {
    try {
        end();
    } catch (const Error&) {
        // The session is lost.
    }
}

void ProgramSettings::set(const Definition& definition) {
    std::string sql = cat("SET SESSION sql_mode = ", enclose(definition.sql_mode, '\''));
    if (!definition.client_charset.empty()) {
        append(sql, cat(", character_set_client = ", definition.client_charset,
                        ", collation_connection = ", definition.connection_collation));
    }
    if (!definition.time_zone.empty()) append(sql, cat(", time_zone = ", enclose(definition.time_zone, '\'')));
    if (sql != last_) session_.run(sql);
    last_ = sql;
    if (!definition.database_collation.empty()) set_collation(definition.database_collation);
}

// What a program's own texts have where they say nothing.
void ProgramSettings::set_collation(const std::string& collation) {
    if (collation == collation_) return;
    session_.run(cat("ALTER DATABASE ", quote_identifier(database_), " COLLATE ", collation));
    collation_ = collation;
}

void ProgramSettings::end() {
    if (last_.empty()) return;
    set_collation(own_);
    session_.run("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00'");
    session_.run("SET NAMES utf8mb4 COLLATE utf8mb4_bin");
    last_.clear();
}

std::string making(const Definition& definition) {
    if (definition.kind != DefinitionKind::kTrigger) return definition.text;
    if (!names_others(definition.text, definition.lexical())) return definition.text;
    const auto definer = definer_of(definition.text, definition.lexical());
    return cat("CREATE ", definer ? definition.text.substr(definer->begin, definer->end - definer->begin) : "",
               " TRIGGER ", quote_identifier(definition.name), " ", definition.moment, " ON ",
               quote_identifier(definition.table), " FOR EACH ROW",
               trigger_body(definition.text, definition.lexical()));
}

}  // namespace dbfixture::mariadb
