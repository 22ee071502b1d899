// SPDX-License-Identifier: MIT
#include "db/mariadb/saved_write.h"

#include <algorithm>
#include <charconv>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/introspect.h"
#include "db/mariadb/introspect_parts.h"
#include "db/mariadb/saved_compare.h"
#include "db/mariadb/saved_layout.h"
#include "db/mariadb/saved_scan.h"
#include "db/mariadb/schema_objects.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

std::string definition_of(const Table& table, const TableFacts& facts) {
    const std::vector<std::size_t> key = matching_key(table, facts);
    std::string out, names;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        const std::string name = quote_identifier(table.columns[column].name);
        std::string type = facts.columns[column].type;  // ends with " NULL"
        if (std::ranges::find(key, column) != key.end()) type.insert(type.size() - 4, "NOT ");
        append(out, cat(out.empty() ? " (" : ", ", name, " ", type));
    }
    for (const std::size_t column : key)
        append(names, cat(names.empty() ? "" : ", ", quote_identifier(table.columns[column].name)));
    return cat(out, names.empty() ? "" : cat(", PRIMARY KEY (", names, ")"), ") ENGINE = InnoDB");
}

std::string all_columns(const Table& table) {
    std::string out;
    for (const Column& column : table.columns)
        append(out, cat(out.empty() ? "" : ", ", quote_identifier(column.name)));
    return out;
}

std::uint64_t number_of(std::string_view digits) {
    std::uint64_t out = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return out;
}

// Of a row, roughly: what tells more than half from less.
std::string bytes_of_row(const Table& table, const TableFacts& facts) {
    std::string out = cat(16 + 8 * table.columns.size());
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        if (facts.columns[column].form != ValueForm::kBytes && facts.columns[column].charset.empty()) continue;
        append(out, cat(" + IFNULL(LENGTH(CAST(", quote_identifier(table.columns[column].name), " AS BINARY)), 0)"));
    }
    return out;
}

}  // namespace

LiveState read_live(Session& session) {
    LiveState live{session.server().database, read_catalog(session), read_schema_objects(session)};
    for (std::size_t table = 0; table < live.catalog.facts.size(); ++table) {
        const Table& of = live.catalog.schema.tables[table];
        if (!of.unreadable.empty()) {
            throw Error(ErrorKind::kFailure, cat("cannot save table ", quote(of.label())))
                .with_detail(cat("It cannot be read: ", of.unreadable, "."));
        }
    }
    return live;
}

std::string sql_name(const LiveState& live, std::size_t table) {
    return quote_identifier(live.database, live.catalog.schema.tables[table].name);
}

std::map<std::string, std::uint64_t, std::less<>> next_numbers(Session& session) {
    const Result found = session.run(cat("SELECT table_name, auto_increment FROM information_schema.tables WHERE ",
                                         of_this_database(session, "table_schema"), " AND auto_increment IS NOT NULL"));
    std::map<std::string, std::uint64_t, std::less<>> out;
    for (int row = 0; row < found.rows(); ++row)
        out.emplace(found.string(row, 0), number_of(found.text(row, 1)));
    return out;
}

void require_still(Session& session, const LiveState& live) {
    if (read_schema_objects(session) == live.objects) return;
    throw Error(ErrorKind::kBusy, cat("the schema of ", quote(session.location().shown, 200), " is being changed"))
        .with_hint("run the command again when that is done");
}

SavedTable StateWriter::copy(Session& session, int number, const Table& table, const TableFacts& facts,
                             const std::string& source) {
    SavedTable out;
    out.number = number;
    out.name = table.name;
    out.digest = row_digest(table, facts);
    const std::string columns = all_columns(table);
    fill(session, out,
         cat("INSERT INTO ", copy_name(object_, number), " (", columns, ") SELECT ", columns, " FROM ", source,
             " LOCK IN SHARE MODE"),
         definition_of(table, facts));
    const bool keyed = !matching_key(table, facts).empty();  // as definition_of() has it
    out.bytes = scan_blocks(session, table, facts, out.source(), keyed, bytes_of_row(table, facts),
                            [&](const RowBlock& block) { out.blocks.push_back(block.digest); });
    return out;
}

SavedTable StateWriter::copy(Session& session, int number, const SavedTable& saved) {
    SavedTable out = saved;
    out.number = number;
    fill(session, out,
         cat("INSERT INTO ", copy_name(object_, number), " SELECT * FROM ", saved.source(), " LOCK IN SHARE MODE"),
         cat(" LIKE ", saved.source()));
    return out;
}

void StateWriter::fill(Session& session, SavedTable& out, const std::string& sql, const std::string& definition) {
    const std::string copy = copy_name(object_, out.number);
    if (made_.insert(out.number).second) definer_.second().run(cat("CREATE TABLE ", copy, definition));
    out.kept_in = object_;
    out.kept_as = out.number;
    out.rows = session.run(sql).affected();
}

void StateWriter::sum_up(Session& session, std::vector<SavedTable>& tables) const {
    for (SavedTable& table : tables) {
        if (table.kept_in != object_) continue;
        const Result sum = session.run(cat("CHECKSUM TABLE ", table.source()));
        if (sum.rows() == 1 && !sum.is_null(0, 1)) table.checksum = number_of(sum.text(0, 1));
    }
}

}  // namespace dbfixture::mariadb
