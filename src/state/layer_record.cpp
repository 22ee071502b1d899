// SPDX-License-Identifier: MIT
#include "state/layer_record.h"

#include <algorithm>

#include "base/arena.h"
#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/json/text.h"
#include "state/json_member.h"

namespace dbfixture {
namespace {

constexpr std::string_view kFormat = "dbfixture layers";
constexpr std::int64_t kVersion = 1;
constexpr std::string_view kPrefix = ".dbfixture-layers-";
constexpr std::string_view kEnd = ".json";

void add_state(JsonText& json, const SavedState& state) {
    json.begin_object().field("kind", name_of(state.kind)).field("place", state.place).field("over", state.over);
    json.field("bytes", state.bytes).field("checksum", state.checksum).key("mode");
    state.mode ? json.value(*state.mode) : json.null();
    json.end_object();
}

// `checksum`: "" for the text that it is of.
std::string text_of(const LayerRecord& record, const std::string& checksum) {
    JsonText json;
    json.begin_object().field("format", kFormat).field("format_version", kVersion);
    json.field("database", record.database).field("identity", record.identity).key("layers").begin_list();
    for (const Layer& layer : record.layers) {
        json.begin_object().field("name", layer.name).field("created", layer.created);
        json.field("owner", write_process(layer.owner)).field("run", layer.run).field("open", layer.open);
        for (const auto& [key, state] : {std::pair("before", &layer.before), std::pair("after", &layer.after)}) {
            json.key(key);
            if (*state) {
                add_state(json, **state);
            } else {
                json.null();
            }
        }
        json.end_object();
    }
    json.end_list().optional_field("record_checksum", checksum);
    return json.end_object().finish();
}

SavedState state_in(const Value& json) {
    SavedState state;
    const auto kind = find_state_kind(text_in(json, "kind"));
    if (!kind) throw BadMember();
    state.kind = *kind;
    state.place = text_in(json, "place");
    for (const Value& file : list_in(json, "over")) {
        if (file.kind() != ValueKind::kText) throw BadMember();
        state.over.emplace_back(file.as_text());
    }
    state.bytes = number_in<std::uint64_t>(json, "bytes");
    state.checksum = text_in(json, "checksum");
    const Value* const mode = find(json, "mode");
    if (mode != nullptr && !mode->is_null()) state.mode = number_in<unsigned>(json, "mode");
    return state;
}

LayerRecord from_json(const Value& json) {
    LayerRecord record{text_in(json, "database"), text_in(json, "identity"), {}};
    for (const Value& one : list_in(json, "layers")) {
        Layer layer;
        layer.name = text_in(one, "name");
        layer.created = text_in(one, "created");
        const auto owner = read_process(text_in(one, "owner"));
        if (!owner) throw BadMember();
        layer.owner = *owner;
        layer.run = text_in(one, "run");
        layer.open = boolean_in(one, "open");
        for (const auto& [key, state] : {std::pair("before", &layer.before), std::pair("after", &layer.after)}) {
            const Value* const found = find(one, key);
            if (found != nullptr && !found->is_null()) *state = state_in(member(one, key, ValueKind::kMap));
        }
        if ((layer.open && !layer.after) || (layer.run.empty() && !layer.before)) throw BadMember();
        record.layers.push_back(std::move(layer));
    }
    return record;
}

[[noreturn]] void throw_damaged(const std::string& file, std::string detail) {
    throw Error(ErrorKind::kInput, cat("the record of layers ", quote(file, 200), " is damaged"))
        .with_detail(std::move(detail))
        .with_hint("forget the layers with \"dbfixture layers --clear\"; the database stays as it is");
}

}  // namespace

std::string layer_record_name(const std::string& database) {
    Checksum sum;
    sum.update(database);
    return cat(kPrefix, sum.digest(), kEnd);
}

bool is_layer_record_name(std::string_view file) {
    return file.starts_with(kPrefix) && file.ends_with(kEnd);
}

std::string write_layer_record(const LayerRecord& record) {
    Checksum sum;
    sum.update(text_of(record, {}));
    return text_of(record, sum.digest());
}

LayerRecord parse_layer_record(std::string_view text, const std::string& file) {
    LayerRecord record;
    Arena arena;
    const Value json = parse_stored(text, arena, [&](std::string why) { throw_damaged(file, std::move(why)); });
    try {
        if (text_in(json, "format") != kFormat) throw BadMember();
        if (number_in<std::int64_t>(json, "format_version") > kVersion) {
            throw Error(ErrorKind::kInput, cat("the record of layers ", quote(file, 200), " is of a later version"))
                .with_hint("use a newer dbfixture");
        }
        record = from_json(json);
    } catch (const BadMember&) {
        throw_damaged(file, "A member is missing or makes no sense.");
    }
    // What is written is fixed to the byte, so anything else has been changed.
    if (write_layer_record(record) != text) throw_damaged(file, "It is not as it was written.");
    const auto is_outside = [](const std::string& name) { return name.find('/') != std::string::npos; };
    if (std::ranges::any_of(files_of(record), is_outside)) throw_damaged(file, "It names files outside of its store.");
    return record;
}

std::vector<std::string> files_of(const LayerRecord& record) {
    std::vector<std::string> out;
    const auto add = [&](const SavedState& state) {
        out.push_back(state.place);
        out.insert(out.end(), state.over.begin(), state.over.end());
    };
    for (const Layer& layer : record.layers) {
        if (layer.before) add(*layer.before);
        if (layer.after) add(*layer.after);
    }
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

}  // namespace dbfixture
