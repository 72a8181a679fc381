// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "instance/objects.h"

namespace wasm {

// From now on, faults in guest memory are traps.
void handle_guest_faults();

// Gives a thread its value stack, one of a thread that has ended if there is one, and readies its context. Below it lie
// that many globals of the thread's own, not yet initialised. False when the system refuses the memory.
bool allocate_stack(ThreadData& thread, uint64_t bytes, size_t globals = 0);

// Stacks that are kept for later threads. Before fork, which would copy what is known of them, each time anew.
void give_back_kept_stacks();

// What fault_pc is while the instruction at pc is inside a library call, and that instruction again. Instructions are
// at even addresses.
inline const uint8_t* in_library_call(const uint8_t* pc) { return pc + 1; }
inline bool is_in_library_call(const uint8_t* fault_pc) { return (reinterpret_cast<uintptr_t>(fault_pc) & 1) != 0; }
inline const uint8_t* instruction_of(const uint8_t* fault_pc) {
    return fault_pc - (is_in_library_call(fault_pc) ? 1 : 0);
}

// Asked about a fault in guest memory, which the context's `fault` tells of, before anything is given up.
enum class FaultEnd : uint8_t {
    Again,    // the machine instruction shall be made again
    Settled,  // the context says how it goes on instead
    Open,     // it becomes a trap
};
using FaultSettler = FaultEnd (*)(ExecContext& ctx, uint64_t machine_pc);
void set_fault_settler(FaultSettler settler);  // null: nobody is asked
// With which of these values a faulting entry is jumped out of.
inline constexpr int kFaultNoted = 1, kFaultSettled = 2;

}  // namespace wasm
