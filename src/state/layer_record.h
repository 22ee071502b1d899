// SPDX-License-Identifier: MIT
// The record of a database's open layers (DESIGN 8), and the file that keeps it:
//
//     <store>/.dbfixture-layers-<id>.json     <id> is of the database's path or address, so that databases may share a
//                                             store
//
//  1. The record is written whole, beside its name, synced and renamed over it. A state counts once the record names
//     it; a file that no record and no manifest names is removed by the next to write to the store.
//  2. A layer holds two states: `before`, for pop, and `after`, for reset. While it is being opened it has only the
//     first; whoever finds such a layer, with the store locked, puts the database back to it. The floor of a run in a
//     throwaway copy has no first.
//  3. States of a layer are kept as what they have other than the one below: before other than the after of the layer
//     below, after other than before. What lies lowest is a file of the stack's own.
//  4. With the last layer the file goes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/processes.h"
#include "db/states.h"

namespace dbfixture {

struct Layer {
    std::string name;
    std::string created;    // as in manifests
    ProcessIdentity owner;  // while it lives, others do not pop the layer
    std::string run;        // the run whose floor it is; "" for all others
    bool open = false;
    // Places are names of files in the store. Nothing: of the floor of a run in a throwaway copy, which nobody puts
    // back.
    std::optional<SavedState> before;
    std::optional<SavedState> after;
    bool operator==(const Layer&) const = default;
};

struct LayerRecord {
    std::string database;       // the path of its file; of a server's, DatabaseIdentity::id
    std::string identity;       // DatabaseIdentity::id: another one once the database was replaced
    std::vector<Layer> layers;  // the lowest first
    bool operator==(const LayerRecord&) const = default;
};

// The name of the record's file in a store.
std::string layer_record_name(const std::string& database);
bool is_layer_record_name(std::string_view file);

std::string write_layer_record(const LayerRecord& record);
// Throws kInput, naming `file`, for anything that was not written so.
LayerRecord parse_layer_record(std::string_view text, const std::string& file);

// All files of a store that the record names.
std::vector<std::string> files_of(const LayerRecord& record);

}  // namespace dbfixture
