// SPDX-License-Identifier: MIT
// Running another program in the foreground, as `env` does, and staying alive beside it.
//
//  1. Whether it can be run is found out first, without running it: find_program(). What only the system can tell is
//     still reported as such when it is started.
//  2. From before the program starts until the caller is done with what follows it, every signal that could end this
//     process is held back: SignalHold. INT and QUIT thereby do nothing here: the terminal gives them to the program,
//     which is in the same process group, once each.
//  3. TERM, HUP, USR1 and USR2, which are sent to this process alone, are passed on; a hang-up that the terminal sent
//  to
//     both is not. Stopping (Ctrl-Z) stays as it is: the terminal stops both.
//  4. The program starts with the signals as this process was started with: what was ignored is ignored, the rest is as
//     by default, and nothing is held back.
#pragma once

#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace dbfixture {

// What main() ignores for itself, as it was before.
struct InheritedSignals {
    bool pipe_ignored = false;       // SIGPIPE
    bool file_size_ignored = false;  // SIGXFSZ
};

// Status 127 where there is no such program, 126 where it cannot be run.
class CannotRun : public Error {
  public:
    CannotRun(int status, const std::string& name, const std::string& reason);
    int status;
};

// The path of the program that `name` means: itself if it has a slash, else the first in $PATH. Throws CannotRun, also
// for a script whose interpreter cannot be run.
std::string find_program(const std::string& name);

// Rule 2. A signal that came before (interrupt.h) is put by until the end of it, too.
class SignalHold {
  public:
    SignalHold();
    SignalHold(const SignalHold&) = delete;
    SignalHold& operator=(const SignalHold&) = delete;
    ~SignalHold();
    const sigset_t& before() const { return before_; }
    // Throws kInterrupted if one has come.
    void check();

  private:
    sigset_t before_ = {};
    int came_ = 0;
};

struct ChildRequest {
    std::string program;                                           // of find_program()
    std::vector<std::string> words;                                // its name as typed, and its arguments
    std::vector<std::pair<std::string, std::string>> environment;  // added to ours, or in place of it
    std::vector<int> descriptors;  // further ones that it inherits, under the same numbers
    bool output_to_stderr = false;
    InheritedSignals inherited;
};

// Runs it to its end. The status that a shell would give it: 128 and the signal's number if it was killed. Throws
// CannotRun, kInterrupted for a signal that came before it was started, kFailure.
int run_child(const ChildRequest& request, SignalHold& hold);

}  // namespace dbfixture
