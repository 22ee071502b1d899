// SPDX-License-Identifier: MIT
// How Django writes and reads the values of a field, by what its column was declared as.
#pragma once

#include <cstdint>
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
    kArray,  // of django.contrib.postgres, as are the next two
    kHstore,
    kRange,
    kAny,  // a type that Django does not use: as in table layout
};

// The form that a column's declared type asks for; durations are the config's to say.
DjangoForm django_form(const Column& column);
// Whether Django may keep durations in the column: as numbers, where the engine has no intervals.
bool may_hold_durations(const Column& column);

// Django's name of the field's class (FieldFacts::type); "" of kAny.
std::string_view django_class(DjangoForm form, const Column& column);

}  // namespace dbfixture
