// SPDX-License-Identifier: Apache-2.0
// Builds with -Dpoison=true fill what is given to a guest, or used for it a second time, with a pattern first, and the
// compiler does so with all variables. Where a guest finds the pattern, it could have found something of the runtime's.
#pragma once

#include <cstddef>
#include <cstring>

namespace wasm {

inline constexpr bool kPoison = WASM_POISON != 0;
inline constexpr unsigned char kPoisonByte = 0xAA;  // clang's -ftrivial-auto-var-init=pattern

inline void poison(void* at, size_t bytes) {
    if constexpr (kPoison) std::memset(at, kPoisonByte, bytes);
}

}  // namespace wasm
