// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "instance/objects.h"

namespace wasm {

// From now on, faults in guest memory are traps.
void handle_guest_faults();

// Gives a thread its value stack, one of a thread that has ended if there is one, and readies its context. False when
// the system refuses the memory.
bool allocate_stack(ThreadData& thread, uint64_t bytes);

// Around fork: stacks that are kept for later threads.
void lock_kept_stacks();
void unlock_kept_stacks();

}  // namespace wasm
