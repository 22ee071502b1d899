// SPDX-License-Identifier: MIT
// The main of the test program: Catch2's, alone in its file because it takes longer to compile than all tests together,
// and `--ctest`, which prints the tests as a script for ctest (CMakeLists.txt has ctest run it and read it):
//  1. every test case is a test of its own name; one tagged [parts:N] is N tests, each with DBFIXTURE_PART=K/N (see
//     places_test.h); those tagged [golden] are a test for each folder of testdata/cli, with DBFIXTURE_CASE;
//  2. what is tagged [slow] or [parts:N] begins first, so that no core waits for it at the end;
//  3. what is tagged [contract], [postgres], [mariadb] or [galera] finds the servers that fixtures start once for all:
//     .ci/postgres, .ci/mariadb, .ci/galera;
//  4. a run that matched no test case fails; one that only said "SKIPPED: ..." ends with status 77, and ctest calls it
//     skipped.
#define CATCH_CONFIG_RUNNER
#define CATCH_CONFIG_CONSOLE_WIDTH 160  // a line that says what was skipped stays one line
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "base/places_test.h"

namespace {

constexpr int kNothingRan = 4;
constexpr int kSkipped = 77;
constexpr const char* kSlow = "COST 1000 TIMEOUT 3600";
constexpr const char* kQuick = "COST 0 TIMEOUT 1200";  // measured costs count where none is given

std::size_t test_cases = 0;
std::size_t skips = 0;
std::size_t checks = 0;

class Counter final : public Catch::TestEventListenerBase {
  public:
    using TestEventListenerBase::TestEventListenerBase;
    void testCaseStarting(const Catch::TestCaseInfo&) override { ++test_cases; }
    bool assertionEnded(const Catch::AssertionStats& stats) override {
        const Catch::AssertionResult& result = stats.assertionResult;
        if (result.getResultType() != Catch::ResultWas::Warning) {
            ++checks;
        } else if (result.getMessage().rfind("SKIPPED: ", 0) == 0) {
            ++skips;
        }
        return true;
    }
};
CATCH_REGISTER_LISTENER(Counter)

// A server that a fixture starts once for all tests that need it.
struct Server {
    const char* tag;       // also the name of its script in .ci, and of the fixture
    const char* name;      // for people
    const char* variable;  // tells tests the file of server_file()
};
constexpr Server kServers[] = {{"postgres", "PostgreSQL", "DBFIXTURE_TEST_POSTGRES"},
                               {"mariadb", "MariaDB", "DBFIXTURE_TEST_MARIADB"},
                               {"galera", "Galera", "DBFIXTURE_TEST_GALERA"}};

// Where the fixture leaves the folder of the server.
std::string server_file(const Server& server) {
    return (std::filesystem::absolute(dbfixture::program_path()).parent_path() /
            ("test-server-" + std::string(server.tag)))
        .string();
}

void print_server_fixture(const Server& server) {
    const std::string script = (dbfixture::source_folder() / ".ci" / server.tag).string();
    const auto print = [&](const std::string& name, const std::string& action, const std::string& fixture) {
        std::cout << "add_test([==[" << name << "]==] [==[" << script << "]==] " << action << " [==["
                  << server_file(server) << "]==])\nset_tests_properties([==[" << name << "]==] PROPERTIES " << fixture
                  << " " << server.tag << ")\n";
    };
    print("start " + std::string(server.name) + " for tests", "begin", "COST 2000 FIXTURES_SETUP");
    print("end " + std::string(server.name) + " for tests", "end", "FIXTURES_CLEANUP");
}

// As Catch2's selection wants it, to match this name alone.
std::string selection_of(const std::string& name) {
    std::string out;
    for (const char c : name)
        out += std::string(",[]\\\"*~").find(c) == std::string::npos ? std::string(1, c) : std::string("\\") + c;
    return out;
}

struct Needs {
    const char* properties = kQuick;
    std::vector<const Server*> servers{};

    bool has(const std::string& tag) const {
        return std::any_of(servers.begin(), servers.end(), [&](const Server* server) { return tag == server->tag; });
    }
};

void print_test(const std::string& program, const std::string& name, const std::string& test_case, std::string variable,
                const Needs& needs) {
    std::string fixtures;
    for (const Server* server : needs.servers) {
        variable += (variable.empty() ? "" : ";") + (server->variable + ("=" + server_file(*server)));
        fixtures += (fixtures.empty() ? "" : ";") + std::string(server->tag);
    }
    std::cout << "add_test([==[" << name << "]==] [==[" << program << "]==] [==[" << selection_of(test_case)
              << "]==])\n"
              << "set_tests_properties([==[" << name << "]==] PROPERTIES SKIP_RETURN_CODE " << kSkipped << " "
              << needs.properties << (fixtures.empty() ? "" : " FIXTURES_REQUIRED [==[" + fixtures + "]==]")
              << (variable.empty() ? "" : " ENVIRONMENT [==[" + variable + "]==]") << ")\n";
}

// Those of the folders with a server.sql, or all others.
std::vector<std::string> golden_cases(bool on_server) {
    std::vector<std::string> found;
    const std::filesystem::path root = dbfixture::source_folder() / "testdata";
    for (const auto& command : std::filesystem::directory_iterator(root / "cli")) {
        if (std::filesystem::exists(command.path() / "server.sql") != on_server) continue;
        for (const auto& folder : std::filesystem::directory_iterator(command)) {
            if (std::filesystem::exists(folder.path() / "cmd"))
                found.push_back(folder.path().lexically_relative(root).string());
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

void print_for_ctest(const std::string& program, Catch::Session& session) {
    for (const Server& server : kServers)
        print_server_fixture(server);
    for (const Catch::TestCase& test : Catch::getAllTestCasesSorted(session.config())) {
        if (test.isHidden()) continue;
        int parts = 1;
        bool slow = false;
        bool golden = false;
        Needs needs;
        for (const std::string& tag : test.tags) {
            if (tag.rfind("parts:", 0) == 0) parts = std::atoi(tag.c_str() + 6);
            slow |= tag == "slow" || parts > 1;
            golden |= tag == "golden";
            for (const Server& server : kServers) {
                if ((tag == "contract" || tag == server.tag) && !needs.has(server.tag))
                    needs.servers.push_back(&server);
            }
        }
        if (slow) needs.properties = kSlow;
        if (golden) {
            for (const std::string& folder : golden_cases(!needs.servers.empty()))
                print_test(program, folder, test.name, "DBFIXTURE_CASE=" + folder + "/", needs);
        } else if (parts > 1) {
            for (int part = 1; part <= parts; ++part) {
                const std::string which = std::to_string(part) + "/" + std::to_string(parts);
                print_test(program, test.name + " (" + which + ")", test.name, "DBFIXTURE_PART=" + which, needs);
            }
        } else {
            print_test(program, test.name, test.name, "", needs);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    Catch::Session session;
    if (argc == 2 && std::string(argv[1]) == "--ctest") {
        print_for_ctest(argv[0], session);
        return 0;
    }
    const int usage = session.applyCommandLine(argc, argv);
    if (usage != 0) return usage;
    const auto& asked = session.configData();
    const bool lists = asked.listTests || asked.listTags || asked.listTestNamesOnly || asked.listReporters;
    const int status = session.run();
    if (status != 0 || lists || asked.showHelp) return status;
    if (test_cases == 0) return kNothingRan;
    return checks == 0 && skips > 0 ? kSkipped : 0;
}
