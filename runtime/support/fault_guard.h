// SPDX-License-Identifier: Apache-2.0
// Hardware faults on guest memory: copies that fail instead of faulting, and the handler of SIGSEGV and SIGBUS.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>

namespace wasm {

// memcpy that returns false where a page is not accessible; bytes before it may have been copied.
bool guarded_copy(void* to, const void* from, size_t bytes);

// A fault at `address` in guest memory outside guarded copies.
struct GuestFault {
    int signal;
    const std::byte* memory_base;
    const void* address;
    uint64_t machine_pc;  // the instruction
    // What the machine registers hold that are the interpreter's pc and frame in the tail backend.
    uint64_t pc_register;
    uint64_t fp_register;
};
// What to do with it: does not return if it was in wasm code, or true if the instruction shall be made again. Called
// with the signal mask of the code that was interrupted.
using OnGuestFault = bool (*)(const GuestFault& fault);

// Makes ours the process-wide handler of SIGSEGV and SIGBUS. Thread-safe.
void install_fault_handler(OnGuestFault on_guest_fault);

}  // namespace wasm
