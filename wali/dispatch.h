// SPDX-License-Identifier: Apache-2.0
// From a row to a running call: Direct<kinds…> forwards to the kernel, Custom<kinds…> calls the function whose
// parameters are those kinds. Both decode first, strictly left to right, and answer EFAULT without a call when that
// fails. What is around every call (signals, restart, the result slot) is in dispatch.cc.
#pragma once

#include "host_forms.h"
#include "kinds.h"
#include "process.h"
#include "sys_result.h"
#include "table.h"

#include <wasm/host.h>

#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace wali {

// One syscall being made.
struct Call {
    wasm::Caller& caller;
    const wasm::Memory memory;
    GuestThread& thread;
    Process& process;
    const Row& row;

    // The row's own kernel call, with these arguments: noticing signals if the row's call can block.
    template <class... A>
    SysResult kernel(A... args) const {
        if (row.host_nr() < 0) [[unlikely]]
            return older({detail::register_of(args)...});
        return row.can_block() ? SysResult::from_kernel(kernel_interruptible(row.host_nr(), args...))
                               : SysResult::from_kernel(wali::kernel(row.host_nr(), args...));
    }

    // The same where this machine's kernel has no such call.
    SysResult older(std::array<long, 6> args) const;

    // Copies that survive any guest address; guest memory may change at any time, so decide on the copy.
    template <class T>
    std::optional<T> load(wasm::GuestPtr<T> at) const {
        if (!at) return std::nullopt;
        return memory.load(at);
    }
    template <class T>
    bool store(wasm::GuestPtr<T> at, const T& value) const {
        return at && memory.store(at, value);
    }
    // A host address for the kernel alone, like those of Args; bad_pointer() instead of one that needs and fails a
    // check.
    std::byte* kernel_range(wasm::GuestAddr at, uint64_t bytes) const;
};

template <class... K>
struct Kinds {
    static constexpr std::array<KindInfo, sizeof...(K)> kInfo{Kind<K>::kInfo...};
    static constexpr auto kParamsText = [] {
        std::array<char, (Kind<K>::kInfo.wasm.size() + ... + 1)> text{};
        size_t n = 0;
        [[maybe_unused]] auto put = [&](std::string_view letters) {
            for (const char c : letters) text[n++] = c;
        };
        (put(Kind<K>::kInfo.wasm), ...);
        return text;
    }();
    static constexpr std::string_view kParams{kParamsText.data(), kParamsText.size() - 1};
    static_assert(kParams.size() <= 6, "the kernel takes six arguments");
};

// Both are one function each with what they need inlined: after a system call, processors predict returns badly.
template <class... K>
struct Direct : Kinds<K...> {
    [[gnu::hot]] static SysResult run(Call& call, Args& args) {
        const std::tuple<K...> kinds{Kind<K>::decode(args)...};
        if (args.faulted()) return SysResult::fail(EFAULT);
        return forward(call, kinds, std::index_sequence_for<K...>{});
    }

  private:
    template <size_t... I>
    [[gnu::always_inline]] static inline SysResult forward(Call& call,
                                                           [[maybe_unused]] const std::tuple<K...>& kinds,
                                                           std::index_sequence<I...>) {
        [[maybe_unused]] const KernelPointers guest{call.memory};
        [[maybe_unused]] std::tuple<Passed<K>...> passed{Passed<K>(guest, std::get<I>(kinds))...};
        std::array<long, 6> r{};
        [[maybe_unused]] long* next = r.data();
        ((next = std::get<I>(passed).put(next)), ...);
        const SysResult result = call.kernel(r[0], r[1], r[2], r[3], r[4], r[5]);
        if constexpr ((Passed<K>::kComesBack || ...)) {
            if (result.failed() || result.not_started()) return result;
            if (!(std::get<I>(passed).come_back(guest, result.value()) && ...)) return SysResult::fail(EFAULT);
        }
        return result;
    }
};

template <auto Fn, class... K>
struct Custom : Kinds<K...> {
    [[gnu::hot]] static SysResult run(Call& call, Args& args) {
        const std::tuple<K...> kinds{Kind<K>::decode(args)...};
        if (args.faulted()) return SysResult::fail(EFAULT);
        return std::apply([&](const K&... k) { return Fn(call, k...); }, kinds);
    }
};

struct SyscallImport;
// The call, without its result slot.
SysResult make_syscall(wasm::Caller& caller, const wasm::Slot* slots, SyscallImport& import);

// What a resolved import carries: the row, and how this module declares it.
struct SyscallImport {
    const Row* row = nullptr;
    Process* process = nullptr;
    std::string name;  // as imported
    // What it does: make_syscall, unless the table has no such call.
    SysResult (*answer)(wasm::Caller& caller, const wasm::Slot* slots, SyscallImport& import) = &make_syscall;
    uint32_t params = 0;     // as declared
    uint32_t wide = 0;       // bit i: argument i is declared i64
    bool has_result = true;  // SYS_exit is sometimes declared without one
    std::atomic<bool> warned{false};
};
// The HostFn of every syscall; `env` is a SyscallImport.
wasm::HostOutcome enter_syscall(wasm::Caller& caller, wasm::Slot* slots, void* env);

}  // namespace wali
