// SPDX-License-Identifier: MIT
// dumpdata in Django's layout: the rows of one model as records, with its many-to-many lists beside them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "db/connection.h"
#include "fixture/format.h"
#include "layout/django/models.h"
#include "layout/django/value.h"
#include "layout/layout.h"

namespace dbfixture {

class DjangoDumper final : public RecordDumper {
  public:
    // Arguments must outlive the dumper.
    DjangoDumper(Connection& connection, const DjangoModels& models, const DumpOptions& options, RecordWriter& writer);
    ~DjangoDumper() override;
    DjangoDumper(const DjangoDumper&) = delete;
    DjangoDumper& operator=(const DjangoDumper&) = delete;

    // Whether the table's rows are written here: it is a model, or lists of one that is dumped too.
    bool takes(std::size_t table) const override;
    // The rows of query.table (a list's table writes none); how many records were written.
    std::uint64_t dump(const RowQuery& query) override;

    // Rows of join tables that belong to no row of their owner; they are written in table layout.
    std::uint64_t leftover_rows() const override { return leftover_rows_; }
    std::vector<std::string> warnings() const override;

  private:
    struct Lookups;
    void warn_of_unknown_tables(std::vector<std::string>& out) const;
    void warn_of_odd_names(std::vector<std::string>& out) const;
    void warn_of_guesses(std::vector<std::string>& out) const;
    DjangoWriteRules rules() const;

    Connection& connection_;
    const DjangoModels& models_;
    const DumpOptions& options_;
    RecordWriter& writer_;
    std::uint64_t leftover_rows_ = 0;
    std::unique_ptr<Lookups> lookups_;
};

}  // namespace dbfixture
