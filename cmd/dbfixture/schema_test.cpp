// SPDX-License-Identifier: MIT
// The JSON Schemas of schemas/ and what the program prints and reads agree. Golden cases whose name ends with "json"
// print one document.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/error.h"
#include "base/places_test.h"
#include "ops/config.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

namespace fs = std::filesystem;
const fs::path kSource = dbfixture::source_folder();

// 0: all fit; 77: cannot be asked here.
int validate(const char* schema, const std::string& files) {
    return shell("cd " + quoted(kSource) + " && python3 testdata/tools/validate.py schemas/" + schema + files);
}

std::vector<fs::path> json_cases() {
    std::vector<fs::path> cases;
    for (const fs::directory_entry& command : fs::directory_iterator(kSource / "testdata/cli")) {
        for (const fs::directory_entry& folder : fs::directory_iterator(command)) {
            if (folder.path().filename().string().ends_with("json")) cases.push_back(folder.path());
        }
    }
    std::sort(cases.begin(), cases.end());
    return cases;
}

}  // namespace

TEST_CASE("the documents of --json fit their schema, and every command has one", "[schema]") {
    std::string files;
    std::set<std::string> shown;
    for (const fs::path& folder : json_cases()) {
        files += " " + quoted(folder / "out");
        const auto document = nlohmann::json::parse(read_file(folder / "out"));
        if (document.contains("status")) shown.insert("serve");  // an answer
        if (document.contains("command") && !document.contains("error"))
            shown.insert(document.at("command").get<std::string>());
    }
    const WorkFolder temp;
    write_file(temp.path / "version", output_of(environment() + "dbfixture --version --json"));
    write_file(temp.path / "help", output_of(environment() + "dbfixture help --json"));
    files += " " + quoted(temp.path / "version") + " " + quoted(temp.path / "help");
    const int status = validate("output.schema.json", files);
    if (status == 77) {
        WARN("SKIPPED: documents of --json against their schema: python3-jsonschema or python3-yaml is missing");
    } else {
        CHECK(status == 0);
    }
    const auto help = nlohmann::json::parse(read_file(temp.path / "help"));
    for (const auto& command : help.at("commands")) {
        INFO("a golden case of this command ends with \"json\" and has no error");
        CHECK(shown.count(command.at("name").get<std::string>()) == 1);
    }
}

TEST_CASE("the schema of the config file has the keys that the program reads", "[schema][config]") {
    const auto schema = nlohmann::json::parse(read_file(kSource / "schemas/config.schema.json"));
    std::vector<std::string> keys;
    for (const auto& [key, ignored] : schema.at("properties").items())
        keys.push_back(key);
    CHECK(keys == dbfixture::config_keys());
}

TEST_CASE("the program and the schema accept the same config files", "[schema][config]") {
    std::vector<fs::path> files;
    std::string list;
    for (const fs::directory_entry& entry : fs::directory_iterator(kSource / "testdata/config")) {
        files.push_back(entry.path());
        list += " " + quoted(entry.path());
    }
    CHECK(files.size() > 10);
    const WorkFolder temp;
    const int status = validate("config.schema.json", list + " >" + quoted(temp.path / "refused"));
    const std::string refused = read_file(temp.path / "refused");
    if (status == 77) WARN("SKIPPED: config files against their schema: python3-jsonschema or python3-yaml is missing");
    for (const fs::path& file : files) {
        INFO(file.filename().string());
        const bool good = file.filename().string().starts_with("good_");
        if (good) {
            CHECK_NOTHROW(dbfixture::read_config(file.string()));
        } else {
            CHECK_THROWS_AS(dbfixture::read_config(file.string()), dbfixture::Error);
        }
        if (status != 77) CHECK((refused.find(file.string() + ": ") == std::string::npos) == good);
    }
}

TEST_CASE("the manifests of snapshots fit their schema", "[schema]") {
    const WorkFolder temp;
    const std::string make =
        environment() + "cd " + quoted(temp.path) +
        " && sqlite3 x.db 'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t "
        "VALUES (7)' && dbfixture snapshot -q -d x.db a && dbfixture snapshot -q -d x.db b --serialized";
    REQUIRE(shell(make) == 0);
    const fs::path store = temp.path / "x.db.snapshots";
    const int status =
        validate("manifest.schema.json", " " + quoted(store / "a.json") + " " + quoted(store / "b.json"));
    if (status == 77) {
        WARN("SKIPPED: manifests against their schema: python3-jsonschema or python3-yaml is missing");
    } else {
        CHECK(status == 0);
    }
}
