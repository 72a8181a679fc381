// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "instance/objects.h"

namespace wasm {

// Maps the value stack of a thread and readies its context. False when the system refuses the memory.
bool allocate_stack(ThreadData& thread, uint64_t bytes);

}  // namespace wasm
