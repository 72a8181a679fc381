// SPDX-License-Identifier: Apache-2.0
// Handlers by their place in a table. There is no table of addresses: it would have to be relocated whenever a program
// starts, and each process would have its own half a megabyte of it. Addresses are made by code, when translation first
// needs them, and remembered as distances.
#pragma once

#include "execute/dispatch.h"

#include <array>
#include <atomic>
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
            const Handler h = pick<0, Entries::kSize>(i);
            distance = h == nullptr ? kNone : static_cast<uint32_t>(handler_bits(h) - anchor());
            distances[i].store(distance, std::memory_order_relaxed);
        }
        return distance == kNone ? 0 : anchor() + static_cast<uint64_t>(int64_t{static_cast<int32_t>(distance)});
    }

  private:
    // No distance between functions is as small as these.
    static constexpr uint32_t kUnknown = 0, kNone = 1;
    static HandlerBits anchor() { return handler_bits(&interrupt_cold); }

    static constexpr size_t kChunk = 128;
    template <size_t kFirst, size_t kEnd>
    static Handler pick(size_t i) {
        if constexpr (kEnd - kFirst <= kChunk) {
            return pick_from<kFirst>(i - kFirst, std::make_index_sequence<kEnd - kFirst>());
        } else {
            constexpr size_t kChunks = (kEnd - kFirst + kChunk - 1) / kChunk;
            constexpr size_t kMiddle = kFirst + kChunks / 2 * kChunk;
            return i < kMiddle ? pick<kFirst, kMiddle>(i) : pick<kMiddle, kEnd>(i);
        }
    }
    template <size_t kFirst, size_t... I>
    [[gnu::noinline, gnu::cold]] static Handler pick_from(size_t i, std::index_sequence<I...>) {
        Handler chunk[sizeof...(I)] = {};
        (put<Entries::template at<kFirst + I>()>(chunk[I]), ...);
        return chunk[i];
    }
    template <Handler kHandler>
    WASM_INLINE static void put(volatile Handler& entry) {
        // volatile: else compilers make a table of it again.
        if constexpr (kHandler != nullptr) entry = kHandler;
    }
};

}  // namespace wasm
