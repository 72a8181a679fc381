// SPDX-License-Identifier: Apache-2.0
// What all WASI calls share: the state of one guest, and guest memory with WASI's answer to a bad address.
#pragma once

#include "../shim.h"
#include "fd_table.h"
#include "wasi_errno.h"

#include <wasm/host.h>
#include <wasm/memory.h>

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace shims::wasi {

struct Context;

// A function this build does not provide: links, answers NOTSUP, says so in the log.
struct AbsentCall {
    std::string_view name;
    Context* context = nullptr;
};

struct Context final : State {
    std::vector<std::string> args;
    std::vector<std::string> environment;
    FdTable fds;
    decltype(Setup::log) log = nullptr;
    std::deque<AbsentCall> absent;  // pointed to by the functions made of them
};

// Memory 0 of the calling instance. All accesses of WASI calls go through it; a module without a memory has no
// valid address.
class Guest {
  public:
    explicit Guest(wasm::Caller& caller) : memory_(caller.memory()) {}

    // Where only the kernel reads or writes; it answers EFAULT for pages that are not there.
    std::byte* at(uint32_t address, uint64_t bytes) const {
        return memory_ ? memory_.at(wasm::GuestAddr{address}, bytes) : nullptr;
    }
    template <class T>
    std::optional<T> load(wasm::GuestPtr<T> from) const {
        if (!memory_) return std::nullopt;
        return memory_.load(from);
    }
    template <class T>
    Errno store(wasm::GuestPtr<T> to, const T& value) const {
        return memory_ && memory_.store(to, value) ? Errno::Success : Errno::Fault;
    }
    Errno write(uint32_t to, const void* from, uint64_t bytes) const {
        return memory_ && memory_.write(wasm::GuestAddr{to}, from, bytes) ? Errno::Success : Errno::Fault;
    }

  private:
    wasm::Memory memory_;
};

#define WASI_TRY(expr)                                                                     \
    do {                                                                                   \
        if (const Errno try_errno = (expr); try_errno != Errno::Success) return try_errno; \
    } while (false)

}  // namespace shims::wasi
