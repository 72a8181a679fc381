// SPDX-License-Identifier: Apache-2.0
// Handlers by their place in a table. There is no table of addresses: it would have to be relocated whenever a program
// starts, and each process would have its own 370 KB of it. Addresses are made by code, when translation first
// needs them, and remembered as distances.
#pragma once

#include "execute/dispatch.h"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace wasm {

// Entries::kSize handlers, Entries::at<i>() (null: there is no such). Any thread.
template <class Entries>
class Handlers {
  public:
    static HandlerBits find(size_t i) {
        static constinit std::array<std::atomic<uint32_t>, Entries::kSize> distances{};
        uint32_t distance = distances[i].load(std::memory_order_relaxed);
        if (distance == kUnknown) [[unlikely]] {
            const uint64_t picked = pick<0, Entries::kSize>(i);
            distance = picked == 0 ? kNone : static_cast<uint32_t>(picked - anchor());
            distances[i].store(distance, std::memory_order_relaxed);
        }
        return distance == kNone ? 0 : anchor() + static_cast<uint64_t>(int64_t{static_cast<int32_t>(distance)});
    }

  private:
    // No distance between functions is as small as these.
    static constexpr uint32_t kUnknown = 0, kNone = 1;
    static HandlerBits anchor() { return handler_bits(&interrupt_cold); }

    static constexpr size_t kChunk = 64;
    // The lower half of the address of entry i, and kExists; or 0.
    static constexpr uint64_t kExists = uint64_t{1} << 32;
    template <size_t kFirst, size_t kEnd>
    static uint64_t pick(size_t i) {
        if constexpr (kEnd - kFirst <= kChunk) {
            return pick_from<kFirst>(i - kFirst, std::make_index_sequence<kEnd - kFirst>());
        } else {
            constexpr size_t kChunks = (kEnd - kFirst + kChunk - 1) / kChunk;
            constexpr size_t kMiddle = kFirst + kChunks / 2 * kChunk;
            return i < kMiddle ? pick<kFirst, kMiddle>(i) : pick<kMiddle, kEnd>(i);
        }
    }
    // Which entries of a chunk exist.
    template <size_t kFirst, size_t... I>
    static constexpr uint64_t existing() {
        const Handler all[] = {Entries::template at<kFirst + I>()...};
        uint64_t bits = 0;
        for (size_t i = 0; i < sizeof...(I); ++i) bits |= uint64_t{all[i] != nullptr} << i;
        return bits;
    }
    static constexpr size_t rank(uint64_t bits, size_t i) {
        return static_cast<size_t>(std::popcount(bits & ((uint64_t{1} << i) - 1)));
    }
    template <size_t kFirst, size_t... I>
    [[gnu::noinline, gnu::cold]] static uint64_t pick_from(size_t i, std::index_sequence<I...>) {
        constexpr uint64_t kExisting = existing<kFirst, I...>();
        if constexpr (kExisting == 0) {
            return 0;
        } else {
            if ((kExisting >> i & 1) == 0) return 0;
            // volatile: else compilers make a table of it again.
            volatile uint32_t halves[std::popcount(kExisting)];
            (write<Entries::template at<kFirst + I>()>(halves, rank(kExisting, I)), ...);
            return kExists | halves[rank(kExisting, i)];
        }
    }
    template <Handler kHandler>
    WASM_INLINE static void write(volatile uint32_t* halves, size_t at) {
        if constexpr (kHandler != nullptr) halves[at] = static_cast<uint32_t>(handler_bits(kHandler));
    }
};

}  // namespace wasm
