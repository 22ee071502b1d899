// SPDX-License-Identifier: MIT
#include "base/io.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/cat.h"
#include "base/error.h"
#include "base/folder_test.h"

using namespace dbfixture;

namespace {

namespace fs = std::filesystem;

// A folder of its own, removed at the end.
class Folder : public TestFolder {
  public:
    // What is in it, in name order.
    std::string list() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(path()))
            names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        std::string out;
        for (const std::string& name : names)
            append(out, cat(out.empty() ? "" : " ", name));
        return out;
    }
};

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

void put(const std::string& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

void write_file(const std::string& path, std::string_view bytes) {
    const auto sink = open_file_sink(path);
    sink->write(bytes);
    sink->finish();
}

std::string read_all(ByteSource& source, std::size_t piece) {
    std::string out;
    std::string buffer(piece, '\0');
    while (const std::size_t size = source.read(buffer.data(), buffer.size()))
        out.append(buffer, 0, size);
    CHECK(source.read(buffer.data(), buffer.size()) == 0);
    return out;
}

template <typename Work>
std::string error_of(Work work) {
    try {
        work();
    } catch (const Error& error) {
        return cat("exit ", static_cast<int>(error.kind), ": ", error.message);
    }
    return "no error";
}

unsigned mode(const std::string& path) {
    struct stat facts = {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    return facts.st_mode & 07777U;
}

}  // namespace

TEST_CASE("sources give all their bytes in order, however they are asked", "[io]") {
    const Folder folder;
    std::string bytes;
    for (int i = 0; i < 30'000; ++i)
        append(bytes, i);
    put(folder / "f", bytes);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
        CHECK(read_all(*open_memory_source(bytes), piece) == bytes);
        CHECK(read_all(*open_file_source(folder / "f"), piece) == bytes);
    }
    CHECK(read_all(*open_memory_source(""), 10) == "");
}

TEST_CASE("a source that cannot be opened says why", "[io]") {
    const Folder folder;
    put(folder / "file", "");
    CHECK(error_of([&] { open_file_source(folder / "none"); }) ==
          cat("exit 4: could not open \"", folder / "none", "\": no such file or directory"));
    CHECK(error_of([&] { open_file_source(folder / "file/x"); }).starts_with("exit 4: "));
    CHECK(error_of([&] { open_file_source(folder / ""); }) ==
          cat("exit 6: \"", folder / "", "\" is a folder, not a file"));
}

TEST_CASE("a memory sink gives what was finished and nothing else", "[io]") {
    std::string out = "before ";
    {
        const auto sink = open_memory_sink(out);
        sink->write("a");
        sink->write("b");
        CHECK(out == "before ");
        sink->finish();
    }
    CHECK(out == "before ab");
    open_memory_sink(out)->write("lost");
    CHECK(out == "before ab");
}

TEST_CASE("a file appears whole when it is finished", "[io]") {
    const Folder folder;
    {
        const auto sink = open_file_sink(folder / "out.json");
        sink->write("new");
        CHECK_FALSE(fs::exists(folder / "out.json"));
        sink->write(" text");
        sink->finish();
    }
    CHECK(content(folder / "out.json") == "new text");
    CHECK(folder.list() == "out.json");
}

TEST_CASE("an unfinished file leaves the old one and nothing beside it", "[io]") {
    const Folder folder;
    put(folder / "out.json", "old");
    {
        const auto sink = open_file_sink(folder / "out.json");
        sink->write("half");
    }
    CHECK(content(folder / "out.json") == "old");
    CHECK(folder.list() == "out.json");
}

TEST_CASE("a replaced file keeps its mode, a new one follows the umask", "[io]") {
    const Folder folder;
    put(folder / "old", "old");
    REQUIRE(::chmod((folder / "old").c_str(), 0640) == 0);
    write_file(folder / "old", "new");
    CHECK(content(folder / "old") == "new");
    CHECK(mode(folder / "old") == 0640);

    const mode_t before = ::umask(027);
    write_file(folder / "new", "x");
    ::umask(before);
    CHECK(mode(folder / "new") == 0640);
}

TEST_CASE("a replaced file keeps its owner and group as far as the user may, and is open to nobody else", "[io]") {
    const Folder folder;
    const std::string path = folder / "f";
    put(path, "old");
    REQUIRE(::chmod(path.c_str(), 0640) == 0);
    const bool is_root = ::geteuid() == 0;
    const uid_t owner = is_root ? 12345 : ::geteuid();
    const gid_t group = is_root ? 54321 : ::getegid();
    REQUIRE(::chown(path.c_str(), owner, group) == 0);
    REQUIRE(::symlink("f", (folder / "link").c_str()) == 0);
    const mode_t before = ::umask(0);
    const auto sink = open_file_sink(folder / "link");
    ::umask(before);
    sink->write("new");
    for (const auto& entry : fs::directory_iterator(folder.path())) {
        struct stat facts = {};
        REQUIRE(::stat(entry.path().c_str(), &facts) == 0);
        CHECK((facts.st_mode & 07777) == 0640);
        CHECK(facts.st_uid == owner);
        CHECK(facts.st_gid == group);
    }
    sink->finish();
    struct stat facts = {};
    REQUIRE(::lstat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777) == 0640);
    CHECK(facts.st_uid == owner);
    CHECK(facts.st_gid == group);
    CHECK(content(path) == "new");
}

TEST_CASE("a file that has to stay is asked for before the first byte and again before the rename", "[io]") {
    const Folder folder;
    put(folder / "f", "old");
    REQUIRE(::symlink("f", (folder / "link").c_str()) == 0);
    std::vector<std::string> asked;
    bool stays = false;
    const ReplaceCheck check = [&](const std::string& target) {
        asked.push_back(target);
        if (stays) throw Error(ErrorKind::kRefused, "it stays");
    };
    {
        const auto sink = open_file_sink(folder / "link", check);
        sink->write("new");
        stays = true;
        CHECK_THROWS_AS(sink->finish(), Error);
    }
    CHECK_THROWS_AS(open_file_sink(folder / "link", check), Error);
    CHECK(asked == std::vector<std::string>{folder / "f", folder / "f", folder / "f"});
    CHECK(content(folder / "f") == "old");
    CHECK(folder.list() == "f link");
}

TEST_CASE("a file is replaced through symbolic links", "[io]") {
    const Folder folder;
    fs::create_directory(folder / "real");
    put(folder / "real/file", "old");
    fs::create_symlink("real/file", folder / "link");
    fs::create_symlink("link", folder / "second");
    write_file(folder / "second", "new");
    CHECK(fs::is_symlink(folder / "second"));
    CHECK(fs::is_symlink(folder / "link"));
    CHECK(content(folder / "real/file") == "new");

    fs::create_symlink("real/later", folder / "dangling");
    write_file(folder / "dangling", "made");
    CHECK(fs::is_symlink(folder / "dangling"));
    CHECK(content(folder / "real/later") == "made");

    fs::create_symlink("loop", folder / "loop");
    CHECK(error_of([&] { write_file(folder / "loop", "x"); }) ==
          cat("exit 7: could not write \"", folder / "loop", "\": too many levels of symbolic links"));
}

TEST_CASE("a sink that cannot be opened says why", "[io]") {
    const Folder folder;
    CHECK(error_of([&] { write_file(folder / "none/out", "x"); }) ==
          cat("exit 7: could not write \"", folder / "none/out", "\": no such file or directory"));
    CHECK(error_of([&] { write_file(folder / "", "x"); }).starts_with("exit 7: could not write "));
    fs::create_directory(folder / "sub");
    CHECK(error_of([&] { write_file(folder / "sub", "x"); }).starts_with("exit 7: could not write "));
    CHECK(folder.list() == "sub");
}

TEST_CASE("a full disk is an error", "[io]") {
    if (!fs::exists("/dev/full")) return;
    CHECK(error_of([] { write_file("/dev/full", "x"); }) ==
          "exit 7: could not write \"/dev/full\": no space left on device");
    CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("a pipe is written directly, and a closed one is not an error", "[io]") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const auto sink = open_descriptor_sink(ends[1], "<stdout>");
    sink->write("abc");
    sink->finish();
    char seen[8] = {};
    CHECK(::read(ends[0], seen, sizeof seen) == 3);
    CHECK(std::string_view(seen) == "abc");

    ::close(ends[0]);
    struct sigaction ignore = {};
    struct sigaction before = {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &before);
    CHECK_THROWS_AS(sink->write("more"), ClosedPipe);
    ::sigaction(SIGPIPE, &before, nullptr);
    ::close(ends[1]);
}
