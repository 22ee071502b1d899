// SPDX-License-Identifier: MIT
#include "ops/diff/diff.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "ops/diff/captured_fixture.h"
#include "ops/diff/chosen_tables.h"
#include "ops/diff/rows_as_fixture.h"
#include "ops/diff/schema_diff.h"
#include "ops/diff/table_diff.h"
#include "ops/diff/table_slots.h"
#include "ops/diff/threaded_rows.h"

namespace dbfixture {

bool DiffReport::any() const {
    return others > 0 || std::any_of(tables.begin(), tables.end(), [](const TableCount& table) { return table.any(); });
}

namespace {

bool is_readable(const Table& table) {
    return table.unreadable.empty() && table.not_dumpable.empty() && !table.derived;
}

std::set<std::string> labels_of(Connection& connection) {
    const std::vector<std::string> labels = connection.schema().labels();
    return {labels.begin(), labels.end()};
}

bool same_engine(Connection& a, Connection& b) {
    const std::string left = a.engine(), right = b.engine();
    return left.substr(0, left.find(' ')) == right.substr(0, right.find(' '));
}

class Comparison {
  public:
    Comparison(const DiffSide& a, const DiffSide& b, const DiffOptions& options, DiffSink& sink)
        : a_(a), b_(b), options_(options), sink_(sink) {
        // Of one engine, or through fixtures: then both sides have the schema of one connection.
        if (!a.is_fixture && !b.is_fixture && !same_engine(*a.connection, *b.connection)) translated_ = true;
        schema_a_ = a.is_fixture || translated_ ? b.connection : a.connection;
        schema_b_ = b.is_fixture ? schema_a_ : b.connection;
        if (a.is_fixture) schema_a_ = schema_b_ = a.connection;
    }

    DiffReport run() {
        const ReadView view_a(*a_.connection);
        const auto view_b =
            b_.connection != a_.connection ? std::make_optional<ReadView>(*b_.connection) : std::nullopt;
        layout_ = open_layout(*schema_b_, options_.layouts);
        std::vector<const Schema*> schemas = {&schema_a_->schema()};
        if (schema_b_ != schema_a_) schemas.push_back(&schema_b_->schema());
        if (translated_) schemas.insert(schemas.begin(), &a_.connection->schema());
        chosen_.emplace(schemas, *layout_, options_);
        if (!a_.is_fixture && !b_.is_fixture)
            report_.others += compare_schemas(*a_.connection, *b_.connection, *chosen_, !translated_, sink_);
        capture();
        compare_tables();
        if (!a_.is_fixture && !b_.is_fixture && !translated_)
            report_.others += compare_sequences(*a_.connection, *b_.connection, *chosen_, sink_);
        return std::move(report_);
    }

  private:
    // Fixtures are read before any row of a database is.
    void capture() {
        if (translated_) {
            RowsAsFixture rows(*a_.connection, *b_.connection, *chosen_, a_.name);
            capture(captured_a_, *b_.connection, {rows.input()}, true);
        }
        const bool pair = a_.is_fixture != b_.is_fixture;
        if (a_.is_fixture) capture(captured_a_, *a_.connection, a_.fixtures, pair);
        if (b_.is_fixture) capture(captured_b_, *b_.connection, b_.fixtures, pair);
    }

    void capture(std::optional<CapturedFixture>& out, Connection& connection, std::vector<FixtureInput> fixtures,
                 bool pair) {
        CaptureRequest request;
        request.pair = pair;
        request.fixtures = std::move(fixtures);
        request.apps = options_.apps;
        for (const Table& table : connection.schema().tables)
            request.excluded.push_back(!chosen_->is_everything() && !chosen_->has(table.label()));
        request.is_compared = is_compared();
        out.emplace(connection, *layout_, request);
        for (const std::string& warning : out->warnings())
            report_.warnings.push_back(warning);
        if (out->records() == 0 && chosen_->is_everything())
            report_.warnings.emplace_back("the fixture has no record, so that nothing is compared");
    }

    IsCompared is_compared() const {
        return [this](const Table& table, const Column* column) {
            return column == nullptr ? !chosen_->is_key_ignored(table)
                                     : !chosen_->is_ignored(table.label(), column->name);
        };
    }

    void compare_tables() {
        std::set<std::string> labels;
        for (Connection* const connection : {schema_a_, schema_b_})
            labels.merge(labels_of(*connection));
        for (const std::string& label : labels) {
            const auto in_a = schema_a_->schema().find_exact(label), in_b = schema_b_->schema().find_exact(label);
            const bool is_there = !translated_ || a_.connection->schema().find_exact(label);
            if (in_a && in_b && is_there) compare_table(label, *in_a, *in_b);
        }
    }

    // Whether the fixtures say anything of the table, or somebody asks for it.
    bool is_asked_for(const std::string& label, std::size_t in_a, std::size_t in_b) {
        const bool in_fixture =
            (captured_a_ && captured_a_->find(in_a) != nullptr) || (captured_b_ && captured_b_->find(in_b) != nullptr);
        if (in_fixture && chosen_->is_everything()) return true;  // bookkeeping tables too
        if (!chosen_->has(label)) return false;
        const bool all = !a_.is_fixture && !b_.is_fixture;
        return in_fixture || all || chosen_->is_named(label);
    }

    void compare_table(const std::string& label, std::size_t in_a, std::size_t in_b) {
        if (!is_asked_for(label, in_a, in_b)) return;
        const Table& table_a = schema_a_->schema().tables[in_a];
        const Table& table_b = schema_b_->schema().tables[in_b];
        for (const Table* const table : {&table_a, &table_b}) {
            if (is_readable(*table)) continue;
            if (table->derived) return;
            ++report_.not_compared;
            return sink_.not_compared(label, table->unreadable.empty() ? table->not_dumpable : table->unreadable);
        }
        auto [slots_a, slots_b] = match_slots(schema_a_->schema(), in_a, schema_b_->schema(), in_b, is_compared());
        TableSide side_a = side(captured_a_, in_a), side_b = side(captured_b_, in_b);
        const bool lists = side_a.is_lists() || side_b.is_lists();
        for (const TableSide* const side : {&side_a, &side_b}) {
            if (side->captured == nullptr) continue;
            if (lists && !side->is_lists())
                throw Error(ErrorKind::kInput, cat("the rows of table ", quote(label),
                                                   " are given as records on one side and as lists on the other"));
            slots_a = slots_b = side->captured->slots;
        }
        const ComparedTable compared = compared_table(label, table_a, slots_a, table_b, slots_b);
        auto rows_a = open(captured_a_, side_a, side_b, *schema_a_, slots_a);
        const auto rows_b = open(captured_b_, side_b, side_a, *schema_b_, slots_b);
        // A fixture's file and a database, or two databases: both can be read at once.
        if (rows_a && (captured_a_ || schema_a_ != schema_b_))
            rows_a = std::make_unique<ThreadedRows>(std::move(rows_a));
        side_a.rows = rows_a.get();
        side_b.rows = rows_b.get();
        const TableDiffOptions how{options_.contains};
        report_.tables.push_back(lists ? compare_lists(compared, side_a, side_b, how, sink_)
                                       : compare_rows(compared, side_a, side_b, how, sink_));
    }

    static TableSide side(std::optional<CapturedFixture>& captured, std::size_t table) {
        if (!captured) return {};
        return {nullptr, captured->find(table), &*captured};
    }

    // `other`: of a fixture, the other side; it may have walked along this side's rows already.
    static std::unique_ptr<RowStream> open(const std::optional<CapturedFixture>& captured, const TableSide& side,
                                           const TableSide& other, Connection& connection, const TableSlots& slots) {
        if (side.captured != nullptr) return side.captured->rows.read();
        if (captured) return nullptr;
        if (other.captured != nullptr && other.captured->paired) return other.captured->paired->rest();
        return other.is_lists() ? open_pairs(connection, slots) : open_table_rows(connection, slots);
    }

    const DiffSide& a_;
    const DiffSide& b_;
    const DiffOptions& options_;
    DiffSink& sink_;
    bool translated_ = false;
    Connection* schema_a_ = nullptr;  // whose tables and columns the side's rows have
    Connection* schema_b_ = nullptr;
    std::unique_ptr<Layout> layout_;
    std::optional<ChosenTables> chosen_;
    std::optional<CapturedFixture> captured_a_, captured_b_;
    DiffReport report_;
};

}  // namespace

DiffReport compare(const DiffSide& a, const DiffSide& b, const DiffOptions& options, DiffSink& sink) {
    return Comparison(a, b, options, sink).run();
}

}  // namespace dbfixture
