// SPDX-License-Identifier: MIT
#include "inspect_text.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/cat.h"
#include "base/lists.h"
#include "base/text.h"

namespace dbfixture {
namespace {

std::vector<std::string> names_of(const Table& table, std::span<const std::size_t> columns) {
    std::vector<std::string> names;
    for (const std::size_t column : columns)
        names.push_back(table.columns[column].name);
    return names;
}

std::string key_text(const Table& table) {
    switch (table.key_kind) {
        case KeyKind::kDeclared:
            return join(names_of(table, table.key), ", ");
        case KeyKind::kHidden:
            return "(row number)";
        case KeyKind::kNone:
            return "(none)";
    }
    return "";
}

std::string references_text(const Table& table) {
    std::vector<std::string> parts;
    for (const ForeignKey& key : table.foreign_keys) {
        parts.push_back(
            cat(join(names_of(table, key.columns), ", "), " -> ", key.parent_name,
                key.problem.empty() ? cat("(", join(key.parent_columns, ", "), ")") : cat(" [", key.problem, "]")));
    }
    return join(parts, "; ");
}

std::string notes_text(const Table& table, const InspectedTable& inspected) {
    std::vector<std::string> notes;
    if (!inspected.problem.empty()) notes.push_back(cat("cannot be read: ", inspected.problem));
    if (!inspected.left_out.empty()) notes.push_back(cat("left out by default: ", inspected.left_out));
    if (table.has_sequence())
        notes.push_back(inspected.sequence ? cat("sequence at ", *inspected.sequence) : "sequence");
    if (table.has_triggers) notes.emplace_back("triggers");
    return join(notes, "; ");
}

// Columns aligned by bytes; numbers at the right.
std::string aligned(std::vector<std::vector<std::string>> rows, std::size_t number_column) {
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (auto& row : rows) {
        for (std::string& cell : row)
            cell = printable(cell, std::string::npos);
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string space(widths[i] - row[i].size(), ' ');
            append(line, i == number_column ? cat(space, row[i], "  ") : cat(row[i], space, "  "));
        }
        line.erase(line.find_last_not_of(' ') + 1);
        append(out, cat(line, "\n"));
    }
    return out;
}

}  // namespace

std::string inspection_as_text(const Schema& schema, const Inspection& inspection) {
    std::vector<std::vector<std::string>> rows = {{"TABLE", "ROWS", "KEY", "REFERENCES", "NOTES"}};
    for (const InspectedTable& inspected : inspection.tables) {
        const Table& table = schema.tables[inspected.table];
        rows.push_back({table.label(), inspected.rows ? cat(*inspected.rows) : "-", key_text(table),
                        references_text(table), notes_text(table, inspected)});
    }
    std::string out = aligned(std::move(rows), 1);
    for (const std::vector<std::size_t>& cycle : inspection.cycles) {
        std::vector<std::string> names;
        names.reserve(cycle.size());
        for (const std::size_t table : cycle)
            names.push_back(printable(schema.tables[table].label(), std::string::npos));
        append(out, cat(cycle.size() == 1 ? "References itself: " : "Cycle: ", join(names, ", "), "\n"));
    }
    append(out,
           cat(plural(inspection.tables.size(), "table"), ", ", plural(inspection.rows, "row"), ", in load order\n"));
    return out;
}

namespace {

void add_columns(JsonText& json, const Table& table) {
    // As ColumnType has them.
    static constexpr std::array<std::string_view, 18> kTypes = {
        "untyped", "boolean", "integer",   "real",           "numeric",  "text", "bytes", "unsigned", "decimal",
        "date",    "time",    "timestamp", "timestamp zone", "interval", "uuid", "json",  "array",    "engine text"};
    static_assert(static_cast<std::size_t>(ColumnType::kEngineText) + 1 == kTypes.size());
    json.key("columns").begin_list();
    for (const Column& column : table.columns) {
        json.begin_object().field("name", column.name).field("declared", column.declared);
        json.field("type", kTypes[static_cast<std::size_t>(column.type)]).field("nullable", column.nullable);
        json.field("generated", column.generated).key("default");
        column.default_text ? json.value(*column.default_text) : json.null();
        json.end_object();
    }
    json.end_list();
}

void add_keys(JsonText& json, const Table& table) {
    static constexpr std::string_view kKinds[] = {"declared", "hidden", "none"};
    json.key("key").begin_object().field("kind", kKinds[static_cast<std::size_t>(table.key_kind)]);
    json.field("columns", names_of(table, table.key)).field("numbered", table.numbers_rows).end_object();
    json.key("foreign_keys").begin_list();
    for (const ForeignKey& key : table.foreign_keys) {
        json.begin_object().field("columns", names_of(table, key.columns)).field("parent", key.parent_name);
        json.field("parent_columns", key.parent_columns).optional_field("problem", key.problem).end_object();
    }
    json.end_list().key("unique_keys").begin_list();
    for (const UniqueKey& key : table.unique_keys) {
        json.begin_object().field("name", key.name).field("columns", names_of(table, key.columns)).end_object();
    }
    json.end_list();
}

}  // namespace

void inspection_as_json(JsonText& json, const Schema& schema, const Inspection& inspection) {
    json.field("rows", inspection.rows).key("tables").begin_list();
    for (const InspectedTable& inspected : inspection.tables) {
        const Table& table = schema.tables[inspected.table];
        json.begin_object().field("name", table.label()).key("rows");
        inspected.rows ? json.value(*inspected.rows) : json.null();
        json.field("labels", inspected.labels);
        json.optional_field("left_out", inspected.left_out).optional_field("problem", inspected.problem);
        add_columns(json, table);
        add_keys(json, table);
        json.field("triggers", table.has_triggers).field("has_sequence", table.has_sequence()).key("sequence");
        inspected.sequence ? json.value(*inspected.sequence) : json.null();
        json.end_object();
    }
    json.end_list().key("cycles").begin_list();
    for (const std::vector<std::size_t>& cycle : inspection.cycles) {
        json.begin_list();
        for (const std::size_t table : cycle)
            json.value(schema.tables[table].label());
        json.end_list();
    }
    json.end_list();
}

}  // namespace dbfixture
