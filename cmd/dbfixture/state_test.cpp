// SPDX-License-Identifier: MIT
// Snapshot, restore, flush and loaddata against real processes: connections of an application, kills, a full disk. The
// scripts stand in testdata/state; run them by hand with --all, or with more rounds, for the long form.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/places_test.h"
#include "base/realdata_test.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

namespace fs = std::filesystem;

bool has_program(const std::string& name) {
    return shell("command -v " + name + " >/dev/null 2>&1") == 0;
}

int run_script(const std::string& name, const std::string& arguments, std::string& said) {
    const WorkFolder temp;
    const fs::path script = dbfixture::source_folder() / "testdata/state" / name;
    const int status =
        shell(environment() + "PYTHONDONTWRITEBYTECODE=1 python3 " + quoted(script) + " " +
              quoted(dbfixture::program_path()) + " " + arguments + " >" + quoted(temp.path / "said") + " 2>&1");
    said = read_file(temp.path / "said");
    return status;
}

void check_script(const std::string& name, const std::string& arguments, const std::string& needs) {
    for (const std::string& program : {std::string("python3"), needs}) {
        if (has_program(program)) continue;
        WARN("SKIPPED: testdata/state/" << name << ": " << program << " is missing");
        return;
    }
    std::string said;
    const int status = run_script(name, arguments, said);
    INFO(said);
    const std::size_t skipped = said.find("SKIPPED: ");
    if (skipped != std::string::npos) WARN(said.substr(skipped, said.find('\n', skipped) - skipped));
    if (status != 77) CHECK(status == 0);  // nothing was compared
}

}  // namespace

TEST_CASE("a database of the wild is restored in every journal mode, alone and beside an idle connection",
          "[state][parts:2]") {
    const fs::path database = dbfixture::find_realdata("chinook/Chinook_Sqlite_AutoIncrementPKs.sqlite");
    if (!database.empty()) check_script("every_database.py", quoted(database) + " delete wal", "cp");
}

TEST_CASE("a restore is safe beside other connections, on a full disk, and never skipped wrongly", "[state][parts:4]") {
    check_script("connections.py", "5", "cp");
}

TEST_CASE("killed or interrupted at any call, a restore or a snapshot is done or not begun", "[state][parts:4]") {
    check_script("kill_each_call.py", "", "strace");
}

TEST_CASE("a store removes and replaces only what dbfixture made, also in folders of others and in stores of old",
          "[state]") {
    check_script("stores.py", "", "python3");
}

TEST_CASE("a snapshot of what cannot be read, or could not be put back, is refused by name", "[state]") {
    check_script("trust.py", "", "python3");
}

TEST_CASE("whichever call fails, exit status 0 says that it is done, and any other that it is not",
          "[state][parts:3]") {
    check_script("fail_each_call.py", "", "strace");
}

TEST_CASE("a restore is skipped only where nothing has changed, whenever and however it changed", "[state][parts:2]") {
    check_script("stamps.py", "", "strace");
}

TEST_CASE("what must be on the disk first is written and synced first, and the page of the lock bytes is left alone",
          "[state][parts:3]") {
    check_script("order.py", "", "strace");
}

TEST_CASE("what is left of a database's file after a bad day is restored, or the way out is said", "[state][parts:2]") {
    check_script("bad_files.py", "", "cp");
}

TEST_CASE("crashed applications, damaged snapshots, read-only files and full disks end well or in a clear refusal",
          "[state][parts:3]") {
    check_script("bad_days.py", "", "cp");
}

TEST_CASE("a throwaway copy has all of its original and nothing to do with it, and none is left, whoever is killed",
          "[state][run][parts:3]") {
    check_script("run_temp.py", "", "unshare");
}

TEST_CASE("a command is run as the terminal and its callers know it: its keys, its signals, its jobs",
          "[state][run][parts:3]") {
    check_script("run_signals.py", "", "bash");
}

TEST_CASE("layers nest, and are put back beside an application, whoever owns them, is killed or spoils their files",
          "[state][parts:4]") {
    check_script("layers.py", "", "strace");
}

TEST_CASE("a run on the database itself is put back however it ends, at once or by the next call",
          "[state][run][parts:4]") {
    check_script("run_recovery.py", "", "sqlite3");
}

TEST_CASE("serve answers what the command line prints, and ends well, killed, interrupted or left alone",
          "[state][serve][parts:4]") {
    check_script("serve.py", "", "python3");
}

TEST_CASE("a serialized snapshot restores tables so large that their indexes are built anew", "[state]") {
    const WorkFolder temp;
    const std::string in_folder = environment() + "cd " + quoted(temp.path) + " && ";
    REQUIRE(shell(in_folder +
                  "sqlite3 x.db 'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT); "
                  "CREATE INDEX i ON t (x); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                  "WHERE i < 6000) INSERT INTO t SELECT i, i % 7 FROM n; UPDATE sqlite_sequence SET seq = 9000'"
                  " && cp x.db before.db && dbfixture snapshot -q -d x.db --serialized && "
                  "sqlite3 x.db 'DELETE FROM t WHERE id > 10'") == 0);
    CHECK(output_of(in_folder + "dbfixture restore -q -d x.db 2>&1") == "");
    const std::string look = "'SELECT * FROM t; SELECT * FROM sqlite_sequence; PRAGMA integrity_check'";
    CHECK(output_of(in_folder + "sqlite3 x.db " + look) == output_of(in_folder + "sqlite3 before.db " + look));
}
