// SPDX-License-Identifier: MIT
#include "db/mariadb/row_reader.h"

#include <algorithm>
#include <optional>

#include "base/cat.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "db/mariadb/row_query.h"
#include "db/mariadb/rows_ahead.h"
#include "db/mariadb/statement.h"
#include "db/mariadb/value_send.h"
#include "model/copy_value.h"

namespace dbfixture::mariadb {
namespace {

// Each is a statement of its own for the server: so many are worth it.
constexpr std::size_t kSearchesAtOnce = 64;

std::vector<ValueForm> forms_of(const TableFacts& facts, std::span<const std::size_t> first,
                                std::span<const std::size_t> second) {
    std::vector<ValueForm> out;
    for (const std::size_t column : first)
        out.push_back(form_of(facts.columns[column]));
    for (const std::size_t column : second)
        out.push_back(form_of(facts.columns[column]));
    return out;
}

class Cursor final : public RowCursor {
  public:
    Cursor(Session& session, const Table& table, const TableFacts& facts, const RowQuery& query)
        : key_(table.key.size()), statement_(session, read_statement(table, facts, query)) {
        std::vector<ValueForm> forms = forms_of(facts, table.key, query.columns);
        none_ = forms.empty();
        if (none_) forms.push_back(ValueForm::kInteger);
        width_ = forms.size();
        statement_.execute({});
        statement_.read_as(forms);
    }

    bool next(Row& row) override {
        if (!statement_.next(values_)) return false;
        row = row_of(values_);
        return true;
    }

    void read_all(RowSink& sink) {
        RowsAhead ahead(statement_, width_);
        for (std::span<const Value> values; ahead.next(values);)
            sink.take(row_of(values));
    }

  private:
    Row row_of(std::span<const Value> all) const {
        return {all.first(key_), std::nullopt, none_ ? std::span<const Value>() : all.subspan(key_)};
    }

    std::size_t key_, width_ = 0;
    bool none_ = false;
    Statement statement_;
    std::vector<Value> values_;
};

// Searches in groups: as many at once as there are, in few sizes, so that few statements are prepared.
class Searcher {
  public:
    Searcher(Session& session, const Table& table, const TableFacts& facts, std::vector<std::size_t> by,
             std::vector<std::size_t> columns, int most)
        : session_(session),
          table_(table),
          facts_(facts),
          by_(std::move(by)),
          columns_(std::move(columns)),
          most_(most) {
        forms_.push_back(ValueForm::kInteger);
        const std::vector<ValueForm> found = forms_of(facts, columns_, {});
        forms_.insert(forms_.end(), found.begin(), found.end());
    }

    // `take(search, values)` gets the values of each row, valid during the call.
    template <typename Take>
    void find(std::span<const Value> wanted, const Take& take) {
        const std::size_t width = by_.size(), count = width == 0 ? 1 : wanted.size() / width;
        Arena arena;
        std::vector<Value> sent(wanted.begin(), wanted.end());
        for (std::size_t at = 0; at < sent.size(); ++at)
            sent[at] = sendable(sent[at], table_.columns[by_[at % width]], facts_.columns[by_[at % width]], arena);
        std::vector<Value> values;
        for (std::size_t from = 0; from < count;) {
            const bool many = count - from >= kSearchesAtOnce;
            Statement& statement = many ? statement_of(many_, kSearchesAtOnce) : statement_of(one_, 1);
            const std::size_t taken = many ? kSearchesAtOnce : 1;
            statement.execute(std::span<const Value>(sent).subspan(from * width, taken * width));
            statement.read_as(forms_);
            while (statement.next(values))
                take(from + static_cast<std::size_t>(values[0].as_integer()),
                     std::span<const Value>(values).subspan(1));
            from += taken;
        }
    }

  private:
    Statement& statement_of(std::optional<Statement>& statement, std::size_t count) {
        if (!statement) statement.emplace(session_, search_statement(table_, facts_, {by_, columns_, count, most_}));
        return *statement;
    }

    Session& session_;
    const Table& table_;
    const TableFacts& facts_;
    std::vector<std::size_t> by_, columns_;
    int most_;
    std::vector<ValueForm> forms_;
    std::optional<Statement> one_, many_;
};

class Lookup final : public RowLookup {
  public:
    Lookup(Session& session, const Table& table, const TableFacts& facts, std::span<const std::size_t> by,
           std::span<const std::size_t> columns)
        : width_(by.size()),
          columns_(columns.size()),
          searcher_(session, table, facts, {by.begin(), by.end()}, {columns.begin(), columns.end()}, 2) {}

    std::span<const LookupAnswer> find(std::span<const Value> wanted) override {
        const std::size_t searches = width_ == 0 ? 1 : wanted.size() / width_;
        arena_.clear();
        answers_.assign(searches, {});
        values_.assign(searches * columns_, {});  // first: answers point into it
        if (searches == 0) return answers_;
        searcher_.find(wanted, [&](std::size_t search, std::span<const Value> found) {
            LookupAnswer& answer = answers_[search];
            if (answer.rows++ > 0) return;
            Value* const values = values_.data() + search * columns_;
            for (std::size_t at = 0; at < columns_; ++at)
                values[at] = copy_value(found[at], arena_);
            answer.values = {values, columns_};
        });
        return answers_;
    }

  private:
    std::size_t width_, columns_;
    Searcher searcher_;
    std::vector<Value> values_;
    std::vector<LookupAnswer> answers_;
    Arena arena_;
};

// Keys in the order in which they are asked for.
void read_keys(Session& session, const Table& table, const TableFacts& facts, const RowQuery& query, RowSink& sink) {
    std::vector<std::size_t> columns = table.key;
    columns.insert(columns.end(), query.columns.begin(), query.columns.end());
    Searcher searcher(session, table, facts, table.key, columns, 0);
    std::vector<Value> wanted;
    for (const Value& key : query.keys) {
        if (key.kind() == ValueKind::kList) {
            wanted.insert(wanted.end(), key.items(), key.items() + key.item_count());
        } else {
            wanted.push_back(key);
        }
    }
    searcher.find(wanted, [&](std::size_t, std::span<const Value> values) {
        sink.take({values.first(table.key.size()), std::nullopt, values.subspan(table.key.size())});
    });
}

}  // namespace

void require_readable(const Table& table) {
    const std::string& why = table.unreadable.empty() ? table.not_dumpable : table.unreadable;
    if (why.empty()) return;
    throw Error(ErrorKind::kFailure, cat("cannot read table ", quote(table.label())))
        .with_detail(cat("It cannot be: ", why, "."))
        .with_hint(cat("leave the table out with --exclude ", shell_word(table.label())));
}

void read_rows(Session& session, const Catalog& catalog, const RowQuery& query, RowSink& sink) {
    const Table& table = catalog.schema.tables[query.table];
    const TableFacts& facts = catalog.facts[query.table];
    require_readable(table);
    try {
        if (!query.keys.empty()) return read_keys(session, table, facts, query, sink);
        Cursor(session, table, facts, query).read_all(sink);
    } catch (Error& error) {
        if (error.where.table.empty() && error.kind != ErrorKind::kInterrupted) error.where.table = table.label();
        throw;
    }
}

std::unique_ptr<RowCursor> open_rows(Session& session, const Catalog& catalog, const RowQuery& query) {
    require_readable(catalog.schema.tables[query.table]);
    return std::make_unique<Cursor>(session, catalog.schema.tables[query.table], catalog.facts[query.table], query);
}

std::unique_ptr<RowLookup> open_lookup(Session& session, const Catalog& catalog, std::size_t table,
                                       std::span<const std::size_t> by, std::span<const std::size_t> columns) {
    require_readable(catalog.schema.tables[table]);
    return std::make_unique<Lookup>(session, catalog.schema.tables[table], catalog.facts[table], by, columns);
}

}  // namespace dbfixture::mariadb
