// SPDX-License-Identifier: Apache-2.0
// Waiting on descriptors under a signal mask.
#include "calls.h"
#include "dispatch.h"
#include "signal_wait.h"

namespace wali {

SysResult sys_pselect6(Call& call, FdSets sets, InOut<Timespec> timeout, InAt<SigsetArg> mask) {
    return wait_with_mask(call, mask, [&](const HostSigsetArg* host) {
        return call.kernel(sets.count, sets.kernel[0], sets.kernel[1], sets.kernel[2], timeout.kernel, host);
    });
}

SysResult sys_ppoll(Call& call, PollFds fds, InOut<Timespec> timeout, InAt<Sigset> set, Size bytes) {
    return wait_with_mask(call, set, bytes, [&](const uint64_t* mask) {
        return call.kernel(fds.kernel, fds.count, timeout.kernel, mask, kSigsetBytes);
    });
}

namespace {

// `wait(mask, array, count)`: the array of events as the kernel has it.
template <class F>
SysResult wait_for_events(Call& call, ArrayOut<EpollEvent> events, InAt<Sigset> set, Size bytes, F wait) {
    const KernelPointers guest{call.memory};
    Passed<ArrayOut<EpollEvent>> passed(guest, events);
    long array[2];
    passed.put(array);
    const SysResult result =
        wait_with_mask(call, set, bytes, [&](const uint64_t* mask) { return wait(mask, array[0], array[1]); });
    if (result.failed() || result.not_started() || result.stopped()) return result;
    return passed.come_back(guest, result.value()) ? result : SysResult::fail(EFAULT);
}

}  // namespace

SysResult sys_epoll_pwait(
    Call& call, Fd epoll, ArrayOut<EpollEvent> events, Milliseconds timeout, InAt<Sigset> set, Size bytes) {
    return wait_for_events(call, events, set, bytes, [&](const uint64_t* mask, long array, long count) {
        return call.kernel(epoll.value, array, count, timeout.value, mask, kSigsetBytes);
    });
}

SysResult sys_epoll_pwait2(
    Call& call, Fd epoll, ArrayOut<EpollEvent> events, In<Timespec> timeout, InAt<Sigset> set, Size bytes) {
    return wait_for_events(call, events, set, bytes, [&](const uint64_t* mask, long array, long count) {
        return call.kernel(epoll.value, array, count, timeout.kernel, mask, kSigsetBytes);
    });
}

}  // namespace wali
