// SPDX-License-Identifier: Apache-2.0
// Hardware faults on guest memory: copies that fail instead of faulting, and the handler of SIGSEGV and SIGBUS.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>

namespace wasm {

// memcpy that returns false where a page is not accessible; bytes before it may have been copied.
bool guarded_copy(void* to, const void* from, size_t bytes);

// What to do with a fault at `address` in guest memory outside guarded copies: does not return if it was in wasm code.
// pc_register and fp_register are the machine registers that hold the interpreter's pc and frame in the tail backend.
using GuestFault = void (*)(int signal,
                            const std::byte* memory_base,
                            const void* address,
                            uint64_t pc_register,
                            uint64_t fp_register,
                            const sigset_t& mask);

// Makes ours the process-wide handler of SIGSEGV and SIGBUS. Thread-safe.
void install_fault_handler(GuestFault on_guest_fault);

}  // namespace wasm
