// SPDX-License-Identifier: MIT
#include "db/sqlite/row_reader.h"

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "db/sqlite/failure.h"

namespace dbfixture::sqlite {
namespace {

Value typed(const Value& value, ColumnType type) {
    const bool flag = type == ColumnType::kBoolean && value.kind() == ValueKind::kInteger &&
                      (value.as_integer() == 0 || value.as_integer() == 1);
    return flag ? Value::boolean(value.as_integer() != 0) : value;
}

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
    for (const std::size_t column : query.order)
        order_by(binary(column));
    for (const std::size_t column : table.key) {
        add(quote_identifier(table.columns[column].name));
        if (!query.order.empty()) continue;
        // No COLLATE on the rowid itself: SQLite would sort instead of walking the table.
        order_by(facts.rowid_column == column ? quote_identifier(table.columns[column].name) : binary(column));
    }
    for (const std::size_t column : query.columns) {
        add(quote_identifier(table.columns[column].name));
        if (table.key_kind == KeyKind::kNone && query.order.empty()) order_by(binary(column));
    }
    if (out.has_rowid && query.order.empty()) order_by(facts.rowid);
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

class RowFiller {
  public:
    RowFiller(const Table& table, const RowQuery& query, bool has_rowid)
        : hidden_(table.key_kind == KeyKind::kHidden),
          has_rowid_(has_rowid),
          key_(table.key.size()),
          values_(query.columns.size()) {
        for (const std::size_t column : table.key)
            key_types_.push_back(table.columns[column].type);
        for (const std::size_t column : query.columns)
            value_types_.push_back(table.columns[column].type);
    }

    // Steps `statement` once; false at its end.
    bool next(Statement& statement, Row& row) {
        if (!statement.step()) return false;
        if ((++rows_ & 0xFFF) == 0) check_interrupt();
        int at = has_rowid_ ? 1 : 0;
        bool null_in_key = false;
        for (std::size_t i = 0; i < key_.size(); ++i) {
            key_[i] = typed(statement.column(at++), key_types_[i]);
            null_in_key |= key_[i].is_null();
        }
        for (std::size_t i = 0; i < values_.size(); ++i)
            values_[i] = typed(statement.column(at++), value_types_[i]);
        row = {key_, std::nullopt, values_};
        if (has_rowid_ && (hidden_ || null_in_key)) row.rowid = statement.column_int(0);
        return true;
    }
    void push_all(Statement& statement, RowSink& sink) {
        Row row;
        while (next(statement, row))
            sink.take(row);
    }

  private:
    bool hidden_, has_rowid_;
    std::vector<ColumnType> key_types_, value_types_;
    std::vector<Value> key_, values_;
    std::uint64_t rows_ = 0;
};

std::string select_sql(const Table& table, const TableFacts& facts, const RowQuery& query, const Selection& selection) {
    std::string sql = cat("SELECT ", selection.columns, " FROM ", qualified(table.name));
    if (!query.keys.empty()) append(sql, cat(" WHERE ", key_condition(table, facts)));
    if (!selection.order.empty()) append(sql, cat(" ORDER BY ", selection.order));
    return sql;
}

class Cursor final : public RowCursor {
  public:
    Cursor(Handle handle, const Table& table, const TableFacts& facts, const RowQuery& query)
        : selection_(select_for(table, facts, query)),
          statement_(handle, select_sql(table, facts, query, selection_)),
          filler_(table, query, selection_.has_rowid) {}
    bool next(Row& row) override { return filler_.next(statement_, row); }

  private:
    Selection selection_;
    Statement statement_;
    RowFiller filler_;
};

class Lookup final : public RowLookup {
  public:
    Lookup(Handle handle, const Table& table, std::span<const std::size_t> by, std::span<const std::size_t> columns) {
        std::string sql = "SELECT ";
        for (std::size_t i = 0; i < columns.size(); ++i) {
            append(sql, cat(i == 0 ? "" : ", ", quote_identifier(table.columns[columns[i]].name)));
            types_.push_back(table.columns[columns[i]].type);
        }
        append(sql, cat(" FROM ", qualified(table.name), " WHERE "));
        for (std::size_t i = 0; i < by.size(); ++i) {
            append(sql, cat(i == 0 ? "" : " AND ", quote_identifier(table.columns[by[i]].name), " IS ?", i + 1));
        }
        statement_ = Statement(handle, sql + " LIMIT 2", true);
    }
    int find(std::span<const Value> wanted) override {
        arena_.clear();
        values_.clear();
        statement_.reset();
        int parameter = 0;
        for (const Value& value : wanted)
            statement_.bind(++parameter, value);
        if (!statement_.step()) return 0;
        for (std::size_t i = 0; i < types_.size(); ++i) {
            Value value = typed(statement_.column(static_cast<int>(i)), types_[i]);
            if (value.has_text()) value.move_text(arena_.copy(value.as_text()));
            values_.push_back(value);
        }
        if (!statement_.step()) return 1;
        statement_.reset();
        return 2;
    }
    std::span<const Value> values() const override { return values_; }

  private:
    Statement statement_;
    std::vector<ColumnType> types_;
    std::vector<Value> values_;
    Arena arena_;
};

}  // namespace

std::unique_ptr<RowCursor> open_rows(Handle handle, const Catalog& catalog, const RowQuery& query) {
    return std::make_unique<Cursor>(handle, catalog.schema.tables[query.table], catalog.facts[query.table], query);
}

std::unique_ptr<RowLookup> open_lookup(Handle handle, const Catalog& catalog, std::size_t table,
                                       std::span<const std::size_t> by, std::span<const std::size_t> columns) {
    return std::make_unique<Lookup>(handle, catalog.schema.tables[table], by, columns);
}

void read_rows(Handle handle, const Catalog& catalog, const RowQuery& query, RowSink& sink) {
    const Table& table = catalog.schema.tables[query.table];
    const TableFacts& facts = catalog.facts[query.table];
    const Selection selection = select_for(table, facts, query);
    const std::string sql = select_sql(table, facts, query, selection);
    try {
        Statement statement(handle, sql);
        RowFiller pusher(table, query, selection.has_rowid);
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
