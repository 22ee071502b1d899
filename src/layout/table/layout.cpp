// SPDX-License-Identifier: MIT
#include "layout/table/layout.h"

#include "base/error.h"
#include "layout/table/key.h"

namespace dbfixture {
namespace {

class PlainSettler final : public Settler {
  public:
    explicit PlainSettler(LoadSession& session) : session_(session) {}
    void write(const RowBatch& batch) override { session_.write(batch.rows); }
    void finish() override {}

  private:
    LoadSession& session_;
};

class TableLayout final : public Layout {
  public:
    explicit TableLayout(const Schema& schema) : schema_(schema) {}

    bool recognized() const override { return true; }
    bool applies() const override { return true; }
    bool has_natural_keys() const override { return false; }
    bool dumps_bookkeeping() const override { return true; }

    LayoutLabels translate(const std::vector<std::string>& labels, const std::vector<std::string>& exclude,
                           const Apps& apps) const override {
        return {labels, exclude, apps, {}};
    }
    Apps apps(Apps apps) const override { return apps; }
    void add_parts(std::vector<std::string>&) const override {}
    bool is_part(std::size_t) const override { return false; }

    // Binder and dump() have this layout's parts anyway, beside those of any other layout.
    std::unique_ptr<RecordBinder> make_binder(const BindOptions&) const override { return nullptr; }
    std::unique_ptr<RecordDumper> make_dumper(Connection&, const DumpOptions&, RecordWriter&) const override {
        return nullptr;
    }
    std::unique_ptr<Settler> make_settler(Connection&, LoadSession& session, const SettleOptions&) const override {
        return std::make_unique<PlainSettler>(session);
    }
    Value parse_key(const std::string& text, std::size_t table, Arena& arena) const override {
        return parse_table_key(text, schema_.tables[table], arena);
    }
    RecordShape shape(std::size_t table) const override { return table_shape(schema_, table); }
    std::string suggest_config(std::string_view) const override {
        throw Error(ErrorKind::kUsage, "the table layout has no part in the config");
    }

  private:
    const Schema& schema_;
};

}  // namespace

std::unique_ptr<Layout> open_table_layout(Connection& connection, const LayoutConfig*) {
    return std::make_unique<TableLayout>(connection.schema());
}

}  // namespace dbfixture
