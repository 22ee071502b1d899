// SPDX-License-Identifier: MIT
#include "state/manifest.h"

#include <catch2/catch.hpp>

#include "base/error.h"

using namespace dbfixture;

namespace {

Manifest sample() {
    Manifest manifest;
    manifest.kind = StateKind::kSerialized;
    manifest.database = "shop \"1\".db";
    manifest.engine = "SQLite 3.40.1";
    manifest.tool = "dbfixture 0.1.0";
    manifest.created = "2026-01-31T12:00:00.123456Z";
    manifest.file = "default-0123.jsonl.zst";
    manifest.bytes = 18446744073709551615u;
    manifest.checksum = "00ff";
    manifest.schema_fingerprint = "abcd";
    manifest.tables = {{"a", 3}, {"b", std::nullopt}};
    manifest.schema = {{"table", "a", "CREATE TABLE a(x)"}};
    manifest.sequences = {{"a", -5}, {"b", 7, "n", false}};
    return manifest;
}

std::string refusal(const std::string& text) {
    try {
        parse_manifest(text, "x.json");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::kInput);
        return error.message;
    }
    return {};
}

}  // namespace

TEST_CASE("a manifest reads back as it was written", "[manifest]") {
    Manifest manifest = sample();
    CHECK(parse_manifest(write_manifest(manifest), "x.json") == manifest);
    manifest.kind = StateKind::kImage;
    manifest.schema.clear();
    manifest.sequences.clear();
    CHECK(parse_manifest(write_manifest(manifest), "x.json") == manifest);
}

TEST_CASE("a manifest of every kind is written to the byte as it always was", "[manifest]") {
    Manifest manifest = sample();
    manifest.mode = 0640;
    manifest.tables = {{std::string("\x01\x1f\x7f\b\f\n\r\t\"\\/\0", 12), 0}, {"\xC3\xA9 \xE2\x80\xA8", std::nullopt}};
    CHECK(write_manifest(manifest) ==
          "{\n"
          "  \"format\": \"dbfixture snapshot\",\n"
          "  \"format_version\": 2,\n"
          "  \"kind\": \"serialized\",\n"
          "  \"database\": \"shop \\\"1\\\".db\",\n"
          "  \"engine\": \"SQLite 3.40.1\",\n"
          "  \"tool\": \"dbfixture 0.1.0\",\n"
          "  \"created\": \"2026-01-31T12:00:00.123456Z\",\n"
          "  \"file\": \"default-0123.jsonl.zst\",\n"
          "  \"bytes\": 18446744073709551615,\n"
          "  \"checksum\": \"00ff\",\n"
          "  \"mode\": \"0640\",\n"
          "  \"schema_fingerprint\": \"abcd\",\n"
          "  \"tables\": [\n"
          "    {\n"
          "      \"name\": \"\\u0001\\u001f\x7f\\b\\f\\n\\r\\t\\\"\\\\/\\u0000\",\n"
          "      \"rows\": 0\n"
          "    },\n"
          "    {\n"
          "      \"name\": \"\xC3\xA9 \xE2\x80\xA8\",\n"
          "      \"rows\": null\n"
          "    }\n"
          "  ],\n"
          "  \"schema\": [\n"
          "    {\n"
          "      \"kind\": \"table\",\n"
          "      \"name\": \"a\",\n"
          "      \"definition\": \"CREATE TABLE a(x)\"\n"
          "    }\n"
          "  ],\n"
          "  \"sequences\": [\n"
          "    {\n"
          "      \"table\": \"a\",\n"
          "      \"value\": -5\n"
          "    },\n"
          "    {\n"
          "      \"table\": \"b\",\n"
          "      \"value\": 7,\n"
          "      \"column\": \"n\",\n"
          "      \"called\": false\n"
          "    }\n"
          "  ],\n"
          "  \"manifest_checksum\": \"ebf5af1e063a36b0\"\n"
          "}\n");
    manifest.tables.clear();
    manifest.schema.clear();
    manifest.sequences.clear();
    CHECK(write_manifest(manifest).find("\"tables\": [],\n  \"schema\": [],\n  \"sequences\": [],\n") !=
          std::string::npos);
    for (const StateKind kind : {StateKind::kImage, StateKind::kTemplate, StateKind::kCopy}) {
        manifest.kind = kind;
        CHECK(parse_manifest(write_manifest(manifest), "x.json") == manifest);
    }
}

TEST_CASE("names that are not UTF-8 are in a manifest as far as JSON can hold them", "[manifest]") {
    Manifest manifest = sample();
    manifest.tables = {{"a\xFF\xC3z", 1}};
    const std::string text = write_manifest(manifest);
    CHECK(parse_manifest(text, "x.json").tables[0].name == "a\xEF\xBF\xBD\xEF\xBF\xBDz");
}

TEST_CASE("every flipped bit and every cut of a manifest is refused", "[manifest]") {
    const std::string text = write_manifest(sample());
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        std::string other = text;
        other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
        if (refusal(other).empty()) FAIL_CHECK("bit " << bit << " can be flipped");
    }
    for (std::size_t size = 0; size < text.size(); ++size) {
        if (refusal(text.substr(0, size)).empty()) FAIL_CHECK("can be cut to " << size);
    }
}

TEST_CASE("a manifest of a newer version is refused by its version", "[manifest]") {
    std::string text = write_manifest(sample());
    const std::string version = "\"format_version\": 1";
    text.replace(text.find(version), version.size(), "\"format_version\": 7");
    CHECK(refusal(text) == "the manifest \"x.json\" is of format version 7");
}
