// SPDX-License-Identifier: Apache-2.0
// SIGSEGV and SIGBUS belong to the engine, which finds out-of-bounds accesses with them. An upper room that wants
// those signals for other purposes (a signal sent by kill, a guest's own handler) registers here.
#pragma once

#include <csignal>

namespace wasm {

// Asked about every SIGSEGV and SIGBUS that is not an access to guest memory. Runs in signal context; returns true if
// it has taken care of the signal, false for the default action.
using ForeignSignalHandler = bool (*)(int signal, siginfo_t* info, void* ucontext);
void set_foreign_signal_handler(ForeignSignalHandler handler);

// Whether SIGSEGV or SIGBUS was ignored when the engine took it: a program that is started that way can tell.
bool was_ignored_before(int signal);

}  // namespace wasm
