// SPDX-License-Identifier: MIT
// Records in Django's layout to rows: fields to columns, values by Django's rules (value.h), and links for what
// only the database can settle. Touches no database.
#pragma once

#include <ctime>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "layout/django/models.h"
#include "layout/django/value.h"
#include "layout/record_binder.h"
#include "layout/row_batch.h"
#include "model/record.h"

namespace dbfixture {

class DjangoBinder final : public RecordBinder {
  public:
    // Both must outlive the binder. `options`: files, text_only, excluded, ignore_nonexistent and on_bad_record are
    // used.
    DjangoBinder(const DjangoModels& models, const BindOptions& options);

    const Table* find(std::string_view label) override;
    bool claims(std::string_view label) const override;
    Error unknown(std::string_view label) const override;
    void bind(const Record& record, RowBatch& batch, BindCounts& counts) override;
    void note_bad(const Record& record) override;
    std::vector<std::string> warnings() const override;

  private:
    // The model that a record names; nullptr if it is none of Django's.
    const DjangoModel* model_of(std::string_view label);
    // The key of a record that may be bad elsewhere; nothing if it cannot be read, or has several parts.
    std::optional<Value> key_of(const DjangoModel& model, const Record& record, RowBatch& batch);

    // What the fields of a record mean; records in a row nearly always share one.
    struct Slot {
        enum class Kind : std::uint8_t { kIgnored, kColumn, kMembers };
        Kind kind = Kind::kIgnored;
        std::size_t at = 0;  // index into columns
        const DjangoField* field = nullptr;
        const DjangoMembers* members = nullptr;
    };
    struct Default {
        std::size_t at = 0;  // the column, then the index into columns
        Value value;
        DjangoForm fresh = DjangoForm::kAny;  // else: another UUID for each record
    };
    struct Shape {
        bool has_pk = false;    // the records have a "pk"
        bool with_key = false;  // and it is the key
        std::vector<std::string> names;
        std::vector<Slot> slots;
        std::vector<std::uint16_t> columns;
        std::vector<std::size_t> key_slots;
        std::vector<Default> defaults;  // of omitted fields, by the config
        std::size_t ignored = 0;
        RowAddress address = RowAddress::kKey;
        bool finds_key = false;  // the key is to be found, or given
    };
    struct ModelShapes {
        std::deque<Shape> shapes;
        const Shape* last = nullptr;
    };

    const Shape& shape_for(const DjangoModel& model, const Record& record, bool with_key);
    Shape make_shape(const DjangoModel& model, const Record& record, bool with_key);
    void settle_key(const DjangoModel& model, Shape& shape) const;
    void add_defaults(const DjangoModel& model, Shape& shape);
    bool add_default(const DjangoModel& model, const DjangoField& field, Shape& shape);
    bool has_default(const DjangoModel& model, std::size_t column) const;
    static void fill_defaults(const Shape& shape, Value* values, RowBatch& batch);
    bool is_inherited(const DjangoModel& model, const Field& field, Slot& slot);
    [[noreturn]] static void unknown_field(const DjangoModel& model, const Field& field);
    void bind_key(const DjangoModel& model, const Record& record, const Shape& shape, Value* values, RowBatch& batch);
    void bind_field(const DjangoModel& model, const Field& field, const Slot& slot, Value* values, RowBatch& batch);
    Value bind_members(const DjangoMembers& members, const Value& list, RowBatch& batch);
    void add_hint(Error& error, const DjangoModel& model, const DjangoField& field, const Value& value) const;
    Value read(const DjangoModel& model, const DjangoField& field, const Value& value, bool is_key, RowBatch& batch);

    const DjangoModels& models_;
    const BindOptions& options_;
    std::vector<ModelShapes> shapes_;  // by table
    DjangoReadNotes notes_;
    bool is_xml_ = false;
    std::string last_label_;
    const DjangoModel* last_model_ = nullptr;
    Arena defaults_;
    std::timespec now_{};  // one for all records
};

}  // namespace dbfixture
