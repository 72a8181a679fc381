// SPDX-License-Identifier: Apache-2.0
// SIGSEGV and SIGBUS belong to the engine, which finds out-of-bounds accesses with them. An upper room that wants
// those signals for other purposes (a signal sent by kill), or to let a guest handle its own traps, registers here.
#pragma once

#include <wasm/host.h>
#include <wasm/trap.h>

#include <csignal>
#include <cstdint>

namespace wasm {

// Asked about every SIGSEGV and SIGBUS that is not an access to guest memory. Runs in signal context; returns true if
// it has taken care of the signal, false for the default action.
using ForeignSignalHandler = bool (*)(int signal, siginfo_t* info, void* ucontext);
void set_foreign_signal_handler(ForeignSignalHandler handler);

enum class TrapOutcome : uint8_t {
    Trap,   // it stays one
    Again,  // the instruction again; only for an access to memory, anything else stays a trap
    Stop,   // what the Caller was told instead (a jump to a setjmp goes on there)
};
// Asked about every trap while the activations that led to it are still there; about an access to memory in signal
// context, but where whatever is allowed in a host function is. It may add to the trap's detail what it knows.
// Process-wide; null: nobody is asked.
using TrapHandler = TrapOutcome (*)(Caller& caller, Trap& trap);
void set_trap_handler(TrapHandler handler);

// Whether SIGSEGV or SIGBUS was ignored when the engine took it: a program that is started that way can tell.
bool was_ignored_before(int signal);

}  // namespace wasm
