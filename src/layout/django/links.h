// SPDX-License-Identifier: MIT
// What a row in Django's layout still needs of the database before or after it is written (settle.h).
#pragma once

#include <memory>
#include <vector>

#include "layout/django/models.h"
#include "layout/row_batch.h"

namespace dbfixture {

struct RowLink {
    enum class Kind : std::uint8_t {
        kReference,  // values[slot] is the natural key, a list, of what `field` refers to
        kOwnKey,     // values[slot] is the row's primary key, to be found by its natural key or to be given
        kMembers,    // `value` is the list of `members`: bound keys, and natural keys as lists
    };
    Kind kind = Kind::kReference;
    bool is_xml = false;
    std::uint32_t row = 0;  // index into RowBatch::rows
    std::size_t slot = 0;
    const DjangoModel* model = nullptr;
    const DjangoField* field = nullptr;
    const DjangoMembers* members = nullptr;
    Value value;
};

// Those of a batch, in the order of its rows.
class DjangoLinks final : public RowLinks {
  public:
    void clear() override {
        list.clear();
        models.clear();
    }
    void add_tables(std::vector<std::size_t>& tables) const override {
        for (const DjangoModel* model : models) {
            for (const DjangoMembers& members : model->members)
                tables.push_back(members.table);
        }
    }
    std::vector<RowLink> list;
    std::vector<const DjangoModel*> models;  // of the records; each as often as it follows another
};

// `batch.links` is this layout's, or nothing.
inline std::vector<RowLink>& links_of(RowBatch& batch) {
    if (!batch.links) batch.links = std::make_unique<DjangoLinks>();
    return static_cast<DjangoLinks&>(*batch.links).list;
}
// Notes that the batch has a record of a model with lists, whether it gives one or not.
inline void note_model(RowBatch& batch, const DjangoModel& model) {
    if (model.members.empty()) return;
    links_of(batch);
    auto& models = static_cast<DjangoLinks&>(*batch.links).models;
    if (models.empty() || models.back() != &model) models.push_back(&model);
}
inline std::span<const RowLink> links_of(const RowBatch& batch) {
    if (!batch.links) return {};
    return static_cast<const DjangoLinks&>(*batch.links).list;
}

}  // namespace dbfixture
