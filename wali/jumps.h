// SPDX-License-Identifier: Apache-2.0
// setjmp and longjmp. Compilers for WALI leave them to the engine: nothing in Wasm can jump back into a live frame.
#pragma once

#include <wasm/bind.h>

#include <cstdint>

namespace wali {

// setjmp and sigsetjmp must be imported with HostFunc::returns_twice.
wasm::HostResult<int32_t> guest_setjmp(wasm::Caller& caller, wasm::GuestAddr buffer);
wasm::HostResult<int32_t> guest_sigsetjmp(wasm::Caller& caller, wasm::GuestAddr buffer, int32_t save_mask);
wasm::HostOutcome guest_longjmp(wasm::Caller& caller, wasm::GuestAddr buffer, int32_t value);

}  // namespace wali
