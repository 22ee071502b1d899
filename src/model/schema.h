// SPDX-License-Identifier: MIT
// What every backend says about a database, in portable terms. Facts of one engine (affinity, aliases of row numbers,
// shadow tables) stay in its folder; a backend keeps them beside a Schema, indexed like `tables`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dbfixture {

enum class ColumnType : std::uint8_t {
    kUntyped,  // no declared type: keeps whatever it is given
    kBoolean,
    kInteger,  // signed
    kReal,
    kNumeric,  // numbers of either kind; text that is no number stays text
    kText,
    kBytes,
    // Of engines whose columns keep one kind of value only (Column::strict). What the engine gives and takes as text,
    // in its own spelling, is kText as a value.
    kUnsigned,
    kDecimal,  // exact, with precision and scale
    kDate,
    kTime,
    kTimestamp,
    kTimestampZone,
    kInterval,
    kUuid,
    kJson,
    kArray,
    kEngineText,  // any other type that its engine spells as text: ranges, enumerations, network addresses ...
};

struct Column {
    std::string name;
    std::string declared;  // the declared type's text, "" if none
    ColumnType type = ColumnType::kUntyped;
    bool nullable = true;
    bool generated = false;                   // computed: never dumped, an error to load
    std::optional<std::string> default_text;  // SQL text of the default
    bool holds_json = false;                  // a constraint holds its text to valid JSON
    // Values of another kind than the type's are refused (layout/bind_strict.h) instead of kept as they are.
    bool strict = false;
    bool also_numbers = false;  // of kBoolean: a number's column, which holds others than 0 and 1 too
    bool also_bytes = false;    // of kEngineText: bytes say what the engine holds and has no text for
    int precision = 0;          // of kDecimal: at most so many digits, `scale` of them behind the point; 0: any number
    int scale = 0;
    bool has_sequence = false;  // the engine numbers it, and remembers the last number that it gave
};

// How the engine compares the names of tables, or of columns.
enum class NameRule : std::uint8_t { kExact, kIgnoresCase /* of ASCII letters */ };

bool same_name(std::string_view a, std::string_view b, NameRule rule) noexcept;

struct ForeignKey {
    std::vector<std::size_t> columns;         // of the child table
    std::string parent_name;                  // as the schema spells it, for people
    std::optional<std::size_t> parent;        // index into Schema::tables; nothing if there is no such table
    std::vector<std::string> parent_columns;  // as resolved: never empty unless `problem` is set
    std::string problem;                      // why it is malformed (missing table or unique index); "" if it is not
};

struct UniqueKey {
    std::string name;
    std::vector<std::size_t> columns;
};

// What addresses a row, and so what `pk` is.
enum class KeyKind {
    kDeclared,  // the columns of `key`
    kHidden,    // the engine's own row number
    kNone,      // nothing: rows are a bag
};

// Tables that selections of all tables leave out unless asked (DESIGN 3; bookkeeping.h).
enum class TableRole { kOrdinary, kBookkeeping, kElsewhere /* in a schema that is not among those selected */ };

struct Table {
    // Identity is (schema, name). The schema is "" where tables need no other name than their own: everywhere on an
    // engine without schemas, else in the first schema of the search path.
    std::string schema;
    std::string name;
    std::string full_label;  // what label() says where that is not the name; settle_names() gives it
    NameRule column_rule = NameRule::kIgnoresCase;
    TableRole role = TableRole::kOrdinary;
    std::vector<Column> columns;  // in table order
    KeyKind key_kind = KeyKind::kDeclared;
    std::vector<std::size_t> key;  // column indexes in key order; empty unless kDeclared
    bool numbers_rows = false;     // the engine can choose the key of a new row
    std::vector<ForeignKey> foreign_keys;
    std::vector<UniqueKey> unique_keys;  // besides the primary key
    bool has_triggers = false;
    bool derived = false;      // its rows come from another table (an external-content index): never dumped
    std::string derived_from;  // that table's label
    std::string not_dumpable;  // why its rows cannot be read back, for a warning; "" if they can
    std::string
        unreadable;  // why this build cannot open it (missing module, collation ...), for an error; "" if it can
    // The table, unreadable too, that keeps its own data in this one, by its label: no rows of anybody else, so it is
    // left out with that table and emptied by nobody. "" for all others.
    std::string belongs_to;

    // What people, fixtures and messages call it: one text that no other table has.
    const std::string& label() const { return full_label.empty() ? name : full_label; }
    std::optional<std::size_t> find_column(std::string_view name) const;  // exact, else by column_rule
    bool is_key_column(std::size_t column) const;
    bool has_sequence() const;  // of any column
    std::vector<std::string> column_names() const;
};

struct Schema {
    std::vector<Table> tables;  // sorted by schema and name, binary order
    NameRule table_rule = NameRule::kIgnoresCase;
    NameRule column_rule = NameRule::kIgnoresCase;
    std::string default_schema;  // the name behind Table::schema "", where labels may spell it out; "" if it has none
    // What this build does not understand and can do without (a view, a trigger), as complete sentences without a full
    // stop.
    std::vector<std::string> warnings;

    // Why there may be tables that are not listed, as such a sentence, for whoever wants all of them; "" if there are none.
    std::string out_of_sight;

    // The one place where a label becomes a table: exactly as it stands first, else by table_rule; nothing if there is
    // none. A label is a name, `schema.name`, or `"schema"."name"` with quotes doubled inside.
    std::optional<std::size_t> find(std::string_view label) const;
    std::optional<std::size_t> find_exact(std::string_view label) const;
    std::optional<std::size_t> find_exact(std::string_view schema, std::string_view name) const;  // by identity
    std::vector<std::string> labels() const;
};

// What the engine does when `tables` and the rules are complete: gives each table its label and its rule for columns.
void settle_names(Schema& schema);

// Schema::find() for who asks for many tables of the schema "": one hash look-up each. Valid while the schema's tables
// stay as they are.
class TableFinder {
  public:
    explicit TableFinder(const Schema& schema);
    std::optional<std::size_t> find(std::string_view name) const;

  private:
    std::string folded(std::string_view name) const;

    std::unordered_map<std::string, std::size_t> by_name_;  // as table_rule compares; of several such names, the first
    const Schema& schema_;
};

}  // namespace dbfixture
