// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cctype>

#include "base/cat.h"
#include "base/text.h"
#include "inspect_text.h"

namespace dbfixture {
namespace {

// Mermaid has no escape for a double quote inside a quoted name.
std::string mermaid_quoted(std::string_view name) {
    std::string out = "\"";
    for (const char c : printable(name, std::string::npos))
        out += c == '"' ? '\'' : c;
    return out + "\"";
}

// Mermaid's attribute names and types are words; what is lost is shown in the comment.
std::string mermaid_word(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    if (out.empty()) out = "any";
    if (std::isalpha(static_cast<unsigned char>(out[0])) == 0) out.insert(0, "x");
    return out;
}

std::string dot_quoted(std::string_view name) {
    std::string out = "\"";
    for (const char c : printable(name, std::string::npos)) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

std::string columns_text(const Table& table, const ForeignKey& key) {
    std::string out;
    for (const std::size_t column : key.columns)
        append(out, cat(out.empty() ? "" : ", ", table.columns[column].name));
    return out;
}

std::string mermaid_entity(const Table& table) {
    std::string out = cat("    ", mermaid_quoted(table.label()), " {\n");
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        const bool foreign =
            std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(), [&](const ForeignKey& key) {
                return std::find(key.columns.begin(), key.columns.end(), i) != key.columns.end();
            });
        const bool primary = table.is_key_column(i);
        const std::string word = mermaid_word(column.name);
        append(out, cat("        ", mermaid_word(column.declared), " ", word, primary || foreign ? " " : "",
                        primary ? "PK" : "", primary && foreign ? ", " : "", foreign ? "FK" : ""));
        if (word != column.name) append(out, cat(" ", mermaid_quoted(column.name)));
        out += '\n';
    }
    return out + "    }\n";
}

const std::string& parent_of(const Schema& schema, const ForeignKey& key) {
    return key.parent ? schema.tables[*key.parent].label() : key.parent_name;
}

}  // namespace

std::string inspection_as_mermaid(const Schema& schema, const Inspection& inspection) {
    std::string out = "erDiagram\n";
    for (const InspectedTable& inspected : inspection.tables)
        append(out, mermaid_entity(schema.tables[inspected.table]));
    for (const InspectedTable& inspected : inspection.tables) {
        const Table& table = schema.tables[inspected.table];
        for (const ForeignKey& key : table.foreign_keys) {
            const bool nullable = std::any_of(key.columns.begin(), key.columns.end(),
                                              [&](std::size_t i) { return table.columns[i].nullable; });
            append(out, cat("    ", mermaid_quoted(parent_of(schema, key)), nullable ? " |o" : " ||", "--o{ ",
                            mermaid_quoted(table.label()), " : ", mermaid_quoted(columns_text(table, key)), "\n"));
        }
    }
    return out;
}

std::string inspection_as_dot(const Schema& schema, const Inspection& inspection) {
    std::string out = "digraph schema {\n    rankdir=LR;\n    node [shape=box];\n";
    for (const InspectedTable& inspected : inspection.tables) {
        append(out, cat("    ", dot_quoted(schema.tables[inspected.table].label()), ";\n"));
    }
    for (const InspectedTable& inspected : inspection.tables) {
        const Table& table = schema.tables[inspected.table];
        for (const ForeignKey& key : table.foreign_keys) {
            append(out, cat("    ", dot_quoted(table.label()), " -> ", dot_quoted(parent_of(schema, key)),
                            " [label=", dot_quoted(columns_text(table, key)), "];\n"));
        }
    }
    return out + "}\n";
}

}  // namespace dbfixture
