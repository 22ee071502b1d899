// SPDX-License-Identifier: MIT
#include "program_test.h"
#include "base/places_test.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace dbfixture_test {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

void write_file(const fs::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

std::string quoted(const fs::path& path) {
    return "'" + path.string() + "'";
}

int shell(const std::string& command) {
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string output_of(const std::string& command) {
    const WorkFolder temp;
    shell("{ " + command + "\n} >" + quoted(temp.path / "out"));
    return read_file(temp.path / "out");
}

std::string environment() {
    return "unset DATABASE_URL DBFIXTURE_DATABASE DBFIXTURE_RUN NO_COLOR; PATH=" +
           quoted(dbfixture::program_path().parent_path()) + ":$PATH LC_ALL=C.UTF-8 TZ=UTC; export PATH LC_ALL TZ; ";
}

std::string unified_difference(const std::string& expected, const std::string& seen) {
    const WorkFolder temp;
    write_file(temp.path / "expected", expected);
    write_file(temp.path / "seen", seen);
    return output_of("cd " + quoted(temp.path) + " && diff -u --label expected --label seen expected seen");
}

WorkFolder::WorkFolder() {
    std::string name = (fs::temp_directory_path() / "dbfixture-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path = fs::canonical(name);
}

WorkFolder::~WorkFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

}  // namespace dbfixture_test
