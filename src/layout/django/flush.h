// SPDX-License-Identifier: MIT
// What Django's own flush makes anew after it has emptied all tables, and ours leaves there instead: the content types
// of the models, their default permissions (and those that the config names), and the site example.com. All other rows
// of those tables go, as they do in Django.
#pragma once

#include "layout/django/models.h"
#include "layout/layout.h"

namespace dbfixture {

// Call inside a ReadView.
KeptInFlush what_django_remakes(Connection& connection, const DjangoModels& models);

}  // namespace dbfixture
