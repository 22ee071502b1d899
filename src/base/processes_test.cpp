// SPDX-License-Identifier: MIT
#include "base/processes.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "base/cat.h"

using namespace dbfixture;

namespace {

// A process that does nothing until it is told to end.
class Waiting {
  public:
    explicit Waiting(const std::string& variable) {
        if ((number_ = ::fork()) != 0) return;
        std::string text = variable;
        char* const words[] = {const_cast<char*>("sleep"), const_cast<char*>("1000"), nullptr};
        char* const environment[] = {text.data(), nullptr};
        ::execve("/bin/sleep", words, environment);
        ::_exit(1);
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() {
        kill();
        reap();
    }
    void kill() const { ::kill(number_, SIGKILL); }
    void reap() const { ::waitpid(number_, nullptr, 0); }
    int number() const { return number_; }
    void wait_for_start(const std::string& name) const {
        while (describe_process(number_) != cat("process ", number_, " (", name, ")"))
            ::usleep(1000);
    }

  private:
    pid_t number_ = 0;
};

}  // namespace

TEST_CASE("a process is known by its number and its start, and no longer once it has ended", "[processes]") {
    const Waiting process("A=b");
    process.wait_for_start("sleep");
    const auto identity = identify_process(process.number());
    REQUIRE(identity);
    CHECK(life_of(*identity) == Life::kAlive);
    CHECK(read_process(write_process(*identity)) == identity);

    auto another = *identity;
    another.started += 1;  // the number has come back
    CHECK(life_of(another) == Life::kDead);
    another = *identity;
    another.boot = "01234567-89ab-cdef-0123-456789abcdef";
    CHECK(life_of(another) == Life::kDead);
    another = *identity;
    another.number_space += 1;
    CHECK(life_of(another) == Life::kUnknown);

    process.kill();
    while (identify_process(process.number()))  // it has ended, though nobody has asked for its status
        ::usleep(1000);
    CHECK(life_of(*identity) == Life::kDead);
    process.reap();
    CHECK(life_of(*identity) == Life::kDead);
}

TEST_CASE("what is no line of a process is none", "[processes]") {
    for (const char* text :
         {"", "12", "12 34", "12 34 56", "x 34 56 boot", "12 34 56 boot more", "-1 34 56 boot", "0 1 2 b"})
        CHECK_FALSE(read_process(text));
}

TEST_CASE("processes are found by an item of an environment variable", "[processes]") {
    const Waiting one("DBFIXTURE_RUN=outer:inner"), two("DBFIXTURE_RUN=inner"), three("OTHER_DBFIXTURE_RUN=inner");
    for (const Waiting* process : {&one, &two, &three})
        process->wait_for_start("sleep");
    const auto both = one.number() < two.number() ? std::vector<int>{one.number(), two.number()}
                                                  : std::vector<int>{two.number(), one.number()};
    CHECK(find_processes("DBFIXTURE_RUN", "inner") == both);
    CHECK(find_processes("DBFIXTURE_RUN", "outer") == std::vector<int>{one.number()});
    CHECK(find_processes("DBFIXTURE_RUN", "oute").empty());
    CHECK(find_processes("DBFIXTURE_RU", "inner").empty());
    CHECK(find_processes("DBFIXTURE_RUN", "").empty());
}

TEST_CASE("a list has its items", "[processes]") {
    CHECK(has_item("a", "a"));
    CHECK(has_item("a:b:c", "a"));
    CHECK(has_item("a:b:c", "b"));
    CHECK(has_item("a:b:c", "c"));
    CHECK(has_item("a::c", ""));
    CHECK(has_item("", ""));
    CHECK_FALSE(has_item("a:b", "a:b"));
    CHECK_FALSE(has_item("ab", "a"));
    CHECK_FALSE(has_item("a", ""));
}
