// SPDX-License-Identifier: Apache-2.0
// A range of address space that belongs to one linear memory. Inaccessible until committed; private to the process
// (a fork copies it). Live reservations are listed so that a fault handler can tell guest memory from anything else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace wasm {

class Reservation {
  public:
    Reservation() = default;
    Reservation(Reservation&& other) noexcept;
    Reservation& operator=(Reservation&& other) noexcept;
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    ~Reservation();

    // nullopt when the system refuses.
    static std::optional<Reservation> make(uint64_t bytes);
    std::byte* base() const { return base_; }
    uint64_t size() const { return size_; }
    // Makes [begin, end) readable and writable zero pages.
    bool commit(uint64_t begin, uint64_t end) const;

  private:
    std::byte* base_ = nullptr;
    uint64_t size_ = 0;
    int32_t entry_ = -1;  // in the list of live reservations
};

// The reservation that holds `address`: its base, or nullptr. Async-signal-safe.
const std::byte* reservation_of(const void* address);

}  // namespace wasm
