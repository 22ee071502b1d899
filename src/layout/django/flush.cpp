// SPDX-License-Identifier: MIT
// 1. A content type is a model's if the model has a table, or default permissions (a proxy's, or one whose table is not
//    known: Django makes both together), or permissions in the config. Without a table of permissions all stay.
// 2. A permission is a model's if its content type is, and it is one of the four that Django gives to every model, or
// one
//    of the config's.
// 3. A table that is not as Django makes it stays as it is.
#include "layout/django/flush.h"

#include <array>
#include <set>

#include "base/cat.h"

namespace dbfixture {
namespace {

struct NamedRow {
    std::int64_t key = 0;
    std::string first, second;  // as texts, numbers too
};

class NamedRows final : public RowSink {
  public:
    void take(const Row& row) override {
        sound &= row.key.size() == 1 && row.key[0].kind() == ValueKind::kInteger;
        if (!sound) return;
        NamedRow& out = rows.emplace_back();
        out.key = row.key[0].as_integer();
        out.first = text_of(row.values[0]);
        out.second = text_of(row.values[1]);
    }
    std::vector<NamedRow> rows;
    bool sound = true;

  private:
    static std::string text_of(const Value& value) {
        return value.kind() == ValueKind::kText ? std::string(value.as_text()) : describe(value);
    }
};

// Nothing if the table is not there, or is not as Django makes it.
std::optional<std::vector<NamedRow>> read(Connection& connection, std::string_view table, std::string_view first,
                                          std::string_view second) {
    const auto index = connection.schema().find_exact(table);
    if (!index) return std::nullopt;
    const Table& facts = connection.schema().tables[*index];
    const auto a = facts.find_column(first), b = facts.find_column(second);
    if (!a || !b || facts.key.size() != 1 || !facts.unreadable.empty()) return std::nullopt;
    RowQuery query;
    query.table = *index;
    query.columns = {*a, *b};
    NamedRows rows;
    connection.read_rows(query, rows);
    if (!rows.sound) return std::nullopt;
    return std::move(rows.rows);
}

bool is_default(std::string_view codename, std::string_view model) {
    for (const std::string_view action : {"add_", "change_", "delete_", "view_"}) {
        if (codename.starts_with(action) && codename.substr(action.size()) == model) return true;
    }
    return false;
}

class Remade {
  public:
    Remade(Connection& connection, const DjangoModels& models) : connection_(connection), models_(models) {}

    void types_and_permissions();
    void sites();
    KeptInFlush take() { return std::move(kept_); }

  private:
    void keep_all(std::string_view table) {
        if (const auto index = connection_.schema().find_exact(table)) kept_.tables.push_back(*index);
    }
    void keep(std::string_view table, std::vector<std::int64_t> keys) {
        kept_.rows.push_back({*connection_.schema().find_exact(table), std::move(keys)});
    }

    Connection& connection_;
    const DjangoModels& models_;
    KeptInFlush kept_;
};

void Remade::types_and_permissions() {
    const auto types = read(connection_, "django_content_type", "app_label", "model");
    const auto permissions = read(connection_, "auth_permission", "codename", "content_type_id");
    if (!types || !permissions) {
        keep_all("django_content_type");
        keep_all("auth_permission");
        return;
    }
    std::map<std::string, const NamedRow*> type_of;
    for (const NamedRow& type : *types)
        type_of[cat(type.key)] = &type;
    const auto is_models_own = [&](const NamedRow& permission) {
        const auto type = type_of.find(permission.second);
        if (type == type_of.end()) return false;
        const std::string label = django_name(cat(type->second->first, ".", type->second->second));
        return is_default(permission.first, type->second->second) ||
               models_.config().permissions.contains(cat(label, ".", permission.first));
    };
    std::set<std::int64_t> with_permissions;
    std::vector<std::int64_t> kept;
    for (const NamedRow& permission : *permissions) {
        if (!is_models_own(permission)) continue;
        with_permissions.insert(type_of.at(permission.second)->key);
        kept.push_back(permission.key);
    }
    keep("auth_permission", std::move(kept));
    std::vector<std::int64_t> kept_types;
    for (const NamedRow& type : *types) {
        if (models_.find(cat(type.first, ".", type.second)) != nullptr || with_permissions.contains(type.key))
            kept_types.push_back(type.key);
    }
    keep("django_content_type", std::move(kept_types));
}

void Remade::sites() {
    const auto rows = read(connection_, "django_site", "domain", "name");
    if (!rows || models_.find("sites.site") == nullptr) return;
    std::vector<std::int64_t> kept;
    for (const NamedRow& site : *rows) {
        if (site.first == "example.com" && site.second == "example.com") kept.push_back(site.key);
    }
    if (!kept.empty()) keep("django_site", std::move(kept));
}

}  // namespace

KeptInFlush what_django_remakes(Connection& connection, const DjangoModels& models) {
    if (!models.detected()) return {};
    Remade remade(connection, models);
    remade.types_and_permissions();
    remade.sites();
    return remade.take();
}

}  // namespace dbfixture
