// SPDX-License-Identifier: Apache-2.0
// memory.atomic.wait and notify (threads proposal).
#pragma once

#include "instance/exec_context.h"

#include <cstdint>

namespace wasm {

enum class WaitEnd : uint8_t { Woken, NotEqual, TimedOut, Interrupted, Fault };

// Waits while the `bytes` at `at` equal `expected`. timeout in nanoseconds, negative: forever; on Interrupted it is
// what remains.
WaitEnd wait(ExecContext& ctx, const void* at, const void* expected, uint32_t bytes, int64_t& timeout);
// Wakes up to `count` waiters of `at`, oldest first; returns how many.
uint32_t notify(const void* at, uint32_t count);

// In the child of a fork.
void forget_waiters();

}  // namespace wasm
