// SPDX-License-Identifier: Apache-2.0
// Counting for <wasm/dispatch_stats.h>. In builds that do not count nothing here is called.
#pragma once

#include <cstdint>

namespace wasm {

inline constexpr bool kDispatchStats = WASM_DISPATCH_STATS;

void count_dispatch(uint64_t handler);
void count_translation(uint32_t function, uint64_t wasm_bytes, uint64_t code_bytes);

}  // namespace wasm
