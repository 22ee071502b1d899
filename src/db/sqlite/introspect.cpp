// SPDX-License-Identifier: MIT
#include "db/sqlite/introspect.h"

#include <sqlite3.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/foreign_key_shape.h"
#include "db/sqlite/shadow_tables.h"
#include "db/sqlite/sql_text.h"
#include "db/sqlite/unparsed_schema.h"
#include "db/sqlite/virtual_table.h"

namespace dbfixture::sqlite {
namespace {

// The rules of https://sqlite.org/datatype3.html#determination_of_column_affinity.
ColumnType column_type(std::string_view declared, bool strict, bool virtual_table) {
    const std::string type = to_lower(declared);
    const auto has = [&](std::string_view part) { return type.find(part) != std::string::npos; };
    if (type == "bool" || type == "boolean") return ColumnType::kBoolean;
    if (virtual_table || type.empty()) return ColumnType::kUntyped;  // virtual tables apply no affinity
    if (has("int")) return ColumnType::kInteger;
    if (has("char") || has("clob") || has("text")) return ColumnType::kText;
    if (has("blob")) return ColumnType::kBytes;
    if (has("real") || has("floa") || has("doub")) return ColumnType::kReal;
    return strict && type == "any" ? ColumnType::kUntyped : ColumnType::kNumeric;
}

class CatalogReader {
  public:
    explicit CatalogReader(Handle handle)
        : handle_(handle),
          columns_(handle,
                   "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1, 'main') ORDER "
                   "BY cid"),
          indexes_(handle,
                   "SELECT name, \"unique\", origin, partial FROM pragma_index_list(?1, 'main') ORDER BY seq DESC"),
          index_columns_(handle, "SELECT cid, coll FROM pragma_index_xinfo(?1, 'main') WHERE key ORDER BY seqno"),
          foreign_keys_(
              handle,
              "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1, 'main') ORDER BY id DESC, seq") {
    }

    Catalog read() {
        Catalog catalog;
        unparsed_ = find_unparsed(handle_);
        read_index_sql();
        Statement list(
            handle_,
            "SELECT l.name, l.type, l.wr, l.strict, m.sql FROM pragma_table_list l JOIN main.sqlite_master m "
            "ON m.type = 'table' AND m.name = l.name "
            "WHERE l.schema = 'main' AND l.type IN ('table', 'virtual') AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
            "ORDER BY l.name COLLATE BINARY");
        while (list.step()) {
            Table table;
            TableFacts facts;
            table.name = list.column_text(0);
            if (is_unparsed(table.name)) continue;
            facts.without_rowid = list.column_int(2) != 0;
            facts.strict = list.column_int(3) != 0;
            const bool is_virtual = list.column_text(1) == "virtual";
            if (is_virtual) read_virtual(table, facts, list.column_text(4));
            if (!is_virtual || opens(table)) read_columns(table, facts, is_virtual);
            if (!is_virtual) {
                read_indexes(table, facts);
                read_foreign_keys(table);
                find_json_checks(table, to_lower(list.column_text(4)));
            }
            if (table.unreadable.empty()) {
                settle_key(table, facts);
                find_obstacles(table, facts, is_virtual);
            }
            catalog.schema.tables.push_back(std::move(table));
            catalog.facts.push_back(std::move(facts));
        }
        add_unparsed(catalog);
        read_triggers(catalog);
        settle_names(catalog.schema);
        mark_shadow_tables(catalog);
        const TableFinder finder(catalog.schema);
        for (Table& table : catalog.schema.tables) {
            for (ForeignKey& key : table.foreign_keys)
                resolve_foreign_key(catalog, finder, key);
        }
        return catalog;
    }

  private:
    bool is_unparsed(std::string_view table) const {
        return std::any_of(unparsed_.begin(), unparsed_.end(), [&](const UnparsedObject& object) {
            return object.kind == "table" && object.name == table;
        });
    }

    // Tables come among the others; of what belongs to a table, it is told; the rest is not needed for rows.
    void add_unparsed(Catalog& catalog) const {
        for (const UnparsedObject& object : unparsed_) {
            if (object.kind == "table") {
                Table table;
                table.name = object.name;
                table.key_kind = KeyKind::kNone;
                table.unreadable = object.reason;
                TableFacts facts;
                if (to_lower(object.sql).starts_with("create virtual"))
                    facts.module = parse_virtual_table(object.sql).module;
                const auto at = std::lower_bound(catalog.schema.tables.begin(), catalog.schema.tables.end(), table.name,
                                                 [](const Table& a, const std::string& b) { return a.name < b; });
                catalog.facts.insert(catalog.facts.begin() + (at - catalog.schema.tables.begin()), std::move(facts));
                catalog.schema.tables.insert(at, std::move(table));
            }
        }
        for (const UnparsedObject& object : unparsed_) {
            const std::string what = cat(object.kind, " ", quote(object.name));
            if (object.kind != "table")
                catalog.schema.warnings.push_back(cat(what, " cannot be used by this build: ", object.reason));
            if (object.kind == "trigger") catalog.unparsed_triggers = cat(what, " was ", object.reason);
            const auto table = catalog.schema.find(object.table);
            if (!table) continue;
            if (object.kind == "index") catalog.facts[*table].unwritable = cat(what, " was ", object.reason);
            if (object.kind != "trigger") continue;
            catalog.schema.tables[*table].has_triggers = true;
            catalog.facts[*table].unparsed_triggers.push_back(cat(what, " was ", object.reason));
        }
    }

    // Looked at first, because one virtual table whose module or tokenizer is missing would end the whole list.
    bool opens(Table& table) {
        try {
            const Statement probe(handle_, cat("SELECT 1 FROM ", qualified(table.name)));
            return true;
        } catch (const Error& error) {
            if (error.kind == ErrorKind::kBusy) throw;
            const bool damaged = error.message.ends_with("is damaged");
            table.unreadable = cat(damaged ? "the database file is damaged: " : "", reason_of(error));
            table.key_kind = KeyKind::kNone;
            return false;
        }
    }

    static std::string reason_of(const Error& error) { return error.detail.substr(0, error.detail.find(kInStatement)); }

    static void read_virtual(Table& table, TableFacts& facts, const std::string& sql) {
        const VirtualTable parsed = parse_virtual_table(sql);
        facts.module = parsed.module;
        facts.full_text = parsed.module == "fts3" || parsed.module == "fts4" || parsed.module == "fts5";
        const auto content = facts.full_text && parsed.module != "fts3" ? content_option(parsed) : std::nullopt;
        if (content && content->empty()) {
            table.not_dumpable = "a contentless full-text index does not keep its rows";
        } else if (content) {
            table.derived = true;
            table.derived_from = *content;
        }
    }

    void read_columns(Table& table, TableFacts& facts, bool is_virtual) {
        std::vector<std::pair<std::int64_t, std::size_t>> key;
        columns_.bind(1, std::string_view(table.name));
        while (columns_.step()) {
            const std::int64_t hidden = columns_.column_int(5);
            if (hidden == 1) continue;  // a virtual table's command column, as "rank"
            Column column;
            column.name = columns_.column_text(0);
            column.declared = columns_.column_text(1);
            column.type = column_type(column.declared, facts.strict, is_virtual);
            column.nullable = columns_.column_int(2) == 0;
            column.generated = hidden == 2 || hidden == 3;
            if (!columns_.column_is_null(3)) column.default_text = columns_.column_text(3);
            if (const std::int64_t position = columns_.column_int(4); position > 0)
                key.emplace_back(position, table.columns.size());
            table.columns.push_back(std::move(column));
        }
        std::sort(key.begin(), key.end());
        for (const auto& [position, column] : key)
            table.key.push_back(column);
    }

    // All at once: looking each up reads the whole schema each time.
    void read_index_sql() {
        Statement indexes(handle_, "SELECT name, sql FROM main.sqlite_master WHERE type = 'index' AND sql IS NOT NULL");
        while (indexes.step())
            index_sql_.emplace(indexes.column_text(0), indexes.column_text(1));
    }

    void read_indexes(Table& table, TableFacts& facts) {
        bool key_has_index = false;
        indexes_.bind(1, std::string_view(table.name));
        while (indexes_.step()) {
            Index index;
            index.name = indexes_.column_text(0);
            index.unique = indexes_.column_int(1) != 0;
            if (const auto sql = index_sql_.find(index.name); sql != index_sql_.end()) index.sql = sql->second;
            index.plain_columns = indexes_.column_int(3) == 0;
            const std::string origin = indexes_.column_text(2);
            index_columns_.bind(1, std::string_view(index.name));
            while (index_columns_.step()) {
                const std::int64_t column = index_columns_.column_int(0);
                if (column < 0) index.plain_columns = false;  // an expression or the rowid
                index.columns.push_back(static_cast<std::size_t>(std::max<std::int64_t>(column, 0)));
                index.collations.push_back(index_columns_.column_text(1));
            }
            if (origin == "pk") {
                key_has_index = true;
                read_key_collations(table, facts, index);
            }
            index.default_collations = !index.unique || has_default_collations(table, index);
            if (origin != "pk" && index.unique && index.plain_columns)
                table.unique_keys.push_back({index.name, index.columns});
            facts.indexes.push_back(std::move(index));
        }
        // https://sqlite.org/lang_createtable.html#rowids_and_the_integer_primary_key: exactly "INTEGER", and not the
        // "PRIMARY KEY DESC" quirk, which shows as an index of the key.
        if (table.key.size() == 1 && !facts.without_rowid && !key_has_index &&
            equals_ignore_case(table.columns[table.key[0]].declared, "INTEGER")) {
            facts.rowid_column = table.key[0];
        }
    }

    std::string collation_of(const Table& table, std::size_t column) const {
        const char* collation = nullptr;
        sqlite3_table_column_metadata(handle_.database, "main", table.name.c_str(), table.columns[column].name.c_str(),
                                      nullptr, &collation, nullptr, nullptr, nullptr);
        return collation == nullptr ? "BINARY" : collation;
    }

    bool has_default_collations(const Table& table, const Index& index) const {
        for (std::size_t i = 0; i < index.columns.size() && index.plain_columns; ++i) {
            if (!equals_ignore_case(collation_of(table, index.columns[i]), index.collations[i])) return false;
        }
        return true;
    }

    // PRIMARY KEY (name COLLATE NOCASE): the key says what is the same row, whatever the column says.
    void read_key_collations(const Table& table, TableFacts& facts, const Index& index) const {
        std::vector<std::string> collations(table.key.size());
        facts.key_compares.assign(table.key.size(), "BINARY");
        bool differs = false;
        for (std::size_t i = 0; i < table.key.size(); ++i) {
            const auto at = std::find(index.columns.begin(), index.columns.end(), table.key[i]);
            if (at == index.columns.end()) continue;
            const std::string& own = index.collations[static_cast<std::size_t>(at - index.columns.begin())];
            facts.key_compares[i] = own;
            if (equals_ignore_case(own, collation_of(table, table.key[i]))) continue;
            collations[i] = own;
            differs = true;
        }
        if (differs) facts.key_collations = std::move(collations);
    }

    // CHECK (JSON_VALID("column")), with any quotes and blanks; `sql` is in lower case.
    static void find_json_checks(Table& table, const std::string& sql) {
        constexpr std::string_view kCall = "json_valid";
        for (std::size_t at = sql.find(kCall); at != std::string::npos; at = sql.find(kCall, at + 1)) {
            const std::string argument = first_argument(std::string_view(sql).substr(at + kCall.size()));
            for (Column& column : table.columns) {
                if (!argument.empty() && to_lower(column.name) == argument) column.holds_json = true;
            }
        }
    }

    // The name that stands alone as the first argument of a call, `rest` being what follows its function's name.
    static std::string first_argument(std::string_view rest) {
        constexpr std::string_view kBlanks = " \t\r\n";
        const auto skip_blanks = [&] { rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size())); };
        skip_blanks();
        if (!rest.starts_with('(')) return {};
        rest.remove_prefix(1);
        skip_blanks();
        std::string name;
        if (rest.starts_with('"') || rest.starts_with('`') || rest.starts_with('[')) {
            const char end = rest[0] == '[' ? ']' : rest[0];
            std::size_t i = 1;
            for (; i < rest.size() && (rest[i] != end || (i + 1 < rest.size() && rest[i + 1] == end && end != ']'));
                 ++i) {
                if (rest[i] == end) ++i;
                name += rest[i];
            }
            rest.remove_prefix(std::min(i + 1, rest.size()));
        } else {
            const std::size_t size = std::min(rest.find_first_of(" \t\r\n,()"), rest.size());
            name = rest.substr(0, size);
            rest.remove_prefix(size);
        }
        skip_blanks();
        return rest.starts_with(')') || rest.starts_with(',') ? name : std::string();
    }

    void read_foreign_keys(Table& table) {
        std::int64_t id = -1;
        foreign_keys_.bind(1, std::string_view(table.name));
        while (foreign_keys_.step()) {
            if (foreign_keys_.column_int(0) != id) {
                id = foreign_keys_.column_int(0);
                table.foreign_keys.emplace_back().parent_name = foreign_keys_.column_text(1);
            }
            ForeignKey& key = table.foreign_keys.back();
            if (const auto column = table.find_column(foreign_keys_.column_text(2))) key.columns.push_back(*column);
            if (!foreign_keys_.column_is_null(3)) key.parent_columns.push_back(foreign_keys_.column_text(3));
        }
    }

    void settle_key(Table& table, TableFacts& facts) const {
        if (!facts.without_rowid) {
            for (const char* name : {"rowid", "_rowid_", "oid"}) {
                const bool taken = std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
                    return equals_ignore_case(column.name, name);
                });
                if (!taken) {
                    facts.rowid = name;
                    break;
                }
            }
        }
        if (facts.rowid_column) {
            table.columns[*facts.rowid_column].nullable = false;
            table.numbers_rows = true;
        }
        if (table.key.empty()) {
            table.key_kind = facts.rowid.empty() ? KeyKind::kNone : KeyKind::kHidden;
            table.numbers_rows = !facts.rowid.empty();
        }
        if (facts.rowid_column) {
            int sequence = 0;
            sqlite3_table_column_metadata(handle_.database, "main", table.name.c_str(),
                                          table.columns[*facts.rowid_column].name.c_str(), nullptr, nullptr, nullptr,
                                          nullptr, &sequence);
            table.columns[*facts.rowid_column].has_sequence = sequence != 0;
        }
    }

    // Whether rows can be read at all, and for a virtual table whether it stores any of its own.
    void find_obstacles(Table& table, TableFacts& facts, bool is_virtual) {
        facts.rowid_apart =
            table.columns.size() >= static_cast<std::size_t>(sqlite3_limit(handle_.database, SQLITE_LIMIT_COLUMN, -1));
        std::string columns = table.key_kind == KeyKind::kHidden && !facts.rowid_apart ? facts.rowid : "";
        for (const Column& column : table.columns)
            append(columns, cat(columns.empty() ? "" : ", ", quote_identifier(column.name)));
        if (columns.empty()) columns = "1";
        facts.not_indexed = !is_virtual && !find_missing_collation(facts).empty();
        try {
            const Statement probe(handle_, cat("SELECT ", columns, " FROM ", read_source(table, facts)));
        } catch (const Error& error) {
            if (error.kind == ErrorKind::kBusy) throw;
            const std::string missing = find_missing_collation(facts);  // SQLite itself says "no query solution"
            table.unreadable = missing.empty() ? reason_of(error) : missing;
            return;
        }
        if (!is_virtual) return;
        try {
            const Statement probe(handle_, cat("INSERT INTO ", qualified(table.name), " DEFAULT VALUES"));
        } catch (const Error&) {
            const std::string words = sqlite3_errmsg(handle_.database);
            if (words.find("may not be modified") != std::string::npos) table.derived = true;  // fts5vocab, fts4aux ...
        }
    }

    // SQLite's words about the first collation of an index that is not known here; "" if all are.
    std::string find_missing_collation(const TableFacts& facts) {
        for (const Index& index : facts.indexes) {
            for (const std::string& collation : index.collations) {
                if (known_collations_.contains(collation)) continue;
                try {
                    const Statement probe(handle_, cat("SELECT '' < '' COLLATE ", quote_identifier(collation)));
                } catch (const Error& error) {
                    return reason_of(error);
                }
                known_collations_.insert(collation);
            }
        }
        return "";
    }

    void read_triggers(Catalog& catalog) {
        Statement triggers(handle_,
                           "SELECT tbl_name, name FROM main.sqlite_master WHERE type = 'trigger' ORDER BY name");
        const TableFinder finder(catalog.schema);
        while (triggers.step()) {
            if (const auto table = finder.find(triggers.column_text(0))) {
                catalog.schema.tables[*table].has_triggers = true;
                catalog.facts[*table].triggers.push_back(triggers.column_text(1));
            }
        }
    }

    Handle handle_;
    std::vector<UnparsedObject> unparsed_;
    std::unordered_map<std::string, std::string> index_sql_;
    std::set<std::string, std::less<>> known_collations_ = {"BINARY", "NOCASE", "RTRIM"};
    Statement columns_, indexes_, index_columns_, foreign_keys_;
};

}  // namespace

Catalog read_catalog(Handle handle) {
    const auto version = query_int(handle, "PRAGMA main.schema_version");
    Catalog catalog = CatalogReader(handle).read();
    catalog.version = version.value_or(0);
    return catalog;
}

}  // namespace dbfixture::sqlite
