// SPDX-License-Identifier: Apache-2.0
// Function pointers that a guest hands to the kernel: signal handlers, thread entries. An index into table 0.
#pragma once

#include <wasm/host.h>
#include <wasm/store.h>

#include <cstdint>
#include <optional>
#include <span>

namespace wali {

class FunctionPointer {
  public:
    // nullopt: there is no such function, or none that can be called with so many arguments; `caller` has trapped.
    static std::optional<FunctionPointer> resolve(wasm::Caller& caller, uint32_t index, size_t arguments);

    // Calls it the way C does, whatever its declared type: it gets as many of `args` as it takes, zeros beyond.
    wasm::HostOutcome call(wasm::Caller& caller, std::span<const uint32_t> args) const;
    wasm::Stop call(wasm::Thread& thread, std::span<const uint32_t> args) const;

  private:
    static constexpr size_t kMaxSlots = 16;
    explicit FunctionPointer(wasm::Func func, size_t params) : func_(func), params_(params) {}
    void spread(std::span<const uint32_t> args, wasm::Slot* slots) const;

    wasm::Func func_;
    size_t params_;
};

}  // namespace wali
