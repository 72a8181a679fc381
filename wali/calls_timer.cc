// SPDX-License-Identifier: Apache-2.0
// POSIX timers and message queue notifications: calls that are told about a signal to send, with a pointer inside.
#include "calls.h"
#include "dispatch.h"

#include <csignal>

namespace wali {

namespace {

sigevent host_event(const GuestSigevent& guest) {
    sigevent host{};
    host.sigev_value.sival_int = static_cast<int>(guest.value);
    host.sigev_signo = guest.signal;
    host.sigev_notify = guest.notify;
    host._sigev_un._tid = guest.thread;
    return host;
}

}  // namespace

SysResult sys_timer_create(Call& call, ClockId clock, InAt<GuestSigevent> event, Out<int32_t> id) {
    if (!event) return call.kernel(clock.value, nullptr, id.kernel);
    const auto guest = call.load(event.at);
    if (!guest) return SysResult::fail(EFAULT);
    const sigevent host = host_event(*guest);
    return call.kernel(clock.value, &host, id.kernel);
}

SysResult sys_mq_notify(Call& call, Fd queue, InAt<GuestSigevent> event) {
    if (!event) return call.kernel(queue.value, nullptr);
    const auto guest = call.load(event.at);
    if (!guest) return SysResult::fail(EFAULT);
    // With SIGEV_THREAD the kernel would read a cookie through the value and write to a socket; libc's business.
    if (guest->notify == SIGEV_THREAD) return SysResult::fail(EINVAL);
    const sigevent host = host_event(*guest);
    return call.kernel(queue.value, &host);
}

}  // namespace wali
