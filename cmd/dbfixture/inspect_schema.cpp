// SPDX-License-Identifier: MIT
// inspect --json-schema: a JSON Schema (2020-12) of this database's fixtures, for editors.
#include "base/cat.h"
#include "fixture/json/document.h"
#include "inspect_text.h"

namespace dbfixture {
namespace {

// The names that JSON Schema has for them.
std::vector<std::string> types_of(ValueShapes values) {
    std::vector<std::string> types;
    const auto add = [&](ValueShapes shape, const char* name) {
        if ((values & shape) != 0) types.emplace_back(name);
    };
    add(kNullShape, "null");
    add(kBooleanShape, "boolean");
    if ((values & kNumberShape) == 0) add(kIntegerShape, "integer");
    add(kNumberShape, "number");
    add(kTextShape, "string");
    add(kListShape, "array");
    add(kMapShape, "object");
    return types;
}

void add_value(JsonText& json, const FieldShape& field) {
    json.begin_object();
    json.optional_field("description", field.description);
    const bool forms = (field.values & (kFormShape | kMapShape)) == kFormShape;
    if (forms) json.key("anyOf").begin_list().begin_object();
    const std::vector<std::string> types = types_of(field.values);
    if (types.size() == 1) json.field("type", types[0]);
    if (types.size() > 1) json.field("type", types);
    if (forms) {
        json.end_object().begin_object().field("$ref", "#/$defs/form").end_object().end_list();
    }
    json.end_object();
}

void add_key(JsonText& json, const RecordShape& shape) {
    if (shape.key.size() == 1) return add_value(json, shape.key[0]);
    json.begin_object().field("type", "array").field("minItems", shape.key.size());
    json.field("maxItems", shape.key.size()).key("prefixItems").begin_list();
    for (const FieldShape& part : shape.key)
        add_value(json, part);
    json.end_list().end_object();
}

void add_record(JsonText& json, const RecordShape& shape) {
    json.begin_object().optional_field("description", shape.description);
    if (shape.has_key && shape.key_required) json.field("required", std::vector<std::string>{"pk"});
    json.key("properties").begin_object();
    if (shape.has_key) {
        json.key("pk");
        add_key(json, shape);
    } else {
        json.field("pk", false);
    }
    json.key("fields").begin_object().field("type", "object").field("additionalProperties", false);
    std::vector<std::string> required;
    for (const FieldShape& field : shape.fields) {
        if (field.required) required.push_back(field.name);
    }
    if (!required.empty()) json.field("required", required);
    json.key("properties").begin_object();
    for (const FieldShape& field : shape.fields) {
        json.key(field.name);
        add_value(json, field);
    }
    json.end_object().end_object().end_object().end_object();
}

// The $ forms of values.
void add_forms(JsonText& json) {
    json.key("form").begin_object().field("type", "object").key("oneOf").begin_list();
    const auto add = [&](const std::vector<std::string>& names) {
        json.begin_object().field("required", std::vector<std::string>{names[0]}).field("additionalProperties", false);
        json.key("properties").begin_object();
        for (const std::string& name : names)
            json.key(name).begin_object().field("type", "string").end_object();
        json.end_object().end_object();
    };
    add({"$real"});
    add({"$text", "encoding"});
    add({"$binary"});
    add({"$json"});
    json.end_list().end_object();
}

}  // namespace

std::string shapes_as_json_schema(std::string_view database, const std::vector<RecordShape>& shapes) {
    JsonText json;
    json.begin_object().field("$schema", "https://json-schema.org/draft/2020-12/schema");
    json.field("title", cat("fixtures of ", database));
    json.field("$comment", "Made by dbfixture inspect --json-schema. Make it anew when the tables change.");
    json.field("type", "array").key("items").begin_object().field("$ref", "#/$defs/record").end_object();
    json.key("$defs").begin_object().key("record").begin_object().field("type", "object");
    json.field("required", std::vector<std::string>{"model", "fields"}).field("additionalProperties", false);
    json.key("properties").begin_object().key("model").begin_object();
    std::vector<std::string> labels;
    for (const RecordShape& shape : shapes)
        labels.push_back(shape.label);
    json.field("enum", labels).end_object().field("pk", true);
    json.key("rowid").begin_object().field("type", "integer").end_object().field("fields", true).end_object();
    json.key("allOf").begin_list();
    for (const RecordShape& shape : shapes) {
        json.begin_object().key("if").begin_object().field("required", std::vector<std::string>{"model"});
        json.key("properties").begin_object().key("model").begin_object().field("const", shape.label);
        json.end_object().end_object().end_object().key("then");
        add_record(json, shape);
        json.end_object();
    }
    json.end_list().end_object();
    add_forms(json);
    json.end_object().end_object();
    return json.finish();
}

}  // namespace dbfixture
