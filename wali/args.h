// SPDX-License-Identifier: Apache-2.0
// The raw arguments of one syscall, read in place from the caller's slots. Modules of several generations declare the
// same argument as i32 or as i64; here, and nowhere else, both are understood.
#pragma once

#include "fd_guard.h"

#include <wasm/memory.h>
#include <wasm/types.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace wali {

// An address at which nothing is ever mapped, given to the kernel in place of one that must not be used: it reports
// EFAULT itself, in its own order of checks.
inline std::byte* bad_pointer() {
    constexpr std::uintptr_t kBelowEverything = 4096;
    return reinterpret_cast<std::byte*>(kBelowEverything);  // NOLINT(performance-no-int-to-ptr): nobody follows it
}
// As well aligned as the guest's.
inline std::byte* bad_pointer(wasm::GuestAddr at) { return bad_pointer() + wasm::raw(at) % 64; }

// Looking ourselves at what was decoded for the kernel alone.
struct KernelPointers {
    wasm::Memory memory;

    template <class T>
    std::optional<T> load(long pointer) const {
        T value;
        if (!reaches(pointer) || !memory.read(address(pointer), &value, sizeof value)) return std::nullopt;
        return value;
    }
    bool write(long pointer, const void* from, uint64_t bytes) const {
        return reaches(pointer) && memory.write(address(pointer), from, bytes);
    }

  private:
    uint64_t offset(long pointer) const {
        return static_cast<uint64_t>(pointer) - reinterpret_cast<std::uintptr_t>(memory.base());
    }
    bool reaches(long pointer) const { return offset(pointer) <= UINT32_MAX; }
    wasm::GuestAddr address(long pointer) const { return wasm::GuestAddr{static_cast<uint32_t>(offset(pointer))}; }
};

class Args {
  public:
    // Bit i of `wide`: the module declares argument i as i64.
    Args(const wasm::Slot* slots, uint32_t wide, wasm::Memory memory, const FdGuard& fds)
        : slots_(slots), wide_(wide), memory_(memory), fds_(fds), unchecked_(memory.reserved() != 0) {}

    // An argument is no address at all: the call answers EFAULT and is not made.
    bool faulted() const { return fault_; }

    int32_t i32() { return slots_[next_++].i32(); }
    int64_t i64() {
        const bool wide = is_wide();
        const wasm::Slot s = slots_[next_++];
        return wide ? s.i64() : s.i32();
    }
    uint64_t u64() {
        const bool wide = is_wide();
        const wasm::Slot s = slots_[next_++];
        return wide ? s.u64() : s.u32();
    }
    // A length that does not fit is as good as the longest: no guest buffer is longer than its memory.
    uint32_t size() {
        const uint64_t n = u64();
        return n > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(n);
    }
    wasm::GuestAddr address() {
        const uint64_t a = u64();
        if (a > UINT32_MAX) fault_ = true;
        return wasm::GuestAddr{static_cast<uint32_t>(a)};
    }
    int32_t fd() {
        const int32_t fd = i32();
        return fds_.owns(fd) ? -1 : fd;
    }

    // Host addresses for the kernel alone. With a reservation that no base + u32 + u32 can leave, the kernel finds
    // every fault itself; without one, the checks are here. Guest 0 is NULL.
    // How much of a buffer that the kernel fills, as far as it has to, may be offered to it.
    uint64_t kernel_room(wasm::GuestAddr at, uint64_t bytes) const {
        if (unchecked_) [[likely]]
            return bytes;
        const uint64_t limit = memory_.size();
        return wasm::raw(at) < limit ? std::min(bytes, limit - wasm::raw(at)) : bytes;
    }
    std::byte* kernel_pointer(uint64_t bytes) { return kernel_range(address(), bytes, 1); }
    std::byte* kernel_range(wasm::GuestAddr at, uint64_t count, uint64_t element_bytes) {
        if (wasm::raw(at) == 0) return nullptr;
        if (unchecked_) [[likely]]
            return memory_.base() + wasm::raw(at);
        return checked_range(at, count, element_bytes);
    }
    const char* kernel_string(wasm::GuestAddr at) {
        if (wasm::raw(at) == 0) return nullptr;
        if (unchecked_) [[likely]]
            return reinterpret_cast<const char*>(memory_.base() + wasm::raw(at));
        return checked_string(at);
    }

  private:
    bool is_wide() const { return (wide_ >> next_ & 1U) != 0; }
    std::byte* checked_range(wasm::GuestAddr at, uint64_t count, uint64_t element_bytes);
    const char* checked_string(wasm::GuestAddr at);

    const wasm::Slot* slots_;
    uint32_t wide_;
    uint32_t next_ = 0;
    wasm::Memory memory_;
    const FdGuard& fds_;
    bool unchecked_;
    bool fault_ = false;
    std::unique_ptr<std::list<std::string>> copies_;  // strings checked by copying
};

}  // namespace wali
