// SPDX-License-Identifier: Apache-2.0
// Structures that grow with the kernel: the caller says how long its own is. The kernel takes a longer one than it
// knows if the rest is zero, up to a page, so a structure is copied as a whole, judged, and the copy is what the kernel
// gets.
#pragma once

#include "dispatch.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace wali {

class Extensible {
  public:
    static constexpr uint32_t kMost = 4096;  // the kernel refuses more before it looks at any

    Extensible(const Call& call, wasm::GuestAddr at, uint32_t bytes) : bytes_(bytes) {
        readable_ = wasm::raw(at) != 0 && bytes <= kMost && call.memory.read(at, copy_.data(), bytes);
    }
    // One that begins with its own length.
    static Extensible sized(const Call& call, wasm::GuestAddr at) {
        const auto size = call.load(wasm::GuestPtr<uint32_t>{at});
        if (!size) return Extensible(call, {}, 0);
        Extensible whole(call, at, std::clamp<uint32_t>(*size, sizeof *size, kMost));
        std::memcpy(whole.copy_.data(), &*size, sizeof *size);  // the length that counted
        return whole;
    }

    // Its beginning, if the whole can be read and is at least that long.
    template <class T>
    T* as() {
        return readable_ && bytes_ >= sizeof(T) ? reinterpret_cast<T*>(copy_.data()) : nullptr;
    }
    // The same, where shorter ones are known too: what is missing is zero.
    template <class T>
    T begin() const {
        T value{};
        std::memcpy(&value, copy_.data(), sizeof value);
        return value;
    }
    bool is_readable() const { return readable_; }
    bool is_zero_from(size_t offset) const {
        return std::all_of(copy_.begin() + static_cast<ptrdiff_t>(offset), copy_.end(),
                           [](std::byte b) { return b == std::byte{0}; });
    }
    std::byte* kernel() { return readable_ ? copy_.data() : bad_pointer(); }

  private:
    alignas(8) std::array<std::byte, kMost> copy_{};
    uint32_t bytes_;
    bool readable_;
};

}  // namespace wali
