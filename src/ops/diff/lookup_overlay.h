// SPDX-License-Identifier: MIT
// A database in which rows are looked up as if the rows of fixtures were in it too: first in the database, and once the
// fixtures are known to their end, among their rows.
#pragma once

#include <memory>
#include <vector>

#include "ops/diff/captured_fixture.h"

namespace dbfixture {

class LookupOverlay final : public Connection {
  public:
    using Tables = std::vector<std::unique_ptr<CapturedTable>>;
    // Both must outlive it.
    LookupOverlay(Connection& inner, const Tables& tables) : inner_(inner), tables_(tables) {}

    // From now on rows of the fixtures are found.
    void complete() { complete_ = true; }

    std::unique_ptr<RowLookup> open_lookup(std::size_t table, std::span<const std::size_t> by,
                                           std::span<const std::size_t> columns) override;

    Capabilities capabilities() const override { return inner_.capabilities(); }
    std::string engine() const override { return inner_.engine(); }
    std::string name() const override { return inner_.name(); }
    const Schema& schema() override { return inner_.schema(); }
    void read_rows(const RowQuery& query, RowSink& sink) override { inner_.read_rows(query, sink); }
    std::unique_ptr<RowCursor> open_rows(const RowQuery& query) override { return inner_.open_rows(query); }
    TableStatistics statistics(std::size_t table) override { return inner_.statistics(table); }
    void make_stored(std::size_t table, std::span<const std::uint16_t> columns, std::span<Value> values,
                     Arena& arena) override {
        inner_.make_stored(table, columns, values, arena);
    }
    std::vector<Sequence> sequences(const std::vector<std::size_t>& tables) override {
        return inner_.sequences(tables);
    }
    bool has_references(std::size_t table, const ForeignKey& key) override { return inner_.has_references(table, key); }
    std::vector<SchemaObject> schema_objects() override { return inner_.schema_objects(); }

    // Nobody who only looks asks for these.
    std::unique_ptr<Connection> scratch_copy() override { refuse(); }
    std::unique_ptr<LoadSession> begin_load(const LoadOptions&) override { refuse(); }
    std::vector<std::uint64_t> flush(const FlushRequest&) override { refuse(); }
    std::vector<std::string> flush_sql(const FlushRequest&) override { refuse(); }
    void reset_sequences(const std::vector<std::size_t>&) override { refuse(); }
    void set_sequences(const std::vector<Sequence>&) override { refuse(); }
    std::vector<std::string> reset_sequences_sql(const std::vector<std::size_t>&) override { refuse(); }

  protected:
    void begin_read() override { refuse(); }
    void end_read() override {}

  private:
    [[noreturn]] static void refuse() {
        throw Error(ErrorKind::kFailure, "a comparison tried to write (a defect in dbfixture)");
    }

    Connection& inner_;
    const Tables& tables_;
    bool complete_ = false;
};

}  // namespace dbfixture
