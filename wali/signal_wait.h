// SPDX-License-Identifier: Apache-2.0
// Calls that wait under a signal mask of their own: ppoll, pselect6, epoll_pwait, rt_sigsuspend.
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

}  // namespace wali
