// SPDX-License-Identifier: Apache-2.0
// Atomic accesses at addresses that are no multiple of their size, made as x86 makes them: a change is atomic over the
// end of a cache line or page, too; a load over such an end is not. On other machines changes are atomic among
// themselves, but not beside aligned accesses. An access that faults does so where no lock is held, and may be made
// again.
#pragma once

#include <cstddef>

namespace wasm {

// 2, 4 or 8 bytes.
void read_unaligned(void* to, const void* at, size_t bytes);
// True: `now` has replaced `old`. False: something else was there, and `old` becomes that.
bool replace_unaligned(void* at, void* old, const void* now, size_t bytes);

}  // namespace wasm
