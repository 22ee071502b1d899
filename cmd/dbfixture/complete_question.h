// SPDX-License-Identifier: MIT
// From a command line that is being typed to what is asked for, by the usage lines and options that parse it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "commands.h"

namespace dbfixture {

struct CompletionQuestion {
    const Command* command = nullptr;  // nullptr before it is named
    // What a usage line or an option calls what stands here: "LABEL", "FILE", "json|yaml"; kOptions for the name of an
    // option; kProgram for another program's words; "" where nothing is known.
    std::string what;
    std::string before;                                       // stays in front of what may follow: "--format="
    std::string begun;                                        // what it begins with
    std::vector<std::string> arguments;                       // that stand before, without options
    std::map<std::string, std::vector<std::string>> options;  // those before that have a value, by their last name

    static constexpr auto kOptions = "-";
    static constexpr auto kProgram = "--";

    // The last value of an option; "" if it is not given.
    std::string value_of(const std::string& option) const;
};

// Never throws for what was typed.
CompletionQuestion read_question(const std::vector<std::string>& words);

}  // namespace dbfixture
