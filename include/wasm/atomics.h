// SPDX-License-Identifier: Apache-2.0
// Atomic accesses at addresses that are no multiple of their size: the specification says that they trap.
#pragma once

#include <wasm/store.h>

namespace wasm {

// From now on they are made in this store, as x86 makes them; null: in none. Process-wide, as the trap handler is: no
// two stores do so at a time. Before running. Changes are atomic, also over the end of a cache line or page; a load
// over such an end is not. Other machines make changes one after the other, but not beside those that are aligned.
// Waiting and notifying always trap.
void perform_unaligned_atomics(const Store* store);

}  // namespace wasm
