// SPDX-License-Identifier: MIT
#include "state/layer_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "dbfixture layers";
constexpr std::int64_t kVersion = 1;
constexpr std::string_view kPrefix = ".dbfixture-layers-";
constexpr std::string_view kEnd = ".json";

Json state_to_json(const SavedState& state) {
    Json json;
    json["kind"] = name_of(state.kind);
    json["place"] = state.place;
    json["over"] = state.over;
    json["bytes"] = state.bytes;
    json["checksum"] = state.checksum;
    json["mode"] = state.mode ? Json(*state.mode) : Json(nullptr);
    return json;
}

SavedState state_from_json(const Json& json) {
    SavedState state;
    state.kind = find_state_kind(json.at("kind").get<std::string>()).value();
    state.place = json.at("place").get<std::string>();
    state.over = json.at("over").get<std::vector<std::string>>();
    state.bytes = json.at("bytes").get<std::uint64_t>();
    state.checksum = json.at("checksum").get<std::string>();
    if (!json.at("mode").is_null()) state.mode = json.at("mode").get<unsigned>();
    return state;
}

Json to_json(const LayerRecord& record) {
    Json json;
    json["format"] = kFormat;
    json["format_version"] = kVersion;
    json["database"] = record.database;
    json["identity"] = record.identity;
    json["layers"] = Json::array();
    for (const Layer& layer : record.layers) {
        Json one;
        one["name"] = layer.name;
        one["created"] = layer.created;
        one["owner"] = write_process(layer.owner);
        one["run"] = layer.run;
        one["open"] = layer.open;
        one["before"] = state_to_json(layer.before);
        one["after"] = layer.after ? state_to_json(*layer.after) : Json(nullptr);
        json["layers"].push_back(one);
    }
    return json;
}

LayerRecord from_json(const Json& json) {
    LayerRecord record{json.at("database").get<std::string>(), json.at("identity").get<std::string>(), {}};
    for (const Json& one : json.at("layers")) {
        Layer layer;
        layer.name = one.at("name").get<std::string>();
        layer.created = one.at("created").get<std::string>();
        layer.owner = read_process(one.at("owner").get<std::string>()).value();
        layer.run = one.at("run").get<std::string>();
        layer.open = one.at("open").get<bool>();
        layer.before = state_from_json(one.at("before"));
        if (!one.at("after").is_null()) layer.after = state_from_json(one.at("after"));
        record.layers.push_back(std::move(layer));
    }
    return record;
}

std::string text_of(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
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
    Json json = to_json(record);
    Checksum sum;
    sum.update(text_of(json));
    json["record_checksum"] = sum.digest();
    return text_of(json) + "\n";
}

LayerRecord parse_layer_record(std::string_view text, const std::string& file) {
    LayerRecord record;
    try {
        const Json json = Json::parse(text);
        if (!json.is_object() || json.value("format", "") != kFormat) throw_damaged(file, "It is no record of layers.");
        if (json.at("format_version").get<std::int64_t>() > kVersion) {
            throw Error(ErrorKind::kInput, cat("the record of layers ", quote(file, 200), " is of a later version"))
                .with_hint("use a newer dbfixture");
        }
        record = from_json(json);
    } catch (const nlohmann::json::exception&) {
        throw_damaged(file, "It is not as it was written.");
    } catch (const std::bad_optional_access&) {
        throw_damaged(file, "A member of it makes no sense.");
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
        add(layer.before);
        if (layer.after) add(*layer.after);
    }
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

}  // namespace dbfixture
