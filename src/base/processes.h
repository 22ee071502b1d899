// SPDX-License-Identifier: MIT
// Which process is meant, long after, and who belongs to a run. All of it from /proc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbfixture {

// A number alone comes back: so with the moment of its start, the boot, and the namespace that the number is one of.
struct ProcessIdentity {
    int number = 0;
    std::uint64_t started = 0;  // in the system's ticks since it was booted
    std::string boot;
    std::uint64_t number_space = 0;
    bool operator==(const ProcessIdentity&) const = default;
};

// Nothing if there is no such process, or it has ended and only waits to be asked for its status.
std::optional<ProcessIdentity> identify_process(int number);

// The caller's own. Throws Error (kFailure) where the system does not list its processes.
ProcessIdentity identify_self();

// Of the running boot of the machine; "" where the system gives it none.
const std::string& boot_identity();

// What this machine, or this container, calls itself; "" where it does not.
std::string host_name();

// One line, and back; nothing for any other text.
std::string write_process(const ProcessIdentity& process);
std::optional<ProcessIdentity> read_process(std::string_view text);

// kUnknown: it is of another namespace (a container), so that its number says nothing here.
enum class Life { kAlive, kDead, kUnknown };
Life life_of(const ProcessIdentity& process);

// Whether the caller is that process or was started by it, directly or not.
bool descends_from(const ProcessIdentity& process);

// "process 123 (python3)": never its arguments, which may hold a password.
std::string describe_process(int number);

// Processes but our own that were started with `wanted` among the items, separated by ":", of the environment variable
// `name`: ascending. Those of other users are seen by root only.
std::vector<int> find_processes(std::string_view name, std::string_view wanted);

// "a:b" has the items "a" and "b".
bool has_item(std::string_view list, std::string_view wanted);

}  // namespace dbfixture
