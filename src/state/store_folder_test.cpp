// SPDX-License-Identifier: MIT
#include "state/store_folder.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

using namespace dbfixture;

namespace {

// Sets variables of the environment, nullptr for none, and puts them back.
class Environment {
  public:
    void set(const char* name, const char* value) {
        const char* const before = std::getenv(name);
        kept_.try_emplace(name, before == nullptr ? "" : before);
        value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
    }
    Environment() = default;
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment() {
        for (const auto& [name, value] : kept_)
            value.empty() ? ::unsetenv(name.c_str()) : ::setenv(name.c_str(), value.c_str(), 1);
    }

  private:
    std::map<std::string, std::string> kept_;
};

std::string store_of(const std::string& name, const std::string& file, const std::string& id = "server 1") {
    DatabaseIdentity identity;
    identity.name = name;
    identity.file = file;
    identity.id = id;
    return default_store(identity);
}

// With eight digits in place of the hash.
std::string without_hash(std::string store) {
    const std::size_t at = store.rfind('-');
    if (at == std::string::npos || store.size() - at != 9 + kStoreEnd.size()) return "no hash: " + store;
    return store.replace(at + 1, 8, "########");
}

unsigned mode_of(const std::filesystem::path& path) {
    struct stat facts = {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    return facts.st_mode & 0777U;
}

}  // namespace

TEST_CASE("states lie beside a database's file", "[store]") {
    CHECK(store_of("app.db", "/data/app.db") == "/data/app.db.snapshots");
    CHECK(store_of("app.db", "/data/-live/.app.db") == "/data/-live/.app.db.snapshots");
}

TEST_CASE("states of a server's database lie in the user's folder for state, each database's in one of its own",
          "[store]") {
    Environment environment;
    environment.set("XDG_STATE_HOME", "/x/state");
    CHECK(without_hash(store_of("app_test", "")) == "/x/state/dbfixture/app_test-########.snapshots");
    CHECK(store_of("app_test", "", "server 1") == store_of("app_test", "", "server 1"));
    CHECK(store_of("app_test", "", "server 1") != store_of("app_test", "", "server 2"));
    CHECK(without_hash(store_of("../../etc/x\n", "")) == "/x/state/dbfixture/_.._.._etc_x_-########.snapshots");
    CHECK(without_hash(store_of("-x", "")) == "/x/state/dbfixture/_-x-########.snapshots");
    CHECK(without_hash(store_of("", "")) == "/x/state/dbfixture/_-########.snapshots");
    CHECK(store_of(std::string(5000, 'x'), "").size() < 200);
    environment.set("XDG_STATE_HOME", "relative/to/wherever");
    environment.set("HOME", "/home/ann");
    CHECK(without_hash(store_of("app_test", "")) == "/home/ann/.local/state/dbfixture/app_test-########.snapshots");
    environment.set("XDG_STATE_HOME", nullptr);
    CHECK(without_hash(store_of("app_test", "")) == "/home/ann/.local/state/dbfixture/app_test-########.snapshots");
    environment.set("HOME", nullptr);
    CHECK(store_of("app_test", "").empty());
}

TEST_CASE("folders that are made for the user's state are nobody else's to read", "[store]") {
    std::string name = (std::filesystem::temp_directory_path() / "dbfixture-state-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    const std::filesystem::path folder = name;
    Environment environment;
    environment.set("XDG_STATE_HOME", (folder / "a/b").c_str());
    const std::filesystem::path store = store_of("app_test", "");
    CHECK(make_store_folder(store));
    CHECK(mode_of(store) == 0700);
    CHECK(mode_of(store.parent_path()) == 0700);
    CHECK(mode_of(folder / "a") == 0700);
    const mode_t mask = ::umask(022);
    CHECK(make_store_folder((folder / "asked/for").string()));
    ::umask(mask);
    CHECK(mode_of(folder / "asked") == 0755);
    CHECK(mode_of(folder / "asked/for") == 0700);
    std::filesystem::remove_all(folder);
}
