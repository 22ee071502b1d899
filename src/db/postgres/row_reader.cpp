// SPDX-License-Identifier: MIT
#include "db/postgres/row_reader.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "db/postgres/copy.h"
#include "db/postgres/copy_ahead.h"
#include "db/postgres/copy_binary.h"
#include "db/postgres/copy_text.h"
#include "db/postgres/row_query.h"
#include "db/postgres/value_text.h"

namespace dbfixture::postgres {
namespace {

// Texts of one row's columns as its values: the key's first, then those asked for.
class RowValues {
  public:
    RowValues(const Session& session, const Table& table, const TableFacts& facts, std::span<const std::size_t> columns)
        : unchecked_(session.unchecked_encoding()), key_(table.key.size()) {
        for (const std::size_t column : table.key)
            add(facts.columns[column]);
        for (const std::size_t column : columns)
            add(facts.columns[column]);
        values_.resize(forms_.size());
    }

    void begin() { arena_.clear(); }
    void set(std::size_t at, std::optional<std::string_view> text) {
        if (!text) {
            values_[at] = Value::null();
        } else if (forms_[at] == ValueForm::kText && !unchecked_) {
            values_[at] = Value::text(*text);
        } else {
            values_[at] =
                unchecked_ ? read_unchecked_value(forms_[at], *text, arena_) : read_value(forms_[at], *text, arena_);
        }
    }
    void set_binary(std::size_t at, std::optional<std::string_view> bytes) {
        values_[at] = bytes ? read_binary_value(kinds_[at], forms_[at], *bytes, arena_) : Value::null();
    }
    std::size_t size() const { return values_.size(); }
    Row row() const {
        const std::span<const Value> all(values_);
        return {all.first(key_), std::nullopt, all.subspan(key_)};
    }

  private:
    void add(const ColumnFacts& column) {
        forms_.push_back(column.form);
        kinds_.push_back(binary_form(column).value_or(BinaryForm()).kind);
    }

    bool unchecked_;
    std::size_t key_;
    std::vector<ValueForm> forms_;
    std::vector<BinaryForm::Kind> kinds_;
    std::vector<Value> values_;
    Arena arena_;
};

// Whether all columns can come in binary format. Texts of a database of any bytes are looked at one by one.
bool comes_binary(Session& session, const Table& table, const TableFacts& facts, const RowQuery& query) {
    const auto can = [&](std::size_t column) { return binary_form(facts.columns[column]).has_value(); };
    return !session.unchecked_encoding() && std::ranges::all_of(table.key, can) &&
           std::ranges::all_of(query.columns, can) && session.copies_binary();
}

class Cursor final : public RowCursor {
  public:
    Cursor(Session& session, const Table& table, const TableFacts& facts, const RowQuery& query)
        : binary_(comes_binary(session, table, facts, query)),
          values_(session, table, facts, query.columns),
          copy_(session, copy_statement(table, facts, query, binary_), binary_) {}

    bool next(Row& row) override {
        std::string_view line;
        do {
            if (!copy_.next(line)) return false;
        } while (!take(line, row));
        return true;
    }

    void read_all(RowSink& sink) {
        CopyAhead ahead(copy_);
        Row row;
        for (std::string_view line; ahead.next(line);) {
            if (take(line, row)) sink.take(row);
        }
    }

  private:
    // False for what comes without a row.
    bool take(std::string_view line, Row& row) {
        values_.begin();
        if (binary_) {
            if (!binary_fields_.split(line)) return false;
            for (std::size_t at = 0; at < values_.size(); ++at)
                values_.set_binary(at, binary_fields_.fields().at(at));
        } else if (values_.size() > 0) {  // a row without columns is an empty line
            const auto& fields = fields_.split(line);
            for (std::size_t at = 0; at < values_.size(); ++at)
                values_.set(at, fields[at]);
        }
        row = values_.row();
        return true;
    }

    bool binary_;
    RowValues values_;
    CopyFields fields_;
    BinaryFields binary_fields_;
    CopyOut copy_;
};

class Lookup final : public RowLookup {
  public:
    Lookup(Session& session, const Table& table, const TableFacts& facts, std::span<const std::size_t> by,
           std::span<const std::size_t> columns)
        : session_(session), by_(by.size()), statement_(table, facts, by, columns, 2) {
        for (const std::size_t column : columns)
            forms_.push_back(facts.columns[column].form);
    }

    std::span<const LookupAnswer> find(std::span<const Value> wanted) override {
        const std::size_t searches = by_ == 0 ? 1 : wanted.size() / by_;
        arena_.clear();
        answers_.assign(searches, {});
        values_.resize(searches * forms_.size());  // first: answers point into it
        if (searches == 0) return answers_;
        result_ = statement_.run(session_, wanted);
        for (int row = 0; row < result_.rows(); ++row) {
            const auto search = static_cast<std::size_t>(result_.integer(row, 0)) - 1;
            LookupAnswer& answer = answers_[search];
            if (answer.rows++ > 0) continue;
            Value* const values = values_.data() + search * forms_.size();
            for (std::size_t at = 0; at < forms_.size(); ++at) {
                const int column = static_cast<int>(at) + 1;
                values[at] = result_.is_null(row, column)
                                 ? Value::null()
                                 : read_unchecked_value(forms_[at], result_.text(row, column), arena_);
            }
            answer.values = {values, forms_.size()};
        }
        return answers_;
    }

  private:
    Session& session_;
    std::size_t by_;
    SearchStatement statement_;
    std::vector<ValueForm> forms_;
    Result result_;  // answers point into it
    std::vector<Value> values_;
    std::vector<LookupAnswer> answers_;
    Arena arena_;
};

// Keys in the order in which they are asked for.
void read_keys(Session& session, const Table& table, const TableFacts& facts, const RowQuery& query, RowSink& sink) {
    constexpr std::size_t kAtOnce = 1000;
    std::vector<std::size_t> columns = table.key;
    columns.insert(columns.end(), query.columns.begin(), query.columns.end());
    const SearchStatement statement(table, facts, table.key, columns, 0);
    RowValues values(session, table, facts, query.columns);
    std::vector<Value> wanted;
    for (std::size_t from = 0; from < query.keys.size(); from += kAtOnce) {
        wanted.clear();
        for (std::size_t at = from; at < std::min(from + kAtOnce, query.keys.size()); ++at) {
            const Value& key = query.keys[at];
            if (key.kind() == ValueKind::kList) {
                wanted.insert(wanted.end(), key.items(), key.items() + key.item_count());
            } else {
                wanted.push_back(key);
            }
        }
        const Result result = statement.run(session, wanted);
        for (int row = 0; row < result.rows(); ++row) {
            values.begin();
            for (std::size_t at = 0; at < values.size(); ++at) {
                const int column = static_cast<int>(at) + 1;
                values.set(at, result.is_null(row, column) ? std::nullopt : std::optional(result.text(row, column)));
            }
            sink.take(values.row());
        }
    }
}

}  // namespace

std::string row_security_hint(const TableFacts& facts) {
    // An owner is only kept from rows by FORCE.
    return facts.owned ? "connect as a role with BYPASSRLS, or take FORCE ROW LEVEL SECURITY from the table"
                       : "connect as the table's owner or as a role with BYPASSRLS";
}

void require_readable(const Table& table, const TableFacts& facts) {
    std::string why, hint;
    if (!facts.can_select) {
        why = cat("This role has no privilege to ", facts.can_use_schema ? "read it." : "use its schema.");
        hint = cat("have it granted (GRANT ", facts.can_use_schema ? "SELECT" : "USAGE ON SCHEMA",
                   "), connect as its owner, or leave the table out with --exclude ", shell_word(table.label()));
    } else if (facts.row_security) {
        why = "Row-level security hides rows of it from this role, so what could be read might not be all.";
        hint = cat(row_security_hint(facts), ", or leave the table out with --exclude ", shell_word(table.label()));
    } else if (!table.not_dumpable.empty()) {
        why = cat("It cannot be: ", table.not_dumpable, ".");
    }
    if (why.empty()) return;
    throw Error(ErrorKind::kFailure, cat("cannot read table ", quote(table.label()))).with_detail(why).with_hint(hint);
}

void read_rows(Session& session, const Catalog& catalog, const RowQuery& query, RowSink& sink) {
    const Table& table = catalog.schema.tables[query.table];
    const TableFacts& facts = catalog.facts[query.table];
    require_readable(table, facts);
    try {
        if (!query.keys.empty()) return read_keys(session, table, facts, query, sink);
        Cursor(session, table, facts, query).read_all(sink);
    } catch (Error& error) {
        if (error.where.table.empty() && error.kind != ErrorKind::kInterrupted) error.where.table = table.label();
        throw;
    }
}

std::unique_ptr<RowCursor> open_rows(Session& session, const Catalog& catalog, const RowQuery& query) {
    require_readable(catalog.schema.tables[query.table], catalog.facts[query.table]);
    return std::make_unique<Cursor>(session, catalog.schema.tables[query.table], catalog.facts[query.table], query);
}

std::unique_ptr<RowLookup> open_lookup(Session& session, const Catalog& catalog, std::size_t table,
                                       std::span<const std::size_t> by, std::span<const std::size_t> columns) {
    require_readable(catalog.schema.tables[table], catalog.facts[table]);
    return std::make_unique<Lookup>(session, catalog.schema.tables[table], catalog.facts[table], by, columns);
}

}  // namespace dbfixture::postgres
