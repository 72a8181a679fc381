// SPDX-License-Identifier: Apache-2.0
// One call as those who show its arguments see it. Guest memory is read through copies that survive any address; what
// cannot be read is shown as an address.
#pragma once

#include "../kinds.h"
#include "../options.h"

#include <wasm/memory.h>
#include <wasm/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wali::trace {

struct CallView {
    wasm::Memory memory;
    const wasm::Slot* slots = nullptr;  // the arguments; a copy, since the result overwrites them
    uint32_t wide = 0;                  // bit i: argument i is an i64
    bool done = false;                  // the call has ended: what it wrote can be shown
    int64_t result = 0;                 // then
    // Said by an argument about a later one.
    const Command* command = nullptr;
    uint32_t command_slot = 0;
    std::string_view letters;     // of a row of KEYCTL
    std::string_view option_set;  // names of socket options of the level given

    uint64_t number(uint32_t slot) const {
        return (wide >> slot & 1U) != 0 ? slots[slot].u64() : uint64_t{slots[slot].u32()};
    }
    wasm::GuestAddr address(uint32_t slot) const { return wasm::GuestAddr{static_cast<uint32_t>(number(slot))}; }
    bool failed() const { return done && result < 0 && result >= -4095; }
    bool has_written() const { return done && !failed(); }
    // How many of `room` elements the call has written, if its result is their number.
    uint64_t written(uint64_t room) const {
        return has_written() && static_cast<uint64_t>(result) < room ? static_cast<uint64_t>(result) : room;
    }
};

void put_address(std::string& out, uint64_t address);
// "abc\n", in C's notation.
void put_quoted(std::string& out, std::string_view text);
// The beginning of `bytes` bytes, quoted, with … for the rest; the address if they cannot be read.
void put_bytes(std::string& out, const CallView& view, wasm::GuestAddr at, uint64_t bytes);
// A NUL-terminated string.
void put_string(std::string& out, const CallView& view, wasm::GuestAddr at);
// [a, b, c], each by `put(element)`; the address if it cannot be read. No more than the first few.
template <class T, class Put>
void put_array(std::string& out, const CallView& view, wasm::GuestAddr at, uint64_t count, Put put) {
    constexpr uint64_t kMost = 16;
    if (wasm::raw(at) == 0) return put_address(out, 0);
    std::string text = "[";
    for (uint64_t i = 0; i < count; ++i) {
        if (i != 0) text += ", ";
        if (i == kMost) {
            text += "...";
            break;
        }
        const auto element = view.memory.load(wasm::GuestPtr<T>{at} + static_cast<uint32_t>(i));
        if (!element) return put_address(out, wasm::raw(at));
        put(text, *element);
    }
    out += text + "]";
}

}  // namespace wali::trace
