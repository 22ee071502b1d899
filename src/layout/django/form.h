// SPDX-License-Identifier: MIT
// How Django writes and reads the values of a field, by what its column was declared as.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/schema.h"

namespace dbfixture {

enum class DjangoForm : std::uint8_t {
    kText,
    kBoolean,
    kInteger,
    kReal,
    kDecimal,
    kDate,
    kDateTime,
    kTime,
    kDuration,
    kUuid,
    kJson,
    kBinary,
    kIpAddress,
    kAny,  // a type that Django does not use: as in table layout
};

// The form that a column's declared type asks for; durations are the config's to say.
DjangoForm django_form(const Column& column);

// Django's name of the field's class, as its XML has it.
std::string_view django_class(DjangoForm form, const Column& column);

// Field::mark of a relation: the attributes that Django's XML has for it.
std::string relation_mark(std::string_view relation, std::string_view to);

}  // namespace dbfixture
