// SPDX-License-Identifier: Apache-2.0
// The growing code of one function: appends instructions, patches operands.
#pragma once

#include "isa/code_ops.h"

#include <cstdint>
#include <cstring>
#include <vector>

namespace wasm {

class Emitter {
  public:
    void reserve(size_t bytes) { code_.reserve(bytes); }
    uint32_t here() const { return static_cast<uint32_t>(code_.size()); }

    // Appends an instruction of `size` bytes, operands zero; returns its offset.
    uint32_t emit(HandlerBits handler, uint32_t size) {
        const uint32_t at = here();
        code_.resize(at + size);
        put(at, handler);
        return at;
    }
    void set_handler(uint32_t at, HandlerBits handler) { put(at, handler); }
    void u16(uint32_t at, uint32_t field, uint32_t value) { put(at + field, static_cast<uint16_t>(value)); }
    void i32(uint32_t at, uint32_t field, int64_t value) { put(at + field, static_cast<int32_t>(value)); }
    void u64(uint32_t at, uint32_t field, uint64_t value) { put(at + field, value); }
    // Makes the last instruction longer.
    void extend(uint32_t bytes) { code_.resize(code_.size() + bytes); }
    // Removes everything from `at` on: an instruction that turned out to be part of the next.
    void truncate(uint32_t at) { code_.resize(at); }

    const std::vector<uint8_t>& bytes() const { return code_; }

  private:
    template <class T>
    void put(uint32_t at, T value) {
        std::memcpy(code_.data() + at, &value, sizeof value);
    }
    std::vector<uint8_t> code_;
};

}  // namespace wasm
