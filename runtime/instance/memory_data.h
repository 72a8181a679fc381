// SPDX-License-Identifier: Apache-2.0
// A linear memory (spec §4.2.8): a reservation of address space whose beginning is accessible. Its base never moves.
#pragma once

#include "support/reservation.h"

#include <wasm/fork.h>
#include <wasm/memory.h>
#include <wasm/result.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace wasm {

struct MemoryData {
    MemoryType type;
    Reservation reservation;
    std::atomic<uint64_t> size{0};  // bytes; only grows
    uint64_t max = 0;               // bytes it may grow to
    PageAllocator* allocator = nullptr;
    ForkLock grow_lock{LockRank::Growth};

    std::byte* base() const { return reservation.base(); }
    // Does the reservation make explicit bounds checks unnecessary?
    bool is_guarded() const { return reservation.size() >= kGuardedBytes; }
    std::optional<uint64_t> grow(uint64_t delta_pages);

    // u32 address + u32 offset + the widest access.
    static constexpr uint64_t kGuardedBytes = (uint64_t{1} << 33) + 65536;
};

// Resource or Limit error when the memory cannot be had. `force_checks`: reserve only what the type needs.
Result<std::unique_ptr<MemoryData>> make_memory_data(const MemoryType& type, uint64_t max_bytes, bool force_checks);

}  // namespace wasm
