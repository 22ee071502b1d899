// SPDX-License-Identifier: MIT
#include "db/sqlite/row_reader.h"

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "db/sqlite/failure.h"

namespace dbfixture::sqlite {
namespace {

struct Selection {
    std::string columns;
    std::string order;
    bool has_rowid = false;  // the rowid is the first column of the result
};

Selection select_for(const Table& table, const TableFacts& facts, const RowQuery& query) {
    Selection out;
    const auto add = [&](std::string_view expression) {
        append(out.columns, cat(out.columns.empty() ? "" : ", ", expression));
    };
    const auto order_by = [&](std::string_view expression) {
        append(out.order, cat(out.order.empty() ? "" : ", ", expression));
    };
    const auto binary = [&](std::size_t column) {
        return cat(quote_identifier(table.columns[column].name), " COLLATE BINARY");
    };

    bool key_may_be_null = false;
    for (const std::size_t column : table.key)
        key_may_be_null |= table.columns[column].nullable;
    out.has_rowid =
        !facts.rowid.empty() && (table.key_kind == KeyKind::kHidden || (key_may_be_null && !facts.without_rowid));
    if (out.has_rowid) add(facts.rowid);
    for (const std::size_t column : table.key) {
        add(quote_identifier(table.columns[column].name));
        // No COLLATE on the rowid itself: SQLite would sort instead of walking the table.
        order_by(facts.rowid_column == column ? quote_identifier(table.columns[column].name) : binary(column));
    }
    for (const std::size_t column : query.columns) {
        add(quote_identifier(table.columns[column].name));
        if (table.key_kind == KeyKind::kNone) order_by(binary(column));
    }
    if (out.has_rowid) order_by(facts.rowid);
    return out;
}

std::string key_condition(const Table& table, const TableFacts& facts) {
    if (table.key_kind == KeyKind::kHidden) return cat(facts.rowid, " = ?1");
    std::string out;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        append(out, cat(i == 0 ? "" : " AND ", quote_identifier(table.columns[table.key[i]].name), " IS ?", i + 1));
    }
    return out;
}

class RowPusher {
  public:
    RowPusher(const Table& table, const RowQuery& query, bool has_rowid)
        : hidden_(table.key_kind == KeyKind::kHidden),
          has_rowid_(has_rowid),
          key_(table.key.size()),
          values_(query.columns.size()) {
        for (const std::size_t column : table.key)
            key_types_.push_back(table.columns[column].type);
        for (const std::size_t column : query.columns)
            value_types_.push_back(table.columns[column].type);
    }

    void push_all(Statement& statement, RowSink& sink) {
        while (statement.step()) {
            if ((++rows_ & 0xFFF) == 0) check_interrupt();
            int at = has_rowid_ ? 1 : 0;
            bool null_in_key = false;
            for (std::size_t i = 0; i < key_.size(); ++i) {
                key_[i] = typed(statement.column(at++), key_types_[i]);
                null_in_key |= key_[i].is_null();
            }
            for (std::size_t i = 0; i < values_.size(); ++i)
                values_[i] = typed(statement.column(at++), value_types_[i]);
            Row row{key_, std::nullopt, values_};
            if (has_rowid_ && (hidden_ || null_in_key)) row.rowid = statement.column_int(0);
            sink.take(row);
        }
    }

  private:
    static Value typed(const Value& value, ColumnType type) {
        const bool flag = type == ColumnType::kBoolean && value.kind() == ValueKind::kInteger &&
                          (value.as_integer() == 0 || value.as_integer() == 1);
        return flag ? Value::boolean(value.as_integer() != 0) : value;
    }

    bool hidden_, has_rowid_;
    std::vector<ColumnType> key_types_, value_types_;
    std::vector<Value> key_, values_;
    std::uint64_t rows_ = 0;
};

}  // namespace

void read_rows(Handle handle, const Catalog& catalog, const RowQuery& query, RowSink& sink) {
    const Table& table = catalog.schema.tables[query.table];
    const TableFacts& facts = catalog.facts[query.table];
    const Selection selection = select_for(table, facts, query);
    std::string sql = cat("SELECT ", selection.columns, " FROM ", qualified(table.name));
    if (!query.keys.empty()) append(sql, cat(" WHERE ", key_condition(table, facts)));
    if (!selection.order.empty()) append(sql, cat(" ORDER BY ", selection.order));
    try {
        Statement statement(handle, sql);
        RowPusher pusher(table, query, selection.has_rowid);
        if (query.keys.empty()) return pusher.push_all(statement, sink);
        for (const Value& key : query.keys) {
            statement.reset();
            if (key.kind() == ValueKind::kList) {
                for (std::size_t i = 0; i < key.item_count(); ++i)
                    statement.bind(static_cast<int>(i) + 1, key.items()[i]);
            } else {
                statement.bind(1, key);
            }
            pusher.push_all(statement, sink);
        }
    } catch (Error& error) {
        if (error.where.table.empty()) error.where.table = table.name;
        throw;
    }
}

}  // namespace dbfixture::sqlite
