// SPDX-License-Identifier: MIT
// A load that writes nothing: it takes down the rows that it is given, for CapturedFixture.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ops/diff/captured_fixture.h"
#include "ops/diff/expectation.h"

namespace dbfixture {

class CaptureSession final : public LoadSession {
  public:
    using Tables = std::vector<std::unique_ptr<CapturedTable>>;
    // All must outlive it.
    CaptureSession(Connection& connection, ExpectationBinder& binder, const CaptureRequest& request,
                   const std::vector<std::string>& files, Tables& tables);

    void write(std::span<const BoundRow> rows, std::vector<RowFate>* fates) override;
    void replace_members(std::span<const MemberSet> sets) override;
    std::int64_t next_number(std::size_t table) override;
    PutBy& put_by() override { return *put_by_; }
    LoadReport finish() override { return {}; }

    // Nothing to do: no row is bad by its references, and nothing is written.
    void note_bad_record(std::size_t, std::span<const Value>) override {}
    void note_references(const BoundRow&) override {}
    void empty_table(std::size_t) override {}
    void expect_lookups(std::size_t) override {}
    void commit() override {}

  private:
    // Where each slot's value is among the columns of rows of one shape; -1: nowhere.
    struct Shape {
        const std::uint16_t* columns = nullptr;
        std::size_t count = 0;
        std::size_t table = 0;
        std::vector<int> sources;
    };
    CapturedTable& table_of(const BoundRow& row, bool is_lists);
    void take(std::span<const BoundRow> rows);
    void make_stored(std::span<const BoundRow> rows);
    void keep(CapturedTable& table, const BoundRow& row, std::span<const Value> values);
    void add(CapturedTable& table, const StreamedRow& row);
    void place(CapturedTable& table, DiffRow& row, const BoundRow& bound);
    void bound_memory();
    [[noreturn]] void fail(Error error, const BoundRow& row) const;

    Connection& connection_;
    ExpectationBinder& binder_;
    const CaptureRequest& request_;
    const std::vector<std::string>& files_;
    Tables& tables_;
    std::unique_ptr<PutBy> put_by_;
    Shape shape_;
    std::vector<Value> values_;
    Arena arena_;
    DiffRow row_;
    std::string key_, bytes_;
    std::size_t paired_ = 0;  // tables
};

}  // namespace dbfixture
