// SPDX-License-Identifier: Apache-2.0
// Faults of the guest's own instructions: the signal that a processor would raise, and its handler in the guest.
#pragma once

#include <wasm/fault.h>
#include <wasm/trap.h>

namespace wali {

// The engine's trap handler.
wasm::TrapOutcome on_guest_trap(wasm::Caller& caller, wasm::Trap& trap);

}  // namespace wali
