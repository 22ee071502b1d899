// SPDX-License-Identifier: MIT
#include "layout/django/layout.h"

#include "base/cat.h"
#include "base/text.h"
#include "layout/django/bind.h"
#include "layout/django/config.h"
#include "layout/django/dump.h"
#include "layout/django/flush.h"
#include "layout/django/models.h"
#include "layout/django/record_shape.h"
#include "layout/django/reword.h"
#include "layout/django/select.h"
#include "layout/django/settle.h"
#include "layout/django/suggest.h"
#include "layout/django/value.h"
#include "layout/table/key.h"

namespace dbfixture {
namespace {

class DjangoLayout final : public Layout {
  public:
    DjangoLayout(Connection& connection, const DjangoConfig& config) : models_(connection, config) {}

    bool recognized() const override { return models_.detected(); }
    bool applies() const override { return models_.enabled(); }
    bool has_natural_keys() const override { return true; }
    bool dumps_bookkeeping() const override { return false; }  // the bookkeeping of migrations is no model

    LayoutLabels translate(const std::vector<std::string>& labels, const std::vector<std::string>& exclude,
                           const Apps& apps) const override;
    Apps apps(Apps apps) const override { return models_.apps(std::move(apps)); }
    void add_parts(std::vector<std::string>& labels) const override { models_.add_lists(labels); }
    bool is_part(std::size_t table) const override { return models_.owner_of(table) != nullptr; }

    std::unique_ptr<RecordBinder> make_binder(const BindOptions& options) const override {
        return std::make_unique<DjangoBinder>(models_, options);
    }
    std::unique_ptr<Settler> make_settler(Connection& connection, LoadSession& session,
                                          const SettleOptions& options) const override {
        return std::make_unique<DjangoWriter>(connection, session, models_, options.files, options.on_problem,
                                              options.may_search);
    }
    std::unique_ptr<RecordDumper> make_dumper(Connection& connection, const DumpOptions& options,
                                              RecordWriter& writer) const override {
        return std::make_unique<DjangoDumper>(connection, models_, options, writer);
    }
    std::vector<std::size_t> natural_order(std::vector<std::size_t> tables) const override {
        return dbfixture::natural_order(models_, std::move(tables));
    }
    KeptInFlush kept_in_flush(Connection& connection) const override {
        return what_django_remakes(connection, models_);
    }
    void reword(Connection& connection, Error& error) const override { reword_list_error(connection, models_, error); }
    RecordShape shape(std::size_t table) const override {
        const DjangoModel* const model = models_.of_table(table);
        return model != nullptr ? django_shape(models_, *model) : table_shape(models_.schema(), table);
    }
    std::vector<std::string> notes() const override { return models_.notes(); }

    Value parse_key(const std::string& text, std::size_t table, Arena& arena) const override;
    std::string suggest_config(std::string_view database) const override {
        return suggest_django_config(models_, database);
    }

  private:
    DjangoModels models_;
};

LayoutLabels DjangoLayout::translate(const std::vector<std::string>& labels, const std::vector<std::string>& exclude,
                                     const Apps& apps) const {
    DjangoLabels found = models_.translate(labels, exclude, apps);
    LayoutLabels out{std::move(found.labels), std::move(found.exclude), std::move(found.apps), {}};
    if (!found.left_out.empty()) {
        out.warnings.push_back(cat("no table is known of ", quote_list(found.left_out, 10),
                                   ": if it is no proxy and not gone, write \"tables: {", found.left_out.front(),
                                   ": TABLE}\" under \"django:\" in the config"));
    }
    return out;
}

Value DjangoLayout::parse_key(const std::string& text, std::size_t index, Arena& arena) const {
    const Table& table = models_.schema().tables[index];
    const DjangoModel* model = models_.of_table(index);
    if (model == nullptr || table.key_kind != KeyKind::kDeclared) return parse_table_key(text, table, arena);
    return parse_django_key(text, table, *model, models_.config(), arena);
}

}  // namespace

std::shared_ptr<const LayoutConfig> parse_django_layout_config(const ConfigNode& node, const std::string& file) {
    return std::make_shared<const DjangoConfig>(parse_django_config(node, file));
}

std::unique_ptr<Layout> open_django_layout(Connection& connection, const LayoutConfig* config) {
    const auto* const own = static_cast<const DjangoConfig*>(config);
    return std::make_unique<DjangoLayout>(connection, own != nullptr ? *own : DjangoConfig());
}

}  // namespace dbfixture
