// SPDX-License-Identifier: Apache-2.0
// Linear memory as the host sees it: guest addresses as types, and the one bounds check.
#pragma once

#include <wasm/types.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

namespace wasm {

// An offset in linear memory, never a host pointer.
enum class GuestAddr : uint32_t {};
constexpr uint32_t raw(GuestAddr a) { return static_cast<uint32_t>(a); }

template <class T>
concept GuestPod = std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T>;

// Address of one T, or of the first of several. T is the guest's layout, not the host's.
template <class T>
struct GuestPtr {
    GuestAddr at{};
    explicit operator bool() const { return raw(at) != 0; }
    GuestPtr operator+(uint32_t n) const { return {GuestAddr{static_cast<uint32_t>(raw(at) + n * sizeof(T))}}; }
};

template <class T>
struct GuestRange {
    GuestAddr at{};
    uint32_t count = 0;
};

// Told when wasm code executes memory.grow, so that an upper room that manages pages (mmap inside linear
// memory) can keep its books. Called with the memory's lock held, before the new size is published.
class PageAllocator {
  public:
    virtual ~PageAllocator() = default;
    // [old_bytes, new_bytes) is about to become ordinary readable and writable zero pages. Returns false to
    // refuse (memory.grow then yields -1).
    virtual bool allow_grow(uint64_t old_bytes, uint64_t new_bytes) = 0;
};

struct MemoryData;  // the run-time object, in runtime/

// Handle to a memory of a Store: copyable, does not own, valid as long as the Store.
// Thread-safe: size() may be read while other threads grow; bytes may change at any time under a reader, so
// copy first and decide on the copy.
class Memory {
  public:
    Memory() = default;
    explicit Memory(MemoryData* data) : data_(data) {}
    explicit operator bool() const { return data_ != nullptr; }

    std::byte* base() const;
    uint64_t size() const;      // bytes that memory.size covers now
    uint64_t max_size() const;  // bytes it may grow to (declared maximum, or the engine's limit)
    // Bytes from base() that belong to this memory's address-space reservation, including guard pages: no
    // other mapping of the process lies there. 0: the memory is not backed by a reservation big enough to
    // hold any base + u32 + u32, and kernel-checked pointers need an explicit check first.
    uint64_t reserved() const;
    const MemoryType& type() const;

    // memory.grow: returns the old size in pages, or nullopt.
    std::optional<uint64_t> grow(uint64_t pages) const;
    // Makes size() cover at least `bytes` (rounded up to whole pages) without touching protections: for a
    // PageAllocator that has mapped pages itself. Returns false beyond max_size().
    bool extend_to(uint64_t bytes) const;
    void set_page_allocator(PageAllocator* allocator) const;  // not owned; nullptr to remove

    // The bounds check of the code base: host address of [a, a + bytes), or nullptr if it is not inside size().
    std::byte* at(GuestAddr a, uint64_t bytes) const {
        const uint64_t off = raw(a);
        const uint64_t limit = size();
        return bytes <= limit && off <= limit - bytes ? base() + off : nullptr;
    }

    // Copies that survive pages the guest has unmapped or protected: false instead of a host fault.
    bool read(GuestAddr from, void* to, uint64_t bytes) const;
    bool write(GuestAddr to, const void* from, uint64_t bytes) const;

    template <GuestPod T>
    std::optional<T> load(GuestPtr<T> p) const {
        T value;
        if (!read(p.at, &value, sizeof value)) return std::nullopt;
        return value;
    }
    template <GuestPod T>
    bool store(GuestPtr<T> p, const T& value) const {
        return write(p.at, &value, sizeof value);
    }
    // NUL-terminated string, terminator inside memory and within max_bytes; nullopt otherwise.
    std::optional<std::string> load_string(GuestAddr a, uint32_t max_bytes) const;

    MemoryData* data() const { return data_; }

  private:
    MemoryData* data_ = nullptr;
};

}  // namespace wasm
