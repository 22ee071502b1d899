// SPDX-License-Identifier: MIT
// A value between its column and Django's text form (DESIGN 9), both ways. What a form would not give back exactly is
// written raw: a number or a text as {"$text": ...}, bytes as {"$binary": ...}.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "layout/django/models.h"
#include "model/schema.h"
#include "model/value.h"

namespace dbfixture {

struct DjangoWriteRules {
    bool use_tz = true;              // times are written with a Z, where their columns keep no zone
    bool json_text = false;          // JSON documents are written as their text (XML), not as a tree
    bool exact = false;              // a time whose fraction has fewer than six digits is written raw, too
    int places = -1;                 // decimal_places, where they are known: as many digits at least
    const Column* server = nullptr;  // the column, where its type is a server's own
};

// The value for a writer. Points into `stored`'s memory or into `arena`.
using DjangoWrite = Value (*)(const Value& stored, const DjangoWriteRules& rules, Arena& arena);

// Chosen once for a column, so that nothing is decided per row.
DjangoWrite writer_of(DjangoForm form);

// `rules` for the values of one field.
DjangoWriteRules rules_for(const DjangoField& field, DjangoWriteRules rules);

// Whether Django would read this value as a duration: the field may be one that the config does not name.
bool spells_duration(const Value& value);

struct DjangoReadRules {
    std::optional<bool> use_tz;
    bool is_xml = false;  // texts are all that XML has
    bool is_key = false;
    std::string_view time_zone = {};  // of times that say none, where columns keep moments; "" if it is not known
};

inline DjangoReadRules read_rules(const DjangoConfig& config, bool is_xml, bool is_key) {
    return {config.use_tz, is_xml, is_key, config.time_zone};
}

struct DjangoReadNotes {
    std::uint64_t naive_times = 0;        // times without a zone that were taken as UTC
    std::set<std::string> parent_fields;  // warnings about fields of a parent model in a child's record
};

// The typed value, by Django's accept rules (facts 3.9), but never with a loss. Throws Error (kInput) with message and
// hint, where Django refuses; the caller adds the place.
Value read_django_value(const Value& value, DjangoForm form, const Column& column, const DjangoReadRules& rules,
                        DjangoReadNotes& notes, Arena& arena);

}  // namespace dbfixture
