// SPDX-License-Identifier: MIT
#include <CLI/Version.hpp>

#include "base/cat.h"
#include "db/versions.h"
#include "fixture/versions.h"
#include "help.h"

namespace dbfixture {

void show_version(Report& report) {
    std::vector<LibraryVersion> libraries = database_library_versions();
    for (LibraryVersion& library : fixture_library_versions())
        libraries.push_back(std::move(library));
    libraries.push_back({"CLI11", CLI11_VERSION});
    libraries.push_back({"compiler", DBFIXTURE_COMPILER});

    report.data("dbfixture " DBFIXTURE_VERSION "\n");
    for (const LibraryVersion& library : libraries)
        report.data(cat(library.name, " ", library.version, "\n"));
    report.set_command("version");
    report.result([&](JsonText& json) {
        json.field("version", DBFIXTURE_VERSION).key("libraries").begin_object();
        for (const LibraryVersion& library : libraries)
            json.field(library.name, library.version);
        json.end_object();
    });
}

}  // namespace dbfixture
