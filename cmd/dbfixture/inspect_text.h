// SPDX-License-Identifier: MIT
// The forms in which inspect shows what it found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fixture/json/document.h"
#include "layout/record_shape.h"
#include "ops/inspect.h"

namespace dbfixture {

std::string inspection_as_text(const Schema& schema, const Inspection& inspection);
// An entity-relationship diagram for Mermaid, and a graph for Graphviz.
std::string inspection_as_mermaid(const Schema& schema, const Inspection& inspection);
std::string inspection_as_dot(const Schema& schema, const Inspection& inspection);
// A JSON Schema of the fixtures of `database`.
std::string shapes_as_json_schema(std::string_view database, const std::vector<RecordShape>& shapes);
// Adds the fields of the document of --json.
void inspection_as_json(JsonText& json, const Schema& schema, const Inspection& inspection);

}  // namespace dbfixture
