// SPDX-License-Identifier: MIT
// Records of a fixture that says what a database should hold: as a load would bind them, but what they leave out stays
// open, and a placeholder may stand in place of a value or of the key.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "layout/binder.h"
#include "ops/diff/patterns.h"

namespace dbfixture {

struct Placeholder {
    std::uint16_t column = 0;
    std::string pattern;  // "" for any value
    bool is_key = false;  // all of the key, of which `column` is the only one
};

class ExpectationBinder {
  public:
    // `schema` and `layout` must outlive it.
    ExpectationBinder(const Schema& schema, const Layout& layout, BindOptions options);

    // On the thread that reads. Throws as Binder::bind(), and kInput for a placeholder in a wrong place.
    void bind(const Record& record, RowBatch& batch);
    // The placeholders of the row that has this origin. May be called on another thread.
    std::vector<Placeholder> take(const Origin& origin);

    const BindCounts& counts() const { return binder_.counts(); }
    std::vector<std::string> warnings() const { return binder_.warnings(); }

  private:
    static std::uint64_t number_of(const Origin& origin) {
        return static_cast<std::uint64_t>(origin.file) << 32 | origin.record;
    }
    [[noreturn]] void refuse_list(const Record& record, const Field& field) const;
    std::uint16_t column_of(const Record& record, const Field& field);
    void set_apart_key(const Record& record, std::vector<Placeholder>& found);
    [[noreturn]] void refuse(const Record& record, std::uint32_t line, std::string_view column, Error error) const;

    const Schema& schema_;
    std::vector<std::string> files_;
    Binder binder_;
    Patterns patterns_;
    Record rest_;  // of a record: what is no placeholder
    RowBatch probe_;
    std::map<std::pair<std::string, std::string>, std::uint16_t, std::less<>> columns_;
    std::mutex mutex_;
    std::map<std::uint64_t, std::vector<Placeholder>> placeholders_;
    std::atomic<bool> has_placeholders_ = false;  // of a row that was bound before
};

}  // namespace dbfixture
