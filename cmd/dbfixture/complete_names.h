// SPDX-License-Identifier: MIT
// The names that a word of usage lines stands for: tables, fixtures, snapshots ...
#pragma once

#include <string>
#include <vector>

#include "complete_question.h"

namespace dbfixture {

class Session;

struct CompletionName {
    std::string name;
    std::string about{};  // a few words; "" where there is nothing to say
};

struct CompletionNames {
    std::vector<CompletionName> names;
    std::string more{};  // what the shell is to add: "files", "folders", "command"
};

// Names that do not begin with what was typed may be among them. What cannot be found out is left out.
CompletionNames names_for(const CompletionQuestion& question, Session& session);

}  // namespace dbfixture
