// SPDX-License-Identifier: MIT
// The forms in which inspect shows what it found.
#pragma once

#include <string>

#include "fixture/json/document.h"
#include "ops/inspect.h"

namespace dbfixture {

std::string inspection_as_text(const Schema& schema, const Inspection& inspection);
// An entity-relationship diagram for Mermaid, and a graph for Graphviz.
std::string inspection_as_mermaid(const Schema& schema, const Inspection& inspection);
std::string inspection_as_dot(const Schema& schema, const Inspection& inspection);
// Adds the fields of the document of --json.
void inspection_as_json(JsonText& json, const Schema& schema, const Inspection& inspection);

}  // namespace dbfixture
