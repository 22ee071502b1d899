// SPDX-License-Identifier: MIT
#include "state/state_diff.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/text.h"

namespace dbfixture {
namespace {

void add_value(std::string& out, const Value& value) {
    out.push_back(static_cast<char>(value.kind()));
    const auto raw = [&](const auto& number) { out.append(reinterpret_cast<const char*>(&number), sizeof number); };
    switch (value.kind()) {
        case ValueKind::kNull:
        case ValueKind::kList:
        case ValueKind::kMap:
            break;
        case ValueKind::kBoolean:
        case ValueKind::kInteger:
            raw(value.as_integer());
            break;
        case ValueKind::kUnsigned:
            raw(value.as_unsigned());
            break;
        case ValueKind::kReal:
            raw(value.as_real());
            break;
        case ValueKind::kDecimal:
        case ValueKind::kText:
        case ValueKind::kEncodedText:
        case ValueKind::kBytes:
        case ValueKind::kNumber:
        case ValueKind::kPlain:
            raw(value.as_text().size());
            out += value.as_text();
            break;
    }
}

class RowSums final : public RowSink {
  public:
    void take(const Row& row) override {
        text_.clear();
        for (const Value& value : row.key)
            add_value(text_, value);
        if (row.rowid) add_value(text_, Value::integer(*row.rowid));
        for (const Value& value : row.values)
            add_value(text_, value);
        Checksum sum;
        sum.update(text_);
        sums.push_back(sum.digest_number());
    }
    std::vector<std::uint64_t> sums;

  private:
    std::string text_;
};

std::vector<std::uint64_t> row_sums(Connection& connection, std::size_t table) {
    RowQuery query;
    query.table = table;
    const Table& facts = connection.schema().tables[table];
    for (std::size_t i = 0; i < facts.columns.size(); ++i) {
        if (!facts.is_key_column(i)) query.columns.push_back(i);
    }
    RowSums sums;
    connection.read_rows(query, sums);
    std::sort(sums.sums.begin(), sums.sums.end());
    return sums.sums;
}

bool can_read(const Table& table) {
    return table.unreadable.empty() && table.not_dumpable.empty() && !table.derived;
}

using Definitions = std::map<std::pair<std::string, std::string>, std::string>;

Definitions definitions(Connection* connection) {
    Definitions out;
    if (connection == nullptr) return out;
    for (const SchemaObject& object : connection->schema_objects()) {
        out[{object.kind, object.name}] = object.definition;
    }
    return out;
}

// The sums of the table's rows; nothing if there is no such table or its rows cannot be read.
std::optional<std::vector<std::uint64_t>> rows_of(Connection* connection, const std::string& name) {
    if (connection == nullptr) return std::nullopt;
    const auto table = connection->schema().find_exact(name);
    if (!table || !can_read(connection->schema().tables[*table])) return std::nullopt;
    return row_sums(*connection, *table);
}

void compare_tables(Connection* before, Connection& after, const std::string& name, TableChange& change) {
    const auto old_rows = rows_of(before, name), new_rows = rows_of(&after, name);
    if (old_rows) change.before = old_rows->size();
    if (new_rows) change.after = new_rows->size();
    std::vector<std::uint64_t> common;
    if (old_rows && new_rows) {
        std::set_intersection(old_rows->begin(), old_rows->end(), new_rows->begin(), new_rows->end(),
                              std::back_inserter(common));
    }
    change.removed = change.before.value_or(0) - common.size();
    change.added = change.after.value_or(0) - common.size();
}

}  // namespace

RestorePreview compare_states(Connection* before, Connection& after) {
    if (before != nullptr) before->begin_read();
    after.begin_read();
    const Definitions old = definitions(before), wanted = definitions(&after);
    std::set<std::string> tables;
    for (Connection* const side : {before, &after}) {
        if (side == nullptr) continue;
        for (const std::string& name : side->schema().table_names())
            tables.insert(name);
    }
    RestorePreview preview;
    for (const std::string& name : tables) {
        TableChange change;
        change.table = name;
        const auto a = old.find({"table", name}), b = wanted.find({"table", name});
        change.schema =
            (a == old.end()) != (b == wanted.end()) || (a != old.end() && b != wanted.end() && a->second != b->second);
        compare_tables(before, after, name, change);
        if (change.schema || change.removed + change.added > 0) preview.tables.push_back(change);
    }
    Definitions all = old;
    all.insert(wanted.begin(), wanted.end());
    for (const auto& [key, definition] : all) {
        if (key.first == "table") continue;
        const auto a = old.find(key), b = wanted.find(key);
        const std::string what = cat(key.first, " ", quote(key.second));
        if (a == old.end()) {
            preview.other_changes.push_back(cat(what, " would be created"));
        } else if (b == wanted.end()) {
            preview.other_changes.push_back(cat(what, " would be dropped"));
        } else if (a->second != b->second) {
            preview.other_changes.push_back(cat(what, " would change"));
        }
    }
    after.end_read();
    if (before != nullptr) before->end_read();
    return preview;
}

}  // namespace dbfixture
