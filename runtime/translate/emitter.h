// SPDX-License-Identifier: Apache-2.0
// The growing code of one function: appends instructions and their fields, patches fields.
#pragma once

#include "isa/code_ops.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace wasm {

class Emitter {
  public:
    void reserve(size_t bytes) {
        auto larger = std::make_unique_for_overwrite<uint8_t[]>(bytes);
        std::copy_n(bytes_.get(), size_, larger.get());
        bytes_ = std::move(larger);
        capacity_ = bytes;
    }
    uint32_t here() const { return static_cast<uint32_t>(size_); }

    // Begins an instruction, whose handler may be set later; returns its offset. Fields follow.
    uint32_t begin(HandlerBits handler = 0) {
        const uint32_t at = here();
        append(handler);
        return at;
    }
    void u16(uint32_t value) { append(static_cast<uint16_t>(value)); }
    void i32(int64_t value) { append(static_cast<int32_t>(value)); }
    void u64(uint64_t value) { append(value); }
    // An operand that is not immediate.
    void operand(Loc l, uint32_t slot) {
        if (layout::width(l, 0) != 0) u16(slot);
    }

    void set_handler(uint32_t at, HandlerBits handler) { put(at, handler); }
    void set_u16(uint32_t at, uint32_t value) { put(at, static_cast<uint16_t>(value)); }
    void set_i32(uint32_t at, int64_t value) { put(at, static_cast<int32_t>(value)); }
    // Makes room for a slot number at `at`, inside of what is there.
    void insert_u16(uint32_t at, uint32_t value) {
        u16(0);
        std::memmove(bytes_.get() + at + 2, bytes_.get() + at, size_ - at - 2);
        set_u16(at, value);
    }
    // Removes everything from `at` on: an instruction that turned out to be part of the next.
    void truncate(uint32_t at) { size_ = at; }

    std::span<const uint8_t> bytes() const { return {bytes_.get(), size_}; }

  private:
    template <class T>
    void put(uint32_t at, T value) {
        std::memcpy(bytes_.get() + at, &value, sizeof value);
    }
    template <class T>
    void append(T value) {
        if (capacity_ - size_ < sizeof value) reserve(std::max<size_t>(2 * capacity_, 256));
        std::memcpy(bytes_.get() + size_, &value, sizeof value);
        size_ += sizeof value;
    }
    std::unique_ptr<uint8_t[]> bytes_;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

}  // namespace wasm
