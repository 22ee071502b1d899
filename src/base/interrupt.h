// SPDX-License-Identifier: MIT
// SIGINT, SIGTERM and SIGHUP set a flag; long work asks for it and unwinds, so every destructor rolls back and cleans
// up.
#pragma once

namespace dbfixture {

// Installs the handlers once, in main. A second signal ends the process at once in the default way.
void catch_interrupts();

// 0, or the number of the signal that came. Cheap enough for every batch of rows.
int pending_interrupt() noexcept;

// Throws Error(kInterrupted) once a signal has come; the exit status is 128 + pending_interrupt().
void check_interrupt();

}  // namespace dbfixture
