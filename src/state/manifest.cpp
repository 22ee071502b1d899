// SPDX-License-Identifier: MIT
#include "state/manifest.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "base/arena.h"
#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/json/text.h"
#include "model/value.h"
#include "state/json_member.h"

namespace dbfixture {
namespace {

constexpr std::string_view kFormat = "dbfixture snapshot";

std::string octal(unsigned mode) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
    return text.data();
}

void add_records(JsonText& json, const Manifest& manifest) {
    json.key("schema").begin_list();
    for (const ManifestObject& object : manifest.schema) {
        json.begin_object().field("kind", object.kind).field("name", object.name);
        json.field("definition", object.definition).end_object();
    }
    json.end_list().key("sequences").begin_list();
    for (const ManifestSequence& sequence : manifest.sequences) {
        json.begin_object().field("table", sequence.table).field("value", sequence.value);
        json.optional_field("column", sequence.column);
        if (!sequence.called) json.field("called", false);
        json.end_object();
    }
    json.end_list();
}

// `checksum`: "" for the text that it is of.
std::string text_of(const Manifest& manifest, const std::string& checksum) {
    JsonText json;
    json.begin_object().field("format", kFormat).field("format_version", manifest.mode ? Manifest::kVersion : 1);
    json.field("kind", name_of(manifest.kind)).field("database", manifest.database).field("engine", manifest.engine);
    json.field("tool", manifest.tool).field("created", manifest.created).field("file", manifest.file);
    json.field("bytes", manifest.bytes).field("checksum", manifest.checksum);
    if (manifest.mode) json.field("mode", octal(*manifest.mode));
    json.field("schema_fingerprint", manifest.schema_fingerprint).key("tables").begin_list();
    for (const ManifestTable& table : manifest.tables) {
        json.begin_object().field("name", table.name).key("rows");
        table.rows ? json.value(*table.rows) : json.null();
        json.end_object();
    }
    json.end_list();
    if (manifest.kind == StateKind::kSerialized) add_records(json, manifest);
    json.optional_field("manifest_checksum", checksum);
    return json.end_object().finish();
}

Manifest from_json(const Value& json) {
    Manifest manifest;
    const auto kind = find_state_kind(text_in(json, "kind"));
    if (!kind) throw BadMember();
    manifest.kind = *kind;
    manifest.database = text_in(json, "database");
    manifest.engine = text_in(json, "engine");
    manifest.tool = text_in(json, "tool");
    manifest.created = text_in(json, "created");
    manifest.file = text_in(json, "file");
    manifest.bytes = number_in<std::uint64_t>(json, "bytes");
    manifest.checksum = text_in(json, "checksum");
    // A text that is no octal number is not written again as it was.
    if (find(json, "mode") != nullptr) manifest.mode = std::strtoul(text_in(json, "mode").c_str(), nullptr, 8) & 07777U;
    manifest.schema_fingerprint = text_in(json, "schema_fingerprint");
    for (const Value& table : list_in(json, "tables")) {
        const Value* const rows = find(table, "rows");
        const bool counted = rows == nullptr || !rows->is_null();
        manifest.tables.push_back(
            {text_in(table, "name"), counted ? std::optional(number_in<std::uint64_t>(table, "rows")) : std::nullopt});
    }
    if (manifest.kind != StateKind::kSerialized) return manifest;
    for (const Value& object : list_in(json, "schema")) {
        manifest.schema.push_back({text_in(object, "kind"), text_in(object, "name"), text_in(object, "definition")});
    }
    for (const Value& sequence : list_in(json, "sequences")) {
        const Value* const called = find(sequence, "called");
        if (called != nullptr && called->kind() != ValueKind::kBoolean) throw BadMember();
        manifest.sequences.push_back({text_in(sequence, "table"), number_in<std::int64_t>(sequence, "value"),
                                      find(sequence, "column") == nullptr ? "" : text_in(sequence, "column"),
                                      called == nullptr || called->as_boolean()});
    }
    return manifest;
}

[[noreturn]] void throw_damaged(const std::string& file, std::string detail) {
    throw Error(ErrorKind::kInput, cat("the manifest ", quote(file, 200), " is damaged"))
        .with_detail(std::move(detail));
}

}  // namespace

std::string write_manifest(const Manifest& manifest) {
    std::string text = text_of(manifest, {});
    text.pop_back();  // the checksum is of the text without its last line end
    Checksum sum;
    sum.update(text);
    return text_of(manifest, sum.digest());
}

Manifest parse_manifest(std::string_view text, const std::string& file) {
    Arena arena;
    const Value json = parse_stored(text, arena, [&](std::string why) { throw_damaged(file, std::move(why)); });
    const Value* const format = find(json, "format");
    if (format == nullptr || format->kind() != ValueKind::kText || format->as_text() != kFormat)
        throw_damaged(file, "It is not a manifest.");
    try {
        const auto version = number_in<std::int64_t>(json, "format_version");
        if (version > Manifest::kVersion) {
            throw Error(ErrorKind::kInput, cat("the manifest ", quote(file, 200), " is of format version ", version))
                .with_detail(cat("This program reads versions up to ", Manifest::kVersion, "."))
                .with_hint("use a newer dbfixture");
        }
        Manifest manifest = from_json(json);
        // What is written is fixed to the byte, so anything else has been changed.
        if (write_manifest(manifest) != text) throw_damaged(file, "It is not as it was written.");
        if (manifest.file.find('/') != std::string::npos || manifest.file.starts_with('.'))
            throw_damaged(file, "Its members do not make sense.");
        return manifest;
    } catch (const BadMember&) {
        throw_damaged(file, "A member is missing or of the wrong kind.");
    }
}

}  // namespace dbfixture
