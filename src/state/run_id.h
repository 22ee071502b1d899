// SPDX-License-Identifier: MIT
// What a run goes by. Every process of a run has the name in its environment; one of a run within a run has both, the
// inner one last.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dbfixture {

constexpr std::string_view kRunVariable = "DBFIXTURE_RUN";

std::string new_run_id();
bool is_run_id(std::string_view text);

// Whether this process belongs to that run.
bool belongs_to_run(std::string_view id);

// What the environment of the run's command says: those that this process belongs to, and `id`.
std::string run_variable(std::string_view id);

// Those that still belong to the run, our own process left out: "process 123 (python3)".
std::vector<std::string> processes_of_run(std::string_view id);

}  // namespace dbfixture
