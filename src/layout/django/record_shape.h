// SPDX-License-Identifier: MIT
// Records in Django's layout, described (layout/record_shape.h).
#pragma once

#include "layout/django/models.h"
#include "layout/record_shape.h"

namespace dbfixture {

RecordShape django_shape(const DjangoModels& models, const DjangoModel& model);

}  // namespace dbfixture
