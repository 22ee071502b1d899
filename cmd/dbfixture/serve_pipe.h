// SPDX-License-Identifier: MIT
// The lines that serve reads, and the answers that it writes.
//
// While it lives, the process's standard input is at its end and its standard output takes nothing, so that no command
// reads the lines that follow it (`loaddata /dev/stdin`) or writes between the answers.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace dbfixture {

class ServePipe {
  public:
    ServePipe();
    ServePipe(const ServePipe&) = delete;
    ServePipe& operator=(const ServePipe&) = delete;
    ~ServePipe();

    struct Line {
        std::string text;  // without its end
        bool too_long = false;
    };
    // False at the end of the input, and once a signal has come (base/interrupt.h). The last line needs no end. Runs
    // `idle`, once, where nothing comes for so long.
    bool read(Line& line, int idle_ms, const std::function<void()>& idle);

    // Throws ClosedPipe, or Error(kFailure).
    void write(std::string_view answer);

  private:
    bool fill(int idle_ms, const std::function<void()>& idle);

    int in_, out_;
    std::string buffer_;
};

}  // namespace dbfixture
