// SPDX-License-Identifier: Apache-2.0
// Handlers by their place in a table.
#pragma once

#include "execute/dispatch.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace wasm {

// Entries::kSize handlers, Entries::at<i>() (null: there is no such). Any thread.
template <class Entries>
class Handlers {
  public:
    static HandlerBits find(size_t i) {
        if constexpr (kAssembledTables) {
            const int32_t* const all = distances();
            return all[i] == 0 ? 0 : reinterpret_cast<HandlerBits>(all) + static_cast<HandlerBits>(int64_t{all[i]});
        } else {
            static constexpr auto kAll = addresses(std::make_index_sequence<Entries::kSize>());
            return handler_bits(kAll[i]);
        }
    }

  private:
    template <size_t... I>
    static constexpr std::array<Handler, sizeof...(I)> addresses(std::index_sequence<I...>) {
        return {Entries::template at<I>()...};
    }

    // Not inlined: there would be as many tables.
    [[gnu::noinline]] static const int32_t* distances() {
        const int32_t* all;
        WASM_TABLE_BEGIN;
        write<0, Entries::kSize>();
        WASM_TABLE_END(all);
        return all;
    }
    // Compilers limit the length of fold expressions.
    template <size_t kFirst, size_t kEnd>
    WASM_INLINE static void write() {
        if constexpr (kEnd - kFirst == 1) {
            write_entry<Entries::template at<kFirst>()>();
        } else {
            write<kFirst, (kFirst + kEnd) / 2>();
            write<(kFirst + kEnd) / 2, kEnd>();
        }
    }
    template <Handler kHandler>
    WASM_INLINE static void write_entry() {
        if constexpr (kHandler == nullptr)
            WASM_TABLE_NO_ENTRY;
        else
            WASM_TABLE_ENTRY(kHandler);
    }
};

}  // namespace wasm
