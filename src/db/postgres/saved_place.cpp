// SPDX-License-Identifier: MIT
#include "db/postgres/saved_place.h"

#include <unistd.h>

#include "base/cat.h"
#include "db/saved_mark.h"

namespace dbfixture::postgres {

NewPlace::NewPlace(SavedSession& saved, const std::string& place, StateKind kind) : place_(place) {
    reference_.kind = kind;
    reference_.system = saved.system();
    reference_.database = cat(saved.database());
    reference_.object = new_object_name(place);
    write_saved_reference(place, reference_);
}

NewPlace::~NewPlace() {
    if (!kept_) ::unlink(place_.c_str());
}

}  // namespace dbfixture::postgres
