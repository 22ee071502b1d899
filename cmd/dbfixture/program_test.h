// SPDX-License-Identifier: MIT
// What the tests of the built program share: running shell lines in a folder of their own.
#pragma once

#include <filesystem>
#include <string>

namespace dbfixture_test {

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text);

// For the shell, in single quotes.
std::string quoted(const std::filesystem::path& path);

// The exit status of `sh -c command`; 128 and the signal's number if it was killed.
int shell(const std::string& command);

// What `command` prints on standard output.
std::string output_of(const std::string& command);

// Shell text that puts the built program on the PATH and takes away what the program reads from the environment.
std::string environment();

std::string unified_difference(const std::string& expected, const std::string& seen);

// Removed with everything in it by the destructor.
class WorkFolder {
  public:
    WorkFolder();
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;
    ~WorkFolder();
    std::filesystem::path path;
};

}  // namespace dbfixture_test
