// SPDX-License-Identifier: MIT
#include "db/sqlite/row_reader.h"

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/sql_text.h"

namespace dbfixture::sqlite {
namespace {

// Integers 0 and 1 of a boolean column are booleans.
void type_value(Value& value, ColumnType type) {
    if (type != ColumnType::kBoolean || value.kind() != ValueKind::kInteger) return;
    if (value.as_integer() == 0 || value.as_integer() == 1) value = Value::boolean(value.as_integer() != 0);
}

struct Selection {
    std::string columns;
    std::string order;
    bool has_rowid = false;    // the rowid is the first column of the result,
    bool rowid_apart = false;  // or the only one of a second result, where the first has no room for it
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
    const std::size_t count = table.key.size() + query.columns.size();
    out.rowid_apart = out.has_rowid && facts.rowid_apart && count >= table.columns.size();
    if (out.has_rowid && !out.rowid_apart) add(facts.rowid);
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
    // No room for one more term; then rows whose whole key is equal (NULL in it) come as they are stored.
    const bool full = facts.rowid_apart && table.key.size() >= table.columns.size();
    if (out.has_rowid && query.order.empty() && !full) order_by(facts.rowid);
    return out;
}

std::string address_condition(const Table& table, const TableFacts& facts) {
    return table.key_kind == KeyKind::kHidden ? cat(facts.rowid, " = ?1") : key_condition(table, facts, "IS", 1);
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

    // Steps `statement` once; false at its end. `rowids` walks beside it where the rowid has no room in it.
    bool next(Statement& statement, Statement& rowids, Row& row) {
        if (!statement.step()) return false;
        if (rowids) rowids.step();
        if ((++rows_ & 0xFFF) == 0) check_interrupt();
        int at = has_rowid_ && !rowids ? 1 : 0;
        bool null_in_key = false;
        for (std::size_t i = 0; i < key_.size(); ++i) {
            key_[i] = statement.column(at++);
            type_value(key_[i], key_types_[i]);
            null_in_key |= key_[i].is_null();
        }
        for (std::size_t i = 0; i < values_.size(); ++i) {
            values_[i] = statement.column(at++);
            type_value(values_[i], value_types_[i]);
        }
        row = {key_, std::nullopt, values_};
        if (has_rowid_ && (hidden_ || null_in_key)) row.row_number = (rowids ? rowids : statement).column_int(0);
        return true;
    }
    void push_all(Statement& statement, Statement& rowids, RowSink& sink) {
        Row row;
        while (next(statement, rowids, row))
            sink.take(row);
    }

  private:
    bool hidden_, has_rowid_;
    std::vector<ColumnType> key_types_, value_types_;
    std::vector<Value> key_, values_;
    std::uint64_t rows_ = 0;
};

std::string select_sql(const Table& table, const TableFacts& facts, const RowQuery& query, const Selection& selection,
                       std::string_view columns) {
    std::string sql = cat("SELECT ", columns, " FROM ", read_source(table, facts));
    // Two statements walk side by side: both along the table.
    if (selection.rowid_apart && query.keys.empty() && !facts.not_indexed) append(sql, " NOT INDEXED");
    if (!query.keys.empty()) append(sql, cat(" WHERE ", address_condition(table, facts)));
    if (!selection.order.empty()) append(sql, cat(" ORDER BY ", selection.order));
    return sql;
}

// What one query reads: its rows and, apart from them or among them, their rowids.
class Rows {
  public:
    Rows(Handle handle, const Table& table, const TableFacts& facts, const RowQuery& query)
        : selection_(select_for(table, facts, query)), filler_(table, query, selection_.has_rowid) {
        try {
            rows_ = Statement(handle, select_sql(table, facts, query, selection_, selection_.columns));
            if (selection_.rowid_apart)
                rowids_ = Statement(handle, select_sql(table, facts, query, selection_, facts.rowid));
        } catch (const Error& error) {
            if (is_unusable(error)) throw cannot_use(table.name, "read", error.detail);
            throw;
        }
    }
    bool next(Row& row) { return filler_.next(rows_, rowids_, row); }
    void push_all(RowSink& sink) { filler_.push_all(rows_, rowids_, sink); }
    void start(const Value& key) {
        for (Statement* const statement : {&rows_, &rowids_}) {
            if (!*statement) continue;
            statement->reset();
            if (key.kind() != ValueKind::kList) statement->bind(1, key);
            for (std::size_t i = 0; key.kind() == ValueKind::kList && i < key.item_count(); ++i)
                statement->bind(static_cast<int>(i) + 1, key.items()[i]);
        }
    }

  private:
    Selection selection_;
    RowFiller filler_;
    Statement rows_, rowids_;
};

class Cursor final : public RowCursor {
  public:
    Cursor(Handle handle, const Table& table, const TableFacts& facts, const RowQuery& query)
        : rows_(handle, table, facts, query) {}
    bool next(Row& row) override { return rows_.next(row); }

  private:
    Rows rows_;
};

class Lookup final : public RowLookup {
  public:
    Lookup(Handle handle, const Table& table, const TableFacts& facts, std::span<const std::size_t> by,
           std::span<const std::size_t> columns)
        : by_(by.size()) {
        std::string sql = "SELECT ";
        for (std::size_t i = 0; i < columns.size(); ++i) {
            append(sql, cat(i == 0 ? "" : ", ", quote_identifier(table.columns[columns[i]].name)));
            types_.push_back(table.columns[columns[i]].type);
        }
        std::vector<std::string> terms;
        for (const std::size_t column : by)
            terms.push_back(cat(quote_identifier(table.columns[column].name), " IS ?", terms.size() + 1));
        append(sql, cat(" FROM ", read_source(table, facts), " WHERE ", conjunction(terms), " LIMIT 2"));
        statement_ = Statement(handle, sql, true);
    }
    std::span<const LookupAnswer> find(std::span<const Value> wanted) override {
        const std::size_t searches = by_ == 0 ? 1 : wanted.size() / by_;
        arena_.clear();
        answers_.clear();
        values_.resize(searches * types_.size());  // first: answers point into it
        for (std::size_t i = 0; i < searches; ++i)
            answers_.push_back(find(wanted.subspan(i * by_, by_), values_.data() + i * types_.size()));
        return answers_;
    }

  private:
    LookupAnswer find(std::span<const Value> wanted, Value* values) {
        statement_.reset();  // if the last search failed
        int parameter = 0;
        for (const Value& value : wanted)
            statement_.bind(++parameter, value);
        LookupAnswer answer;
        if (statement_.step()) {
            for (std::size_t i = 0; i < types_.size(); ++i) {
                values[i] = statement_.column(static_cast<int>(i));
                type_value(values[i], types_[i]);
                if (values[i].has_text()) values[i].move_text(arena_.copy(values[i].as_text()));
            }
            answer = {statement_.step() ? 2 : 1, {values, types_.size()}};
        }
        statement_.reset();
        return answer;
    }

    Statement statement_;
    std::size_t by_;
    std::vector<ColumnType> types_;
    std::vector<Value> values_;
    std::vector<LookupAnswer> answers_;
    Arena arena_;
};

}  // namespace

std::unique_ptr<RowCursor> open_rows(Handle handle, const Catalog& catalog, const RowQuery& query) {
    return std::make_unique<Cursor>(handle, catalog.schema.tables[query.table], catalog.facts[query.table], query);
}

std::unique_ptr<RowLookup> open_lookup(Handle handle, const Catalog& catalog, std::size_t table,
                                       std::span<const std::size_t> by, std::span<const std::size_t> columns) {
    return std::make_unique<Lookup>(handle, catalog.schema.tables[table], catalog.facts[table], by, columns);
}

void read_rows(Handle handle, const Catalog& catalog, const RowQuery& query, RowSink& sink) {
    const Table& table = catalog.schema.tables[query.table];
    try {
        Rows rows(handle, table, catalog.facts[query.table], query);
        if (query.keys.empty()) return rows.push_all(sink);
        for (const Value& key : query.keys) {
            rows.start(key);
            rows.push_all(sink);
        }
    } catch (Error& error) {
        const bool named = error.message.find(quote(table.name)) != std::string::npos;
        if (error.where.table.empty() && !named) error.where.table = table.name;
        throw;
    }
}

}  // namespace dbfixture::sqlite
