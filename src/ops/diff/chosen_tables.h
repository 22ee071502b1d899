// SPDX-License-Identifier: MIT
// What of two states is compared: --only, --exclude, --ignore.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "db/connection.h"
#include "layout/layout.h"
#include "ops/diff/diff.h"
#include "ops/diff/table_slots.h"

namespace dbfixture {

class ChosenTables {
  public:
    // `schemas`: of both sides, or the one that they share; the layout is that of the last. Throws as compare().
    ChosenTables(std::vector<const Schema*> schemas, const Layout& layout, const DiffOptions& options);

    bool has(const std::string& label) const { return chosen_.contains(label); }
    // By --only.
    bool is_named(const std::string& label) const { return named_.contains(label); }
    // All tables, for what belongs to none.
    bool is_everything() const { return everything_; }
    bool is_ignored(const std::string& label, const std::string& column) const;
    bool is_key_ignored(const Table& table) const;

  private:
    std::set<std::string> find(const std::string& label, const Layout& layout, const Apps& apps) const;
    void ignore(const std::string& text, const Layout& layout, const Apps& apps);
    std::string nearest_label(const std::string& label) const;

    std::vector<const Schema*> schemas_;
    std::set<std::string> chosen_, named_;
    bool everything_ = true;
    std::set<std::pair<std::string, std::string>> ignored_;  // label, column
};

}  // namespace dbfixture
