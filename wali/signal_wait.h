// SPDX-License-Identifier: Apache-2.0
// Calls that wait under a signal mask of their own: ppoll, pselect6, epoll_pwait, io_pgetevents, rt_sigsuspend.
#pragma once

#include "dispatch.h"
#include "signals.h"

namespace wali {

// wait(mask) makes the call with a copy of the guest's mask, or null when the guest passes none. What interrupts it is
// then delivered under that mask.
template <class F>
SysResult wait_with_mask(Call& call, InAt<Sigset> set, Size bytes, F wait) {
    if (!set) return wait(nullptr);
    if (bytes.value != kSigsetBytes) return SysResult::fail(EINVAL);
    const auto mask = call.load(set.at);
    if (!mask) return SysResult::fail(EFAULT);
    const uint64_t host_mask = mask->bits & ~kFaults;
    call.thread.signals.set_wait_mask(mask->bits);
    const SysResult result = wait(&host_mask);
    if (!result.failed_with(EINTR)) call.thread.signals.set_wait_mask(std::nullopt);
    return result;
}

// The same for calls that have the set and its size in a structure, both 64 bits wide in the guest too.
struct HostSigsetArg {
    const uint64_t* set;
    uint64_t size;
};
template <class F>
SysResult wait_with_mask(Call& call, InAt<SigsetArg> argument, F wait) {
    InAt<Sigset> set;
    uint64_t bytes = 0;
    if (argument) {
        const auto guest = call.load(argument.at);
        if (!guest || guest->address > UINT32_MAX) return SysResult::fail(EFAULT);
        set.at.at = wasm::GuestAddr{static_cast<uint32_t>(guest->address)};
        bytes = guest->size;
    }
    const Size size{bytes > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(bytes)};
    return wait_with_mask(call, set, size, [&](const uint64_t* mask) {
        const HostSigsetArg host{mask, kSigsetBytes};
        return wait(&host);
    });
}

}  // namespace wali
