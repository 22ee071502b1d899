// SPDX-License-Identifier: MIT
// What commands declare their options with. All values are text to CLI11 and are checked here, so that every mistake is
// reported as our own Error. A scalar option that is given twice takes the last value.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace dbfixture {

struct GlobalOptions {
    std::optional<std::string> database;
    std::string config;
    std::string env_file;
    int verbosity = 1;
    bool quiet = false;
    bool json = false;
    bool no_color = false;
    std::string progress = "auto";
    std::optional<int> busy_timeout_ms;
    bool help = false;
    bool version = false;
};

void add_global_options(CLI::App& app, GlobalOptions& options);

// `names` as CLI11 takes them: "-o,--output". `value` is what help calls the value: "FILE". `help` is a short sentence
// without capital and full stop. The target must outlive parsing.
void add_flag(CLI::App& app, const std::string& names, bool& target, const std::string& help);
// --drop-triggers, of every command that writes rows.
void add_drop_triggers_option(CLI::App& app, bool& target);
void add_text(CLI::App& app, const std::string& names, std::string& target, const std::string& value,
              const std::string& help);
void add_text(CLI::App& app, const std::string& names, std::optional<std::string>& target, const std::string& value,
              const std::string& help);
// May be given several times.
void add_list(CLI::App& app, const std::string& names, std::vector<std::string>& target, const std::string& value,
              const std::string& help);

// A flag that may be given a value with "=", and several times; without one the value is "".
void add_optional_list(CLI::App& app, const std::string& names, std::vector<std::string>& target,
                       const std::string& value, const std::string& help);

struct NumberRange {
    int least;
    int most;
};
void add_number(CLI::App& app, const std::string& names, int& target, NumberRange range, const std::string& value,
                const std::string& help);
void add_number(CLI::App& app, const std::string& names, std::optional<int>& target, NumberRange range,
                const std::string& value, const std::string& help);
void add_choice(CLI::App& app, const std::string& names, std::string& target, const std::vector<std::string>& choices,
                const std::string& help);

// Text below the options in the command's help: examples, notes.
void add_help_text(CLI::App& app, const std::string& text);

}  // namespace dbfixture
