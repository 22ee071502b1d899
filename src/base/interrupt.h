// SPDX-License-Identifier: MIT
// SIGINT, SIGTERM and SIGHUP set a flag; long work asks for it and unwinds, so every destructor rolls back and cleans
// up.
#pragma once

#include "base/error.h"

namespace dbfixture {

// Installs the handlers once, in main. A second signal of the same kind, if it comes more than 200 ms after the first,
// ends the process at once in the default way.
void catch_interrupts();

// 0, or the number of the signal that came. Cheap enough for every batch of rows.
int pending_interrupt() noexcept;

// Throws Error(kInterrupted) once a signal has come; the exit status is 128 + pending_interrupt().
void check_interrupt();
Error interrupt_error(int number);

// While one lives, no signal interrupts: for who undoes what was begun. What came counts afterwards; a second signal of
// the same kind ends the process all the same.
class HoldInterrupts {
  public:
    HoldInterrupts() noexcept;
    HoldInterrupts(const HoldInterrupts&) = delete;
    HoldInterrupts& operator=(const HoldInterrupts&) = delete;
    ~HoldInterrupts();
};

// For who has something to finish first: the signal that came, which is forgotten until it is put back; 0 for none.
int take_interrupt() noexcept;
void put_interrupt_back(int number) noexcept;

}  // namespace dbfixture
